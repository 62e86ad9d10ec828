// Reads a tar by two views: one that stops at the first block of zeros or at a broken header, as Python does, and one
// that goes on to the end. What only the second sees is hidden from most tools, and so is what lies between the sizes
// of two headers that speak of one entry (pax against ustar; CVE-2025-62518 in Rust readers). Both are handed on.
import type { Parser } from '../bytes/parser.js';
import { Window } from '../bytes/window.js';
import type { TarHeader } from './records.js';
import { BLOCK, isZero, readPax, readTarHeader, tarText } from './records.js';

export interface TarLimits {
  readonly maxEntries: number;
  /** Bytes of one long name or pax header. */
  readonly maxHeader: number;
  /** Bytes behind the end, or behind a broken header, that are searched for further entries. */
  readonly maxSearch: number;
}

export const TAR_LIMITS: TarLimits = { maxEntries: 100_000, maxHeader: 1024 * 1024, maxSearch: 64 * 1024 * 1024 };

export type TarKind =
  'file' | 'directory' | 'symbolic link' | 'hard link' | 'device' | 'pipe' | 'sparse file' | 'other';

export interface TarEntry {
  readonly name: string;
  readonly kind: TarKind;
  readonly target?: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly size: number;
  /** `hidden` entries are seen only by a reader that goes on where others stop. */
  readonly view: 'plain' | 'hidden';
}

export interface TarProblem {
  readonly code:
    'checksum' | 'hidden' | 'suffix' | 'size' | 'traversal' | 'odd-name' | 'link' | 'escape' | 'device' | 'duplicate';
  readonly message: string;
  readonly offset: number;
  readonly entry?: string;
}

export interface TarReport {
  readonly entries: readonly TarEntry[];
  readonly problems: readonly TarProblem[];
  /** Runs of bytes that belong to no entry, and are not all zero at their start. */
  readonly loose: readonly { readonly offset: number; readonly length: number }[];
  /** Why parts could not be read; each makes the scan inconclusive. */
  readonly faults: readonly string[];
}

export function* readTar(size: number, limits: TarLimits = TAR_LIMITS): Parser<TarReport> {
  const reader = new TarReader(size, limits);
  yield* reader.all();
  return reader.report();
}

const MAX_PROBLEMS = 500;
/** Other places where an entry could end, that are followed as well. */
const MAX_FORKS = 16;
/** Ustar's eleven octal digits reach this far; only a larger file has a reason to state its size in pax alone. */
const USTAR_MAX = 8 ** 11;

interface Pending {
  name?: string | undefined;
  target?: string | undefined;
  size?: number | undefined;
  sparse?: boolean;
  /** Where the first of the headers that speak of the entry stands. */
  at?: number | undefined;
}

class TarReader {
  readonly #size: number;
  readonly #limits: TarLimits;
  readonly #window: Window;
  readonly #entries: TarEntry[] = [];
  readonly #problems: TarProblem[] = [];
  readonly #faults = new Set<string>();
  readonly #seen = new Set<number>();
  readonly #names = new Set<string>();
  readonly #forks: number[] = [];
  readonly #loose: { readonly offset: number; readonly length: number }[] = [];
  #global: Pending = {};
  #pending: Pending = {};

  constructor(size: number, limits: TarLimits) {
    this.#size = size;
    this.#limits = limits;
    this.#window = new Window(size);
  }

