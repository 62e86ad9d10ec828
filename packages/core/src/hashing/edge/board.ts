// What the threads of one call share: bytes hashed so far, and whether to stop. No message is sent for either.
import { VallumError } from '../../errors.js';

const SIZE = 16;

/** What ends the work of a thread after another failed or the caller gave up; never the error that is told. */
export const STOPPED = 'HASH_STOPPED';

export class Board {
  readonly memory: SharedArrayBuffer;
  readonly #flag: Int32Array;
  readonly #bytes: BigUint64Array;

  constructor(memory = new SharedArrayBuffer(SIZE)) {
    this.memory = memory;
    this.#flag = new Int32Array(memory, 0, 1);
    this.#bytes = new BigUint64Array(memory, 8, 1);
  }

  get bytes(): number {
    return Number(Atomics.load(this.#bytes, 0));
  }

  /** @throws VallumError `HASH_STOPPED` once `stop` was called by anyone */
  add(bytes: number): void {
    Atomics.add(this.#bytes, 0, BigInt(bytes));
    if (Atomics.load(this.#flag, 0) !== 0) throw new VallumError(STOPPED, 'the work was stopped');
  }

  stop(): void {
    Atomics.store(this.#flag, 0, 1);
  }
}
