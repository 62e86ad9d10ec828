// Reads what an HDF5 file is made of, and of its data only what can carry something for a loader to act on. The file
// belongs to the attacker: it can name other files to read (external links, external storage, virtual datasets:
// CVE-2026-1669 in Keras), carry models and pickles in attributes, claim shapes that fill the memory (CVE-2026-0897),
// point outside itself, and go in circles. Nothing is followed out of the file.
import type { Parser } from '../bytes/parser.js';
import type { AttributeMessage } from './attributes.js';
import { readAttributes } from './attributes.js';
import { Datasets } from './datasets.js';
import type { Address } from './file.js';
import { Damage, Exhausted, Hdf5File } from './file.js';
import { readLinks } from './groups.js';
import { GlobalHeaps } from './heaps.js';
import type { LinkMessage } from './messages.js';
import { MESSAGE } from './messages.js';
import { readObjectHeader } from './object-header.js';
import type { Hdf5Carrier, Hdf5Limits, Hdf5Problem, Hdf5Report } from './report.js';
import { HDF5_LIMITS, quoted } from './report.js';
import { findSuperblock, readSuperblock } from './superblock.js';
import { carrierOf, elements } from './values.js';

const MAX_NOTES = 200;
export function* readHdf5(size: number, limits: Hdf5Limits = HDF5_LIMITS): Parser<Hdf5Report> {
  const reader = new Reader(size, limits);
  yield* reader.run();
  return reader;
}

class Reader implements Hdf5Report {
  objects = 0;
  userBlock = 0;
  trailing: { offset: number; length: number } | undefined;
  readonly root = new Set<string>();
  readonly carriers: Hdf5Carrier[] = [];
  readonly problems: Hdf5Problem[] = [];
  readonly faults: { what: string; why: string }[] = [];
  readonly #file: Hdf5File;
  readonly #heaps: GlobalHeaps;
  readonly #data: Datasets;
  readonly #limits: Hdf5Limits;
  readonly #seen = new Set<number>();
  readonly #queue: { address: Address; path: string }[] = [];
  /** Where raw data and object headers lie. */
  readonly #extents: { offset: number; length: number; path: string }[] = [];
  #attributeBytes = 0;
  #pieces = 0;

