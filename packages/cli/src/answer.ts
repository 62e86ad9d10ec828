// What a command gives back: an exit code and the same content twice, for people and for machines.
import type { Clock, Disk, Sha256 } from '@vallum/core';
import type { ExitCode } from './exit.js';
import type { Progress } from './output/progress.js';
import type { Style } from './output/style.js';

export interface Answer {
  readonly exit: ExitCode;
  readonly text: string;
  /** A documented, versioned value with a `schema`; see docs/json-output.md. */
  readonly json: object;
}

/** What a command gets from the outside. */
export interface Io {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly keysFolder: string;
  /** Folder of the project, absolute or relative to the working directory. */
  readonly folder: string;
  readonly trustRoot?: Sha256;
  readonly style: Style;
  readonly progress: Progress;
  /** One line for the person at once, whatever becomes of the command; standard error, in text mode only. */
  readonly notice: (line: string) => void;
}
