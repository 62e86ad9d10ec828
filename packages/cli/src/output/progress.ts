// Progress on stderr: one line that is rewritten on a terminal, nothing in CI or in a pipe.
import type { Writable } from 'node:stream';
import { printable } from './style.js';

export interface Progress {
  readonly say: (message: string) => void;
  readonly done: () => void;
}

export function makeProgress(stream: Writable, enabled: boolean, columns: number): Progress {
  if (!enabled) return { say: () => undefined, done: () => undefined };
  return {
    say: (message) => void stream.write(`\r\u001b[2K${printable(message).slice(0, columns - 1)}`),
    done: () => void stream.write('\r\u001b[2K'),
  };
}