  constructor(size: number, limits: Hdf5Limits) {
    this.#file = new Hdf5File(size, limits.maxWork);
    this.#heaps = new GlobalHeaps(this.#file);
    this.#limits = limits;
    this.#data = new Datasets(this.#file, this.#heaps, limits, {
      problem: (problem) => this.#problem(problem),
      lost: (what, error) => this.#lost(what, error),
      extent: (extent) => this.#extents.push(extent),
      carry: (carrier) => this.#carry(carrier),
    });
  }

  get datasets(): number {
    return this.#data.count;
  }

  *run(): Parser<void> {
    try {
      const start = yield* findSuperblock(this.#file.size);
      if (start === undefined) return this.#fault('the file', 'it has no superblock');
      const { end, root } = yield* readSuperblock(this.#file, start);
      this.userBlock = start;
      this.#ends(end);
      this.#queue.push({ address: root, path: '/' });
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        if (this.objects >= this.#limits.maxObjects)
          throw new Exhausted(`more than ${this.#limits.maxObjects} objects`);
        yield* this.#guarded(next.path, this.#object(next.address, next.path));
      }
    } catch (error) {
      this.#lost('the rest of the file', error);
    }
    this.#overlaps();
  }

  #ends(end: Address): void {
    const { size } = this.#file;
    if (end === undefined || end < size) {
      const offset = end ?? size;
      if (offset < size) this.trailing = { offset, length: size - offset };
    } else if (end > size) {
      this.#problem({ code: 'truncated', message: `it says that it has ${end} bytes, and it has ${size}` });
      this.#fault('the end of the file', `${end - size} bytes are missing`);
    }
  }

  /** Notes what goes wrong with one thing; only exhausted limits go on. */
  *#guarded(what: string, work: Parser<void>): Parser<void> {
    try {
      yield* work;
    } catch (error) {
      if (error instanceof Exhausted) throw error;
      this.#lost(what, error);
    }
  }

  #lost(what: string, error: unknown): void {
    if (!(error instanceof Damage || error instanceof Exhausted)) throw error;
    if (error instanceof Damage && /circle/.test(error.message))
      this.#problem({ code: 'circle', message: error.message, path: what });
    this.#fault(what, error.message);
  }

  #fault(what: string, why: string): void {
    if (this.faults.length < MAX_NOTES) this.faults.push({ what: what.slice(0, 200), why });
  }

  #problem(problem: Hdf5Problem): void {
    if (this.problems.length < MAX_NOTES) this.problems.push(problem);
  }

  *#object(address: Address, path: string): Parser<void> {
    if (address === undefined) throw new Damage('it has no address');
    if (this.#seen.has(address)) return;
    this.#seen.add(address);
    this.objects += 1;
    const header = yield* readObjectHeader(this.#file, address);
    for (const { offset, length } of header.blocks) this.#extents.push({ offset, length, path });
    const { messages } = header;
    const attributes = readAttributes(
      this.#file,
      messages,
      (attribute) => this.#attribute(path, attribute),
      (error) => this.#lost(`an attribute of ${path}`, error),
    );
    yield* this.#guarded(`the attributes of ${path}`, attributes);
    yield* this.#guarded(
      path,
      readLinks(this.#file, messages, (link) => this.#link(path, link)),
    );
    if (messages.some(({ type }) => type === MESSAGE.layout || type === MESSAGE.externalFiles))
      yield* this.#data.read(path, messages);
  }

  #link(group: string, { name, target }: LinkMessage): void {
    this.#file.step();
    if (group === '/') this.root.add(name);
    const path = `${group === '/' ? '' : group}/${name}`.slice(0, 4096);
    if (target.kind === 'hard') this.#queue.push({ address: target.address, path });
    else if (target.kind === 'external')
      this.#problem({ code: 'external-link', message: `${quoted(target.file)} (${quoted(target.path)})`, path });
    else if (target.kind === 'user') this.#problem({ code: 'user-link', message: `type ${target.type}`, path });
  }

  *#attribute(owner: string, { name, type, count, data }: AttributeMessage): Parser<void> {
    if (owner === '/') this.root.add(name);
    const kind = carrierOf(type);
    if (kind === undefined) return;
    this.#attributeBytes += data.length;
    const pieces = yield* elements(this.#file, this.#heaps, type, count, { bytes: data });
    for (const piece of pieces) this.#attributeBytes += 'bytes' in piece ? 0 : piece.length;
    if (this.#attributeBytes > this.#limits.maxAttributeBytes)
      throw new Exhausted(`the attributes hold more than ${this.#limits.maxAttributeBytes} bytes`);
    this.#carry({ path: `${owner}@${name}`.slice(0, 4096), attribute: name, kind, pieces });
  }

  #carry(carrier: Hdf5Carrier): void {
    const { pieces } = carrier;
    if (pieces.length === 0) return;
    const room = this.#limits.maxPieces - this.#pieces;
    this.#pieces += pieces.length;
    if (pieces.length > room && carrier.kind !== 'text')
      this.#fault(carrier.path, `more than ${this.#limits.maxPieces} values`);
    if (room > 0) this.carriers.push({ ...carrier, pieces: pieces.slice(0, room) });
  }

  #overlaps(): void {
    this.#extents.sort((a, b) => a.offset - b.offset || a.length - b.length);
    let end = 0;
    let owner = '';
    for (const { offset, length, path } of this.#extents) {
      if (offset < end && length > 0)
        this.#problem({ code: 'overlap', message: `${quoted(owner)} and ${quoted(path)} at ${offset}`, path, offset });
      if (offset + length > end) {
        end = offset + length;
        owner = path;
      }
    }
  }
}
