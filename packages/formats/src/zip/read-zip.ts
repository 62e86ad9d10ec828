// Reads a zip by two views: the central directory, as most tools do, and the local headers, as streaming tools and
// torch's loader partly do. Attackers live in the difference (CVE-2025-10156, CVE-2025-1944, CVE-2025-1945; NullifAI):
// every disagreement is a problem, and the entries of both views are handed on to be examined.
import type { Parser } from '../bytes/parser.js';
import type { Directory, EndRecord } from './directory.js';
import { readDirectories, readEnds } from './directory.js';
import { checkNames } from './names.js';
import type { CentralFields, LocalFields } from './records.js';
import { DESCRIPTOR, FLAG, LOCAL, LOCAL_BYTES, readLocal, view } from './records.js';
import type { ZipLimits, ZipProblem, ZipProblemCode } from './problems.js';
import { ZIP_LIMITS } from './problems.js';

export interface ZipEntry {
  readonly name: string;
  /** What speaks of it: the directory that most readers take, another one, or its local header alone. */
  readonly view: 'central' | 'other' | 'local';
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly method: number;
  readonly compressed: number;
  readonly size: number;
  readonly crc: number;
  readonly directory: boolean;
  readonly encrypted: boolean;
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
  /** Made when a second directory turns up. */
  #known: Set<string> | undefined;
  #hiddenLeft = MAX_HIDDEN;

  constructor(size: number, limits: ZipLimits) {
    this.#size = size;
    this.#limits = limits;
  }

  *read(): Parser<ZipReport> {
    const tell = (problem: ZipProblem): void => this.#problem(problem);
    const ends = yield* readEnds(this.#size, tell);
    if (ends === undefined) this.#faults.push('it has no end record');
    const end = ends?.main.end ?? this.#size;
    if (ends !== undefined) yield* this.#end(ends.main, 'central', tell);
    for (const other of ends?.others ?? []) {
      if (this.#extents.some((extent) => other.at >= extent.start && other.at < extent.end)) continue;
      tell({ code: 'two-ends', message: 'another end record stands outside the entries', offset: other.at });
      yield* this.#end(other, 'other', () => {});
    }
    yield* this.#gaps(Math.min(end, this.#size));
    for (const problem of checkNames(this.#entries)) tell(problem);
    if (end < this.#size)
      this.#problem({ code: 'suffix', message: `${this.#size - end} bytes stand behind the archive`, offset: end });
    return { entries: this.#entries, problems: this.#problems, faults: this.#faults, end };
  }

  *#end(record: EndRecord, first: 'central' | 'other', tell: (problem: ZipProblem) => void): Parser<void> {
    const [main, ...rest] = yield* readDirectories(record, this.#limits, tell);
    if (main === undefined) return;
    yield* this.#directory(main, first);
    this.#extents.push({ start: main.end, end: record.end });
    for (const directory of rest) yield* this.#directory(directory, 'other');
  }

  *#directory(directory: Directory, from: 'central' | 'other'): Parser<void> {
    if (directory.fault !== undefined) this.#faults.push(directory.fault);
    for (const central of directory.entries) yield* this.#central(central, directory.shift, from);
    if (directory.end > directory.start) this.#extents.push({ start: directory.start, end: directory.end });
  }

  #problem(problem: ZipProblem): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }

  *#central(central: CentralFields, shift: number, from: 'central' | 'other'): Parser<void> {
    const headerOffset = central.offset + shift;
    const entry = central.name;
    // Two directories mostly speak of the same entries.
    if (from === 'other' && this.#isKnown(headerOffset, central)) return;
    if (this.#entries.length >= this.#limits.maxEntries) return;
    const local = yield* this.#localAt(headerOffset);
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
    const behind = (central.flags & FLAG.descriptor) === 0 ? 0 : yield* this.#descriptor(central, end);
    if (behind === 0 && (local.flags & FLAG.descriptor) !== 0 && !hasSizes(local))
      this.#problem({ code: 'descriptor', message: 'what stands behind its data gives other sizes, or none', ...at });
    this.#extents.push({ start: headerOffset, end: end + behind });
    this.#add(central, from, headerOffset, dataOffset);
    // A reader that trusts the local header gets other data, so both are examined.
    const differs = local.method !== central.method || (hasSizes(local) && local.compressed !== central.compressed);
    if (differs) this.#add(local, 'local', headerOffset, dataOffset);
  }

  /** Bytes of the descriptor behind an entry that says what the directory says; 0 when there is none. */
  *#descriptor(central: CentralFields, offset: number): Parser<number> {
    const bytes = yield { offset, length: 24 };
    const data = view(bytes);
    for (const wide of [false, true])
      for (const signed of [true, false]) {
        const length = (signed ? 4 : 0) + (wide ? 20 : 12);
        if (bytes.length < length || (signed && data.getUint32(0, true) !== DESCRIPTOR)) continue;
        const from = length - (wide ? 20 : 12);
        const packed = wide ? Number(data.getBigUint64(from + 4, true)) : data.getUint32(from + 4, true);
        const size = wide ? Number(data.getBigUint64(from + 12, true)) : data.getUint32(from + 8, true);
        if (data.getUint32(from, true) === central.crc && packed === central.compressed && size === central.size)
          return length;
      }
    return 0;
  }

  #add(fields: CentralFields | LocalFields, from: ZipEntry['view'], headerOffset: number, dataOffset: number): void {
    const { name, method, crc, size } = fields;
    const room = Math.max(0, this.#size - dataOffset);
    const compressed = Math.min(room, hasSizes(fields) || from !== 'local' ? fields.compressed : room);
    const directory = name.endsWith('/') && compressed === 0;
    const encrypted = (fields.flags & FLAG.encrypted) !== 0;
    const entry = { name, view: from, headerOffset, dataOffset, method, compressed, size, crc, directory, encrypted };
    this.#entries.push(entry);
    this.#known?.add(keyOf(headerOffset, entry));
  }

  #isKnown(headerOffset: number, fields: CentralFields): boolean {
    this.#known ??= new Set(this.#entries.map((entry) => keyOf(entry.headerOffset, entry)));
    return this.#known.has(keyOf(headerOffset, fields));
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
    for (const header of [central, local]) {
      if (header.unicodeName !== undefined && plainest(header.unicodeName) !== plainest(header.name))
        tell('unicode-name', `an extra field calls it ${JSON.stringify(header.unicodeName.slice(0, 200))}`);
      if (header.idleSize !== undefined) tell('zip64', `an extra field says that it has ${header.idleSize} bytes`);
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
}

function keyOf(headerOffset: number, { method, compressed }: Pick<ZipEntry, 'method' | 'compressed'>): string {
  return `${headerOffset} ${method} ${compressed}`;
}

/** What two spellings of one name share: tools that lack a character write a stand-in, or `#U` and its number. */
function plainest(name: string): string {
  return name.replace(/#[UL][0-9a-f]{4,8}/gi, '').replace(/[^\x21-\x7e]|[?_]/g, '');
}

function hasSizes(fields: CentralFields | LocalFields): boolean {
  return (fields.flags & FLAG.descriptor) === 0 || fields.compressed !== 0;
}

/** Data descriptors behind an entry, and alignment by zeros. */
function isFiller(bytes: Uint8Array, start: number): boolean {
  return (start > 0 && bytes.length <= 24) || bytes.every((byte) => byte === 0);
}
