// Reads a zip by two views: the central directory, as most tools do, and the local headers, as streaming tools and
// torch's loader partly do. Attackers live in the difference (CVE-2025-10156, CVE-2025-1944, CVE-2025-1945; NullifAI):
// every disagreement is a problem, and the entries of both views are handed on to be examined.
import type { Parser } from '../bytes/parser.js';
import { readDirectory } from './directory.js';
import type { CentralFields, LocalFields } from './records.js';
import { FLAG, LOCAL, LOCAL_BYTES, readLocal, view } from './records.js';
import type { ZipLimits, ZipProblem, ZipProblemCode } from './problems.js';
import { ZIP_LIMITS } from './problems.js';

export interface ZipEntry {
  readonly name: string;
  /** The header that speaks of it; `local` entries are in no directory. */
  readonly view: 'central' | 'local';
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly method: number;
  readonly compressed: number;
  readonly size: number;
  readonly crc: number;
  readonly directory: boolean;
}

export interface ZipReport {
  readonly entries: readonly ZipEntry[];
  readonly problems: readonly ZipProblem[];
  /** Why parts of the archive could not be read; each makes the scan inconclusive. */
  readonly faults: readonly string[];
  /** Offset behind the archive. */
  readonly end: number;
}

export function* readZip(size: number, limits: ZipLimits = ZIP_LIMITS): Parser<ZipReport> {
  const reader = new ZipReader(size, limits);
  return yield* reader.read();
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

const MAX_PROBLEMS = 500;
const MAX_HIDDEN = 1000;

class ZipReader {
  readonly #size: number;
  readonly #limits: ZipLimits;
  readonly #problems: ZipProblem[] = [];
  readonly #faults: string[] = [];
  readonly #entries: ZipEntry[] = [];
  readonly #extents: Extent[] = [];
  #hiddenLeft = MAX_HIDDEN;

  constructor(size: number, limits: ZipLimits) {
    this.#size = size;
    this.#limits = limits;
  }

  *read(): Parser<ZipReport> {
    const directory = yield* readDirectory(this.#size, this.#limits, (problem) => this.#problem(problem));
    if (directory === undefined) this.#faults.push('it has no end record');
    if (directory?.fault !== undefined) this.#faults.push(directory.fault);
    const end = directory?.end ?? this.#size;
    for (const central of directory?.entries ?? []) yield* this.#central(central, directory?.shift ?? 0);
    for (const offset of directory?.otherEnds ?? [])
      if (!this.#extents.some((extent) => offset >= extent.start && offset < extent.end))
        this.#problem({ code: 'two-ends', message: 'another end record stands outside the entries', offset });
    if (directory !== undefined) this.#extents.push({ start: directory.start, end });
    yield* this.#gaps(end);
    this.#names();
    if (end < this.#size)
      this.#problem({ code: 'suffix', message: `${this.#size - end} bytes stand behind the archive`, offset: end });
    return { entries: this.#entries, problems: this.#problems, faults: this.#faults, end };
  }

  #problem(problem: ZipProblem): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }

  *#central(central: CentralFields, shift: number): Parser<void> {
    const headerOffset = central.offset + shift;
    const local = yield* this.#localAt(headerOffset);
    const entry = central.name;
    const at = { offset: headerOffset, entry };
    if (((central.attributes >>> 16) & 0xf000) === 0xa000)
      this.#problem({ code: 'link', message: 'it is a symbolic link', ...at });
    if (local === undefined) {
      this.#problem({ code: 'no-local', message: 'no local header stands where the directory points', ...at });
      this.#faults.push(`the entry ${JSON.stringify(entry)} has no data`);
      return;
    }
    this.#compare(central, local, headerOffset);
    const dataOffset = headerOffset + local.length;
    const end = dataOffset + central.compressed;
    if (end > this.#size) this.#faults.push(`the entry ${JSON.stringify(entry)} reaches beyond the end`);
    this.#extents.push({ start: headerOffset, end });
    this.#add(central, 'central', headerOffset, dataOffset);
    // A reader that trusts the local header gets other data, so both are examined.
    const differs = local.method !== central.method || (hasSizes(local) && local.compressed !== central.compressed);
    if (differs) this.#add(local, 'local', headerOffset, dataOffset);
  }

  #add(fields: CentralFields | LocalFields, from: ZipEntry['view'], headerOffset: number, dataOffset: number): void {
    const { name, method, crc, size } = fields;
    const room = Math.max(0, this.#size - dataOffset);
    const compressed = Math.min(room, hasSizes(fields) || from === 'central' ? fields.compressed : room);
    const directory = name.endsWith('/') && compressed === 0;
    this.#entries.push({ name, view: from, headerOffset, dataOffset, method, compressed, size, crc, directory });
  }

  #compare(central: CentralFields, local: LocalFields, offset: number): void {
    const entry = central.name;
    const tell = (code: ZipProblemCode, message: string): void => this.#problem({ code, message, offset, entry });
    if (central.name !== local.name)
      tell('name', `the local header calls it ${JSON.stringify(local.name.slice(0, 200))}`);
    if (central.method !== local.method) tell('method', `stored by method ${central.method} or ${local.method}`);
    if (hasSizes(local)) {
      if (central.compressed !== local.compressed || central.size !== local.size)
        tell(
          'size',
          `its sizes are ${central.size} or ${local.size} bytes, ${central.compressed} or ${local.compressed} packed`,
        );
      if (central.crc !== local.crc) tell('crc', 'the two headers give two checksums');
    }
    const odd = FLAG.patched | FLAG.strong | FLAG.masked;
    if (((central.flags ^ local.flags) & (odd | FLAG.encrypted)) !== 0 || ((central.flags | local.flags) & odd) !== 0)
      tell('flags', 'its flags differ, or say something that no model file needs');
    else if ((central.flags & FLAG.encrypted) !== 0) tell('encrypted', 'it is marked as encrypted');
  }

  *#localAt(offset: number): Parser<LocalFields | undefined> {
    if (offset < 0 || offset + LOCAL_BYTES > this.#size) return undefined;
    let bytes = yield { offset, length: Math.min(4096, this.#size - offset) };
    if (bytes.length < LOCAL_BYTES) return undefined;
    const length = LOCAL_BYTES + view(bytes).getUint16(26, true) + view(bytes).getUint16(28, true);
    if (length > bytes.length) bytes = yield { offset, length };
    return readLocal(bytes);
  }

  /** Whatever no entry of the directory covers is searched for local headers. */
  *#gaps(end: number): Parser<void> {
    const sorted = [...this.#extents].sort((a, b) => a.start - b.start || a.end - b.end);
    let at = 0;
    let budget = this.#limits.maxGap;
    for (const extent of [...sorted, { start: end, end }]) {
      if (extent.start < at && extent.end > extent.start && at <= end)
        this.#problem({ code: 'overlap', message: 'two entries share the same bytes', offset: extent.start });
      if (extent.start > at) {
        const length = Math.min(extent.start - at, budget);
        if (length < extent.start - at)
          this.#faults.push(`${extent.start - at} bytes outside the entries are too many to search`);
        budget -= length;
        yield* this.#gap(at, at + length);
      }
      at = Math.max(at, extent.end);
    }
  }

  *#gap(start: number, end: number): Parser<void> {
    let hidden = 0;
    let foreign = false;
    for (let at = start; at < end;) {
      const bytes = yield { offset: at, length: Math.min(end - at + 3, 256 * 1024) };
      if (bytes.length < 4) break;
      if (at === start) foreign = !isFiller(bytes.subarray(0, end - start), start);
      const data = view(bytes);
      let index = 0;
      while (index + 4 <= bytes.length) {
        const signature = bytes[index] === 0x50 && data.getUint32(index, true) === LOCAL;
        const local = signature ? yield* this.#localAt(at + index) : undefined;
        if (local === undefined) index += 1;
        else {
          hidden += 1;
          if (!this.#hidden(local, at + index)) return;
          index += local.length + (hasSizes(local) ? local.compressed : 0);
        }
      }
      at += Math.max(1, index);
    }
    if (hidden === 0 && foreign)
      this.#problem({
        code: start === 0 ? 'prefix' : 'gap',
        message: `${end - start} bytes belong to no entry`,
        offset: start,
      });
  }

  /** Notes a local entry that no directory lists; false when there are too many. */
  #hidden(local: LocalFields, offset: number): boolean {
    this.#problem({ code: 'hidden', message: 'it is in no directory', offset, entry: local.name });
    this.#hiddenLeft -= 1;
    if (this.#hiddenLeft < 0 || this.#entries.length >= this.#limits.maxEntries) {
      this.#faults.push('it has more hidden entries than are read');
      return false;
    }
    this.#add(local, 'local', offset, offset + local.length);
    return true;
  }

  #names(): void {
    const seen = new Set<string>();
    for (const { name, headerOffset: offset, view: from } of this.#entries) {
      const parts = name.split(/[/\\]/);
      const at = { offset, entry: name };
      if (parts.includes('..') || /^[/\\]|^[A-Za-z]:/.test(name))
        this.#problem({ code: 'traversal', message: 'its name leads out of the folder it is unpacked to', ...at });
      if (hasControl(name) || name.includes('\\') || name === '')
        this.#problem({ code: 'odd-name', message: 'its name holds characters that tools read differently', ...at });
      const key = name.toLowerCase();
      if (from === 'central' && seen.has(key))
        this.#problem({ code: 'duplicate', message: 'another entry has the same name', ...at });
      seen.add(key);
    }
  }
}

function hasSizes(fields: CentralFields | LocalFields): boolean {
  return (fields.flags & FLAG.descriptor) === 0 || fields.compressed !== 0;
}

function hasControl(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 0x20) return true;
  return false;
}

/** Data descriptors behind an entry, and alignment by zeros. */
function isFiller(bytes: Uint8Array, start: number): boolean {
  return (start > 0 && bytes.length <= 24) || bytes.every((byte) => byte === 0);
}
