// A request body, whole and no longer than it may be. Chunks are counted too: a body in very many tiny ones costs a parser far
// more than its bytes (CVE-2025-23310, CVE-2025-23311), and ours are counted before anybody else's have to be.
import type { IncomingMessage } from 'node:http';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';

const MOST_CHUNKS = 16_384;
const NOTHING = Buffer.alloc(0);

/** Bytes of bodies that all requests of this process hold together. */
export class HeldBytes {
  #held = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#most) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Calls `done` once, with the body or why there is none. What was taken from `held` is given back by calling `release`.
 * @returns a function that gives up: `done` is not called any more, and nothing is held
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  held: HeldBytes,
  done: (body: Buffer | Refusal, release: () => void) => void,
): () => void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isDone = false;
  const release = (): void => {
    held.give(length);
    length = 0;
  };
  const finish = (body: Buffer | Refusal): void => {
    if (isDone) return;
    isDone = true;
    request.off('data', onData).off('end', onEnd);
    done(body, release);
  };
  const onData = (chunk: Buffer): void => {
    if (length + chunk.length > maxBytes)
      return finish(refuse('too-large', `the body has more than ${maxBytes} bytes`));
    if (chunks.length >= MOST_CHUNKS)
      return finish(refuse('bad-framing', `the body comes in more than ${MOST_CHUNKS} chunks`));
    if (!held.take(chunk.length))
      return finish(refuse('overloaded', 'all bodies together hold too much memory', { retryAfter: 1 }));
    length += chunk.length;
    chunks.push(chunk);
  };
  const onEnd = (): void => finish(chunks.length === 1 ? (chunks[0] ?? NOTHING) : Buffer.concat(chunks, length));
  request.on('data', onData).on('end', onEnd);
  return () => {
    if (isDone) return;
    isDone = true;
    request.off('data', onData).off('end', onEnd);
    release();
  };
}
