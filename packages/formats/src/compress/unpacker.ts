// How every decompressor of this package works: a generator that yields either the range of the input that it needs next
// or a piece of what came out. So it is pure, holds no whole file, and whoever drives it stops when a budget is spent
// (CWE-409): a stream of a few bytes can unpack to anything, and what it says about its size is the attacker's.
import type { Range, Source } from '../bytes/parser.js';

/** A piece of what came out; its bytes are valid until the next step. */
export interface Output {
  readonly bytes: Uint8Array;
}

export interface Unpacked {
  /** Offset behind the last byte of the input that belongs to the stream. */
  readonly end: number;
  /** Why not everything came out, or came out wrong; what was yielded before it stands. */
  readonly fault?: Fault;
}

export interface Fault {
  /** `mismatch`: all came out, and a checksum or a length says otherwise. `unsupported`: it may be whole. */
  readonly kind: 'broken' | 'cut-off' | 'mismatch' | 'unsupported';
  readonly message: string;
}

export type Unpacker = Generator<Range | Output, Unpacked, Uint8Array>;

export const broken = (message: string): Fault => ({ kind: 'broken', message });
export const cutOff = (message: string): Fault => ({ kind: 'cut-off', message });
export const mismatch = (message: string): Fault => ({ kind: 'mismatch', message });
export const unsupported = (message: string): Fault => ({ kind: 'unsupported', message });

/** Drives an unpacker over a source. Dropping it early is fine: nothing is open. */
export async function* unpack(
  unpacker: Unpacker,
  source: Source,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, Unpacked> {
  let step = unpacker.next();
  while (step.done !== true) {
    const { value } = step;
    if ('bytes' in value) {
      yield value.bytes;
      step = unpacker.next(EMPTY);
    } else {
      signal?.throwIfAborted();
      const { offset, length } = value;
      const left = Math.max(0, Math.min(length, source.size - offset));
      step = unpacker.next(left === 0 ? EMPTY : await source.read(offset, left));
    }
  }
  return step.value;
}

export interface UnpackedBytes extends Unpacked {
  readonly bytes: Uint8Array;
  /** More than `maxBytes` would have come out. */
  readonly cut: boolean;
}

/** The whole of a small stream at once; stops behind `maxBytes`. */
export function unpackBytes(unpacker: Unpacker, input: Uint8Array, maxBytes: number): UnpackedBytes {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let step = unpacker.next();
  while (step.done !== true) {
    const { value } = step;
    if ('bytes' in value) {
      pieces.push(value.bytes.slice());
      length += value.bytes.length;
      if (length > maxBytes)
        return { bytes: Buffer.concat(pieces, length).subarray(0, maxBytes), cut: true, end: input.length };
      step = unpacker.next(EMPTY);
    } else step = unpacker.next(input.subarray(value.offset, value.offset + value.length));
  }
  return { ...step.value, bytes: Buffer.concat(pieces, length), cut: false };
}

const EMPTY = new Uint8Array(0);