  report(): TarReport {
    return { entries: this.#entries, problems: this.#problems, loose: this.#loose, faults: [...this.#faults] };
  }

  *all(): Parser<void> {
    yield* this.#walk(0, 'plain');
    for (let i = 0; i < this.#forks.length; i++) {
      this.#global = {};
      this.#pending = {};
      yield* this.#walk(this.#forks[i] ?? this.#size, 'hidden');
    }
  }

  *#walk(start: number, from: TarEntry['view']): Parser<void> {
    let view = from;
    let searchLeft = this.#limits.maxSearch;
    let foreign: number | undefined;
    let at = start;
    while (at < this.#size) {
      const block = yield* this.#window.take(at, BLOCK);
      const header = readTarHeader(block);
      if (header === undefined) {
        if (at === 0) this.#tell('checksum', 'its first header does not match its checksum', 0);
        if (isZero(block)) this.#pending = {};
        else foreign ??= at;
        // A reader that stops here sees nothing of what follows.
        if (from === 'plain') view = 'hidden';
        searchLeft -= BLOCK;
        if (searchLeft < 0) {
          this.#faults.add(`${this.#size - at} bytes behind the entries are too many to search`);
          break;
        }
        at += BLOCK;
        continue;
      }
      if (from === 'plain') this.#endLoose(foreign, at);
      foreign = undefined;
      if (this.#seen.has(at)) return;
      this.#seen.add(at);
      if (this.#entries.length >= this.#limits.maxEntries) {
        this.#faults.add(`more than ${this.#limits.maxEntries} entries`);
        return;
      }
      at = yield* this.#one(header, at, view);
    }
    if (this.#entries.length === 0) this.#faults.add('no entry can be read');
    if (from === 'plain' && this.#pending.at !== undefined)
      this.#faults.add('a header speaks of an entry that is not there');
    if (from === 'plain') this.#endLoose(foreign, this.#size);
  }

  #endLoose(offset: number | undefined, end: number): void {
    if (offset === undefined) return;
    this.#tell('suffix', `${end - offset} bytes from offset ${offset} on belong to no entry`, offset);
    if (this.#loose.length < MAX_FORKS) this.#loose.push({ offset, length: end - offset });
    else this.#faults.add('it has more bytes outside its entries than are looked at');
  }

  /** Takes in one header; answers where the next one stands. */
  *#one(header: TarHeader, at: number, view: TarEntry['view']): Parser<number> {
    const dataOffset = at + BLOCK;
    const own = header.size ?? 0;
    if (header.size === undefined) this.#faults.add(`the size of the entry at offset ${at} cannot be read`);
    if ('xgLKX'.includes(header.type)) {
      this.#pending.at ??= at;
      yield* this.#extended(header.type, dataOffset, own);
      return dataOffset + padded(own);
    }
    const {
      name: paxName,
      target: paxTarget,
      size: paxSize,
      sparse,
      at: first = at,
    } = { ...this.#global, ...this.#pending };
    this.#pending = {};
    const kind = kindOf(header, sparse === true);
    // Links and devices have no data, whatever their header says; some readers skip it all the same.
    const carries = kind === 'file' || kind === 'sparse file' || kind === 'other';
    const size = carries ? (paxSize ?? own) : 0;
    const name = paxName ?? header.name;
    const target = paxTarget ?? header.linkName;
    if (paxSize !== undefined && carries && paxSize !== own && (own !== 0 || paxSize < USTAR_MAX)) {
      this.#tell('size', `its size is ${paxSize} bytes by its pax header and ${own} by its own`, first, name);
      this.#follow(dataOffset + padded(own));
    }
    // Old tools state a size for a link; whether another reader sees other entries then shows in what stands behind.
    if (!carries && own > 0) this.#follow(dataOffset + padded(own));
    if (view === 'hidden') this.#tell('hidden', 'it stands behind the end of the archive', first, name);
    if (dataOffset + size > this.#size)
      this.#faults.add(`the entry ${JSON.stringify(name.slice(0, 200))} reaches beyond the end`);
    const room = Math.max(0, this.#size - dataOffset);
    const link = kind === 'symbolic link' || kind === 'hard link';
    this.#check(name, kind, link ? target : undefined, first);
    this.#entries.push({
      name,
      kind,
      ...(link ? { target } : {}),
      headerOffset: first,
      dataOffset,
      size: Math.min(room, size),
      view,
    });
    return dataOffset + padded(size);
  }

  *#extended(type: string, offset: number, size: number): Parser<void> {
    if (size > this.#limits.maxHeader) {
      this.#faults.add(`a header of ${size} bytes at offset ${offset} is too long`);
      return;
    }
    const bytes = yield* this.#window.take(offset, size);
    const end = bytes.indexOf(0);
    const whole = tarText(end < 0 ? bytes : bytes.subarray(0, end));
    if (type === 'L') this.#pending.name = whole;
    else if (type === 'K') this.#pending.target = whole;
    else {
      const fields = readPax(bytes);
      if (fields === undefined) this.#faults.add(`the pax header at offset ${offset} is broken`);
      const into = type === 'g' ? this.#global : this.#pending;
      for (const [key, value] of fields ?? []) {
        if (key === 'path') into.name = value;
        else if (key === 'linkpath') into.target = value;
        else if (key === 'size' && /^\d{1,15}$/.test(value)) into.size = Number(value);
        else if (key === 'size') this.#faults.add(`the pax header at offset ${offset} gives no number as size`);
        else if (key.startsWith('GNU.sparse.')) {
          into.sparse = true;
          if (key === 'GNU.sparse.name') into.name = value;
        }
      }
      // A global header speaks of no entry of its own.
      if (type === 'g' && this.#pending.at === offset - BLOCK) this.#pending.at = undefined;
    }
  }

  #follow(offset: number): void {
    if (this.#forks.length < MAX_FORKS) this.#forks.push(offset);
    else this.#faults.add('it has more disagreements between headers than are followed');
  }

  #tell(code: TarProblem['code'], message: string, offset: number, entry?: string): void {
    if (this.#problems.length < MAX_PROBLEMS)
      this.#problems.push(entry === undefined ? { code, message, offset } : { code, message, offset, entry });
  }

  #check(name: string, kind: TarKind, target: string | undefined, offset: number): void {
    const tell = (code: TarProblem['code'], message: string): void => this.#tell(code, message, offset, name);
    if (leadsOut(name)) tell('traversal', 'its name leads out of the folder it is unpacked to');
    if (hasControl(name) || name === '') tell('odd-name', 'its name holds characters that tools read differently');
    if (kind === 'device' || kind === 'pipe') tell('device', `it is a ${kind}`);
    if (target !== undefined) {
      // A hard link's target counts from the archive's top, a symbolic link's from the folder of the link.
      const folder = kind === 'hard link' ? '' : name.slice(0, name.lastIndexOf('/') + 1);
      const out = isAbsolute(target) || climbs(`${folder}${target}`);
      tell(out ? 'escape' : 'link', `it is a ${kind} to ${JSON.stringify(target.slice(0, 200))}`);
    }
    const key = name.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    if (kind !== 'directory' && this.#names.has(key)) tell('duplicate', 'another entry has the same name');
    if (kind !== 'directory') this.#names.add(key);
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function kindOf(header: TarHeader, sparse: boolean): TarKind {
  if (sparse || header.type === 'S') return 'sparse file';
  if (header.type === '1') return 'hard link';
  if (header.type === '2') return 'symbolic link';
  if (header.type === '3' || header.type === '4') return 'device';
  if (header.type === '5') return 'directory';
  if (header.type === '6') return 'pipe';
  // Before there was a type for folders, their names ended with a slash.
  if (['0', '7', '\x00'].includes(header.type))
    return header.name.endsWith('/') && header.size === 0 ? 'directory' : 'file';
  return 'other';
}

function isAbsolute(path: string): boolean {
  return /^[/\\]|^[A-Za-z]:/.test(path);
}

function leadsOut(path: string): boolean {
  return isAbsolute(path) || path.split(/[/\\]/).includes('..');
}

/** Whether a relative path leaves the folder that it counts from. */
function climbs(path: string): boolean {
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function hasControl(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 0x20) return true;
  return false;
}
