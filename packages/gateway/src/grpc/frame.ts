// gRPC's length-prefixed message: five bytes in front (flag, length), then the message. A unary stream holds exactly one.
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

/** One byte that says whether the message is compressed, four of length, big-endian (gRPC, PROTOCOL-HTTP2.md). */
export const PREFIX_BYTES = 5;
const FIRST_BYTES = 16 * 1024;
const EMPTY = Buffer.alloc(0);

/** The five bytes that go before `message`, which has to be shorter than 4 GiB. */
export function prefixOf(message: Buffer): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = 0;
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}

/**
 * Collects the one message of a stream from chunks of any size. The sender chooses the length it claims, the chunks it
 * sends and when it stops, so memory follows what arrived (at most twice that), never what was claimed.
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixed = 0;
  #length = 0;
  #message: Buffer = EMPTY;
  /** Bytes of the message that are in `#message`. */
  #filled = 0;

  /** @param maxBytes Longest message, without its prefix. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are kept: what a budget of memory has to count. */
  get held(): number {
    return this.#message.length;
  }

  /** @returns `unsupported-type` for a compressed message, `too-large` as soon as the length is known, `bad-framing` */
  push(chunk: Buffer): Refusal | undefined {
    const rest = this.#prefixed < PREFIX_BYTES ? this.#readPrefix(chunk) : chunk;
    if (!Buffer.isBuffer(rest)) return rest;
    if (rest.length === 0) return undefined;
    if (this.#filled + rest.length > this.#length)
      return refuse('bad-framing', 'bytes or a second message follow the one message of a unary call');
    if (this.#filled === 0 && rest.length === this.#length) this.#message = rest;
    else this.#append(rest);
    this.#filled += rest.length;
    return undefined;
  }

  /** The message once the stream has ended; it may be a view of the last chunk. */
  finish(): Buffer | Refusal {
    if (this.#prefixed < PREFIX_BYTES) return refuse('bad-framing', 'the stream ended before its message began');
    if (this.#filled < this.#length)
      return refuse('bad-framing', `the stream ended after ${this.#filled} of ${this.#length} bytes of its message`);
    return this.#message.subarray(0, this.#length);
  }

  #readPrefix(chunk: Buffer): Buffer | Refusal {
    const taken = Math.min(PREFIX_BYTES - this.#prefixed, chunk.length);
    chunk.copy(this.#prefix, this.#prefixed, 0, taken);
    this.#prefixed += taken;
    if (this.#prefixed === PREFIX_BYTES) {
      if (this.#prefix[0] === 1) return refuse('unsupported-type', 'the message is compressed');
      if (this.#prefix[0] !== 0) return refuse('bad-framing', 'the flag of the message is neither 0 nor 1');
      this.#length = this.#prefix.readUInt32BE(1);
      if (this.#length > this.#maxBytes)
        return refuse('too-large', `the message has ${this.#length} bytes; ${this.#maxBytes} are allowed`);
    }
    return chunk.subarray(taken);
  }

  #append(bytes: Buffer): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#message.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#length, Math.max(FIRST_BYTES, 2 * needed)));
      this.#message.copy(grown, 0, 0, this.#filled);
      this.#message = grown;
    }
    bytes.copy(this.#message, this.#filled);
  }
}
