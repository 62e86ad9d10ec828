// How many bytes of messages one process holds at once, over all callers: each call's size is bounded, their sum is not.

export class HeldBytes {
  readonly #most: number;
  #held = 0;

  /** @param most Bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  get held(): number {
    return this.#held;
  }

  /** For one call; give it back with `release`. */
  lease(): HeldLease {
    let mine = 0;
    return {
      add: (bytes) => {
        if (this.#held + bytes > this.#most) return false;
        this.#held += bytes;
        mine += bytes;
        return true;
      },
      release: () => {
        this.#held -= mine;
        mine = 0;
      },
    };
  }
}

export interface HeldLease {
  /** False when there is no room for so many bytes more; then nothing was taken. */
  add(bytes: number): boolean;
  release(): void;
}
