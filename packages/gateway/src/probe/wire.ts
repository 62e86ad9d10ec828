// What a probe needs of the network: one connection, bytes out, bytes back. No client library stands between, for it would
// refuse to send what has to be sent.

/** Bytes that are sent at once; a long one is made while it is sent, and anew each time that it is. */
export type Step = Iterable<Uint8Array>;

export interface Heard {
  /** What came after this step and before the next one. */
  readonly bytes: Buffer;
  /** `closed` by the other side; `unreachable` when there never was a connection. */
  readonly end: 'open' | 'closed' | 'unreachable';
}

export interface Patience {
  /** Until a first whole answer, in milliseconds from when all is sent. */
  readonly answerMs: number;
  /** For more answers after it. */
  readonly quietMs: number;
}

export interface Wire {
  /** Steps one after the other on a connection of their own; ends early when it is closed. Never rejects. */
  readonly talk: (steps: readonly Step[], patience: Patience) => Promise<readonly Heard[]>;
}
