// Finds the central directory of a zip: the end record at the tail, its 64-bit form, and the records themselves.
// More than one end record, or a directory that is not where the end record says, means two readers see two archives.
import type { Parser } from '../bytes/parser.js';
import type { ZipLimits, ZipProblem } from './problems.js';
import type { CentralFields } from './records.js';
import { END, END64, END_BYTES, LOCATOR64, readCentral, view } from './records.js';

const TAIL = END_BYTES + 0xffff;
const LOCATOR_BYTES = 20;

export interface Directory {
  readonly entries: readonly CentralFields[];
  /** Add to the offsets in the records: bytes stand before the archive. */
  readonly shift: number;
  readonly start: number;
  /** Offset behind the end record and its comment. */
  readonly end: number;
  /** Offsets of further end records; one inside an entry belongs to an archive inside this one. */
  readonly otherEnds: readonly number[];
  readonly fault?: string;
}

interface EndRecord {
  readonly at: number;
  readonly end: number;
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the records end: the end record, or its 64-bit form. */
  readonly recordsEnd: number;
}

/** Undefined when there is no end record at all. */
export function* readDirectory(
  size: number,
  limits: ZipLimits,
  problem: (problem: ZipProblem) => void,
): Parser<Directory | undefined> {
  const tailStart = Math.max(0, size - TAIL);
  const tail = yield { offset: tailStart, length: size - tailStart };
  const ends = findEnds(tail);
  const last = ends.findLast((at) => tailStart + at + END_BYTES + view(tail).getUint16(at + 20, true) === size);
  const at = last ?? ends.at(-1);
  if (at === undefined) return undefined;
  const record = yield* readEnd(tail, at, tailStart);
  const otherEnds = ends.filter((other) => other !== at).map((other) => tailStart + other);
  if (record.size > limits.maxDirectory)
    return {
      ...empty(record, otherEnds),
      fault: `the directory has ${record.size} bytes, more than ${limits.maxDirectory}`,
    };
  const actual = record.recordsEnd - record.size;
  if (actual < 0) return { ...empty(record, otherEnds), fault: 'the directory is larger than the file' };
  const bytes = yield { offset: actual, length: record.size };
  const entries = readRecords(bytes, limits.maxEntries);
  const shift = actual - record.offset;
  if (shift !== 0) yield* compareDeclared(record, actual, bytes, problem);
  const found = { entries, shift, start: actual, end: record.end, otherEnds };
  if (entries.length > limits.maxEntries)
    return { ...found, entries: entries.slice(0, limits.maxEntries), fault: `more than ${limits.maxEntries} entries` };
  if (entries.length !== record.count)
    return { ...found, fault: `the end record counts ${record.count} entries and ${entries.length} can be read` };
  return found;
}

function empty(record: EndRecord, otherEnds: readonly number[]): Directory {
  return { entries: [], shift: 0, start: record.recordsEnd, end: record.end, otherEnds };
}

function findEnds(tail: Uint8Array): number[] {
  const found: number[] = [];
  const data = view(tail);
  for (let at = 0; at + END_BYTES <= tail.length; at++)
    if (tail[at] === 0x50 && data.getUint32(at, true) === END) found.push(at);
  return found;
}

function* readEnd(tail: Uint8Array, at: number, tailStart: number): Parser<EndRecord> {
  const data = view(tail);
  const narrow = {
    at: tailStart + at,
    end: tailStart + at + END_BYTES + data.getUint16(at + 20, true),
    count: data.getUint16(at + 10, true),
    size: data.getUint32(at + 12, true),
    offset: data.getUint32(at + 16, true),
    recordsEnd: tailStart + at,
  };
  const locatorAt = at - LOCATOR_BYTES;
  if (locatorAt < 0 || data.getUint32(locatorAt, true) !== LOCATOR64) return narrow;
  const wideAt = Number(data.getBigUint64(locatorAt + 8, true));
  const bytes = yield { offset: wideAt, length: 56 };
  if (bytes.length < 56 || view(bytes).getUint32(0, true) !== END64) return narrow;
  const wide = view(bytes);
  return {
    ...narrow,
    count: Number(wide.getBigUint64(32, true)),
    size: Number(wide.getBigUint64(40, true)),
    offset: Number(wide.getBigUint64(48, true)),
    recordsEnd: wideAt,
  };
}

function readRecords(bytes: Uint8Array, maxEntries: number): CentralFields[] {
  const entries: CentralFields[] = [];
  for (let at = 0; at < bytes.length && entries.length <= maxEntries;) {
    const entry = readCentral(bytes, at);
    if (entry === undefined) break;
    entries.push(entry);
    at += entry.length;
  }
  return entries;
}

function* compareDeclared(
  record: EndRecord,
  actual: number,
  bytes: Uint8Array,
  problem: (problem: ZipProblem) => void,
): Parser<void> {
  const declared = yield { offset: record.offset, length: Math.min(record.size, 64 * 1024) };
  const other = readCentral(declared, 0);
  if (other !== undefined && Buffer.compare(declared, bytes.subarray(0, declared.length)) !== 0)
    problem({
      code: 'two-directories',
      message: `another directory stands where the end record points, at ${record.offset}`,
      offset: record.offset,
    });
  else
    problem({
      code: 'prefix',
      message: `the directory is ${actual - record.offset} bytes from where the end record points`,
      offset: actual,
    });
}
