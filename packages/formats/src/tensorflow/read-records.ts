// TFRecord files, event files of TensorBoard among them: records with their length, a checksum of the length, and a
// checksum of the data. The checksum of the first length tells such a file from any other.
import type { Parser } from '../bytes/parser.js';
import { Window } from '../bytes/window.js';

export interface RecordsReport {
  readonly records: number;
  readonly fault?: string;
}

const HEADER = 12;
const FOOTER = 4;
const MAX_RECORDS = 2_000_000;

export function* isRecordFile(size: number): Parser<boolean> {
  if (size < HEADER + FOOTER) return false;
  const length = lengthOf(yield { offset: 0, length: HEADER });
  return length !== undefined && length < 2 ** 40;
}

/** Walks over all records without reading them. */
export function* readRecords(size: number): Parser<RecordsReport> {
  const window = new Window(size);
  let records = 0;
  for (let at = 0; at < size; records++) {
    if (records >= MAX_RECORDS) return { records, fault: `it has more than ${MAX_RECORDS} records` };
    const length = lengthOf(yield* window.take(at, HEADER));
    if (length === undefined) return { records, fault: 'the length of a record does not match its checksum' };
    at += HEADER + length + FOOTER;
    if (at > size) return { records, fault: 'a record reaches beyond the end' };
  }
  return { records };
}

function lengthOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER) return undefined;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (masked(crc32c(bytes.subarray(0, 8))) !== data.getUint32(8, true)) return undefined;
  return Number(data.getBigUint64(0, true));
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, bit by bit: only eight bytes at a time are ever checked. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
