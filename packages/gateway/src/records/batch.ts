// What a worker and the primary say to each other about records. Entries travel as one run of bytes: a message of 256 objects
// would cost more than the records themselves. The channel is the cluster's own, with `serialization: 'advanced'`.
import { VallumError } from '@vallum/core';
import { DECISION_LIMIT } from './encode.js';

/** Entries of one batch. */
export const BATCH_ENTRIES = 256;

export interface RecordBatch {
  readonly type: 'records';
  /** Which life of a worker sends it: random for each start, so that numbers never mean another batch. */
  readonly life: string;
  /** Counted from 1 in that life. */
  readonly seq: number;
  /** Each entry behind its length in two bytes, big-endian. */
  readonly entries: Uint8Array;
}

export interface RecordAck {
  readonly type: 'records-ack';
  readonly life: string;
  readonly seq: number;
  /** True once the batch is durable; false: keep it and send it again when told so. */
  readonly ok: boolean;
}

export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
  const packed = Buffer.allocUnsafe(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  let at = 0;
  for (const entry of entries) {
    at = packed.writeUInt16BE(entry.length, at);
    packed.set(entry, at);
    at += entry.length;
  }
  return packed;
}

/** @throws VallumError `RECORDS_BATCH` where the bytes are not what `packEntries` makes of at most 256 entries of 4 KiB */
export function unpackEntries(packed: Uint8Array): readonly Uint8Array[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    at += 2;
    if (length === 0 || length > DECISION_LIMIT || at + length > bytes.length || entries.length === BATCH_ENTRIES)
      throw new VallumError('RECORDS_BATCH', 'a worker sent records that cannot be read', {}, 'internal');
    entries.push(bytes.subarray(at, at + length));
    at += length;
  }
  return entries;
}
