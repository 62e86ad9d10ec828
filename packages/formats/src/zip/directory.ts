// Finds the central directory of a zip: the end record at the tail, its 64-bit form, and the records themselves. Readers
// differ in which end record they take, in whether they follow the offset in it or what stands in front of it, and in
// which of the two forms they believe: every directory that one of them would find is handed on.
import type { Parser } from '../bytes/parser.js';
import type { ZipLimits, ZipProblem } from './problems.js';
import type { CentralFields } from './records.js';
import { END, END64, END_BYTES, LOCATOR64, readCentral, view } from './records.js';

const TAIL = END_BYTES + 0xffff;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
/** Bytes of the directory that are read at once; no record is longer. */
const RECORDS = 256 * 1024;
/** End records that are looked at. */
const MAX_ENDS = 16;

export interface Directory {
  readonly entries: readonly CentralFields[];
  /** Add to the offsets in the records: bytes stand before the archive. */
  readonly shift: number;
  readonly start: number;
  /** Offset behind the directory. */
  readonly end: number;
  readonly fault?: string;
}

export interface EndRecord {
  readonly at: number;
  /** Offset behind the record and its comment. */
  readonly end: number;
  /** Where a reader would look for the directory, the likeliest first. */
  readonly places: readonly Place[];
}

interface Place {
  readonly count: number;
  readonly size: number;
  /** As the record says. */
  readonly offset: number;
  /** Where the records end: the end record, or its 64-bit form. */
  readonly recordsEnd: number;
}

type Tell = (problem: ZipProblem) => void;

/** The end record that most readers take, and further ones: one inside an entry belongs to an archive inside this one. */
export function* readEnds(
  size: number,
  problem: Tell,
): Parser<{ readonly main: EndRecord; readonly others: readonly EndRecord[] } | undefined> {
  const tailStart = Math.max(0, size - TAIL);
  const tail = yield { offset: tailStart, length: size - tailStart };
  const ends = findEnds(tail);
  const last = ends.findLast((at) => tailStart + at + END_BYTES + view(tail).getUint16(at + 20, true) === size);
  const main = last ?? ends.at(-1);
  if (main === undefined) return undefined;
  const others: EndRecord[] = [];
  for (const at of ends.filter((other) => other !== main).slice(-MAX_ENDS))
    others.push(yield* readEnd(tail, at, tailStart, () => {}));
  return { main: yield* readEnd(tail, main, tailStart, problem), others };
}

function findEnds(tail: Uint8Array): number[] {
  const found: number[] = [];
  const data = view(tail);
  for (let at = 0; at + END_BYTES <= tail.length; at++)
    if (tail[at] === 0x50 && data.getUint32(at, true) === END) found.push(at);
  return found;
}

function* readEnd(tail: Uint8Array, at: number, tailStart: number, problem: Tell): Parser<EndRecord> {
  const data = view(tail);
  const narrow: Place = {
    count: data.getUint16(at + 10, true),
    size: data.getUint32(at + 12, true),
    offset: data.getUint32(at + 16, true),
    recordsEnd: tailStart + at,
  };
  const record = { at: tailStart + at, end: tailStart + at + END_BYTES + data.getUint16(at + 20, true) };
  const locator = at - LOCATOR_BYTES;
  if (locator < 0 || data.getUint32(locator, true) !== LOCATOR64) return { ...record, places: [narrow] };
  // Python reads the 64-bit record in front of its locator, others where the locator points.
  const pointed = yield* readWide(Number(data.getBigUint64(locator + 8, true)));
  const adjacent = yield* readWide(tailStart + locator - END64_BYTES);
  const wide = [adjacent, pointed].filter((place) => place !== undefined);
  const [first] = wide;
  if (first === undefined) return { ...record, places: [narrow] };
  const telling = (message: string): void => problem({ code: 'zip64', message, offset: record.at });
  if (wide.some((place) => place.size !== first.size || place.offset !== first.offset))
    telling('two 64-bit end records stand where readers look for one');
  const differs =
    (narrow.count !== 0xffff && narrow.count !== first.count) ||
    (narrow.size !== 0xffffffff && narrow.size !== first.size) ||
    (narrow.offset !== 0xffffffff && narrow.offset !== first.offset);
  if (differs) telling('its end record and the 64-bit one disagree');
  return { ...record, places: differs ? [...wide, narrow] : wide };
}

function* readWide(at: number): Parser<Place | undefined> {
  const bytes = yield { offset: at, length: END64_BYTES };
  if (bytes.length < END64_BYTES || view(bytes).getUint32(0, true) !== END64) return undefined;
  const data = view(bytes);
  const long = (from: number): number => Number(data.getBigUint64(from, true));
  return { count: long(32), size: long(40), offset: long(48), recordsEnd: at };
}

/** Every directory that a reader of this end record would take, the likeliest first; one start is taken once. */
export function* readDirectories(record: EndRecord, limits: ZipLimits, problem: Tell): Parser<readonly Directory[]> {
  const found = new Map<number, Directory>();
  for (const place of record.places) {
    const near = yield* readAt(place, place.recordsEnd - place.size, limits);
    if (!found.has(near.start)) found.set(near.start, near);
    if (near.shift === 0) continue;
    const far = yield* readAt(place, place.offset, limits);
    if (far.entries.length === 0)
      problem({
        code: 'prefix',
        message: `the directory is ${near.shift} bytes from where the end record points`,
        offset: near.start,
      });
    else if (!found.has(far.start)) {
      problem({
        code: 'two-directories',
        message: `another directory stands where the end record points, at ${far.start}`,
        offset: far.start,
      });
      found.set(far.start, far);
    }
  }
  return [...found.values()];
}

function* readAt(place: Place, start: number, limits: ZipLimits): Parser<Directory> {
  const shift = start - place.offset;
  const empty = { entries: [], shift: 0, start: Math.max(0, start), end: place.recordsEnd };
  if (start < 0) return { ...empty, fault: 'the directory is larger than the file' };
  if (place.size > limits.maxDirectory)
    return { ...empty, fault: `the directory has ${place.size} bytes, more than ${limits.maxDirectory}` };
  const entries = yield* readRecords(start, place.size, limits.maxEntries);
  const found = { entries, shift, start, end: start + place.size };
  if (entries.length > limits.maxEntries)
    return { ...found, entries: entries.slice(0, limits.maxEntries), fault: `more than ${limits.maxEntries} entries` };
  if (entries.length !== place.count)
    return { ...found, fault: `the end record counts ${place.count} entries and ${entries.length} can be read` };
  return found;
}

function* readRecords(start: number, length: number, maxEntries: number): Parser<CentralFields[]> {
  const entries: CentralFields[] = [];
  let bytes: Uint8Array = new Uint8Array(0);
  let base = start;
  for (let at = start; at < start + length && entries.length <= maxEntries;) {
    let entry = readCentral(bytes, at - base);
    if (entry === undefined) {
      bytes = yield { offset: at, length: Math.min(RECORDS, start + length - at) };
      base = at;
      entry = readCentral(bytes, 0);
    }
    if (entry === undefined) break;
    entries.push(entry);
    at += entry.length;
  }
  return entries;
}
