// The datasets of an HDF5 file: what they claim, where their data lies, and of the data what can carry something. Numbers
// are never read. A dataset can have its bytes in another file (external storage, virtual datasets).
import type { Parser } from '../bytes/parser.js';
import { sharedDatatype } from './attributes.js';
import type { Chunk } from './chunks.js';
import { readChunks, unpack } from './chunks.js';
import type { Datatype } from './datatype.js';
import { readDatatype } from './datatype.js';
import type { Address, Hdf5File } from './file.js';
import { Cursor, Damage, Exhausted } from './file.js';
import { LocalHeap } from './heaps.js';
import type { GlobalHeaps } from './heaps.js';
import type { ChunkedLayout, Dataspace, Layout } from './messages.js';
import { MESSAGE, readDataspace, readExternalFiles, readFilters, readLayout } from './messages.js';
import type { Extent, Message } from './object-header.js';
import type { Hdf5Carrier, Hdf5Limits, Hdf5Problem } from './report.js';
import { quoted } from './report.js';
import type { CarrierKind, Piece } from './values.js';
import { carrierOf, elements, isVariable } from './values.js';

/** A dataset above it must have stored a thousandth of its size: what Keras asks for (CVE-2026-0897). */
const LARGE = 2 ** 32;
const EXPANSION = 1000;

export interface Tell {
  readonly problem: (problem: Hdf5Problem) => void;
  readonly lost: (what: string, error: unknown) => void;
  readonly extent: (extent: Extent & { readonly path: string }) => void;
  readonly carry: (carrier: Hdf5Carrier) => void;
}

export class Datasets {
  count = 0;
  readonly #file: Hdf5File;
  readonly #heaps: GlobalHeaps;
  readonly #limits: Hdf5Limits;
  readonly #tell: Tell;
  #unpacked = 0;
  #texts: number;
  #searched = false;

  constructor(file: Hdf5File, heaps: GlobalHeaps, limits: Hdf5Limits, tell: Tell) {
    this.#file = file;
    this.#heaps = heaps;
    this.#limits = limits;
    this.#tell = tell;
    this.#texts = limits.maxTexts;
  }

  *read(path: string, messages: readonly Message[]): Parser<void> {
    this.count += 1;
    const { type, space, layout } = yield* this.#describe(messages);
    yield* this.#external(path, messages);
    if (layout === undefined || type === undefined || space === undefined) throw new Damage('a dataset is incomplete');
    const declared = space.count * type.size;
    if (declared > LARGE && declared > EXPANSION * this.#file.size)
      this.#tell.problem({ code: 'shape', message: `${space.dims.join(' x ')} elements, ${declared} bytes`, path });
    if (layout.kind === 'virtual') return yield* this.#virtual(path, layout);
    if (layout.kind === 'contiguous') this.#place(path, layout.address, layout.length ?? declared);
    const kind = carrierOf(type);
    if (kind === undefined || space.count === 0) return;
    const filters = messages.find((message) => message.type === MESSAGE.filters);
    try {
      const chunks = layout.kind === 'chunked' ? yield* this.#chunks(kind, type, space, layout) : undefined;
      yield* this.#values(path, kind, type, space, layout, chunks, filters);
    } catch (error) {
      if (error instanceof Exhausted) throw error;
      // Whole numbers of one byte and texts are data in the first place.
      if (isVariable(type) && kind === 'opaque') yield* this.#search();
      else if (kind === 'opaque') this.#tell.lost(path, error);
    }
  }

  *#describe(
    messages: readonly Message[],
  ): Parser<{ type: Datatype | undefined; space: Dataspace | undefined; layout: Layout | undefined }> {
    let type: Datatype | undefined;
    let space: Dataspace | undefined;
    let layout: Layout | undefined;
    for (const message of messages) {
      const cursor = new Cursor(this.#file, message.bytes);
      if (message.type === MESSAGE.datatype)
        type = message.shared ? yield* sharedDatatype(this.#file, cursor) : readDatatype(cursor);
      else if (message.type === MESSAGE.dataspace && !message.shared) space = readDataspace(cursor);
      else if (message.type === MESSAGE.layout) layout = readLayout(cursor);
    }
    return { type, space, layout };
  }

  #place(path: string, address: Address, length: number): void {
    if (address === undefined || length === 0) return;
    if (address + length > this.#file.size)
      this.#tell.problem({ code: 'outside', message: `${length} bytes at ${address}`, path, offset: address });
    else this.#tell.extent({ offset: address, length, path });
  }

  *#external(path: string, messages: readonly Message[]): Parser<void> {
    for (const { type, bytes } of messages) {
      if (type !== MESSAGE.externalFiles) continue;
      const { heap: address, slots } = readExternalFiles(new Cursor(this.#file, bytes));
      let names = `${slots.length} files`;
      try {
        const heap = yield* LocalHeap.open(this.#file, address);
        const first = slots[0];
        if (first !== undefined) names = quoted(yield* heap.text(first.name));
      } catch (error) {
        this.#tell.lost(path, error);
      }
      this.#tell.problem({ code: 'external-data', message: names, path });
    }
  }

  *#virtual(path: string, { address, index }: { address: Address; index: number }): Parser<void> {
    const sources = new Set<string>();
    let why: unknown;
    try {
      const { offset, length } = yield* this.#heaps.find(address, index);
      const cursor = yield* this.#file.cursor(offset, Math.min(length, 64 * 1024));
      const count = cursor.skip(1).length();
      // Behind the first name stand selections of many shapes, so the further names are not read; `.` is the file itself.
      const first = count > 0 ? cursor.text() : '.';
      if (first === '.' && count > 1) this.#tell.lost(path, new Damage('a virtual dataset with several sources'));
      if (first === '.') return;
      sources.add(first);
    } catch (error) {
      why = error;
    }
    const message = sources.size === 0 ? 'its sources could not be read' : [...sources].map(quoted).join(', ');
    this.#tell.problem({ code: 'virtual', message, path });
    if (why !== undefined) this.#tell.lost(path, why);
  }

  *#chunks(kind: CarrierKind, type: Datatype, space: Dataspace, layout: ChunkedLayout): Parser<readonly Chunk[]> {
    // Of numbers in more than one dimension, the first chunk tells whether they are something else.
    const most = kind === 'bytes' && space.dims.length > 1 ? 1 : this.#limits.maxChunks;
    const chunks = yield* readChunks(this.#file, layout, space.dims, type.size, most);
    if (chunks.length > most && kind === 'opaque') throw new Damage(`more than ${most} chunks`);
    return chunks.slice(0, most);
  }

  *#values(
    path: string,
    kind: CarrierKind,
    type: Datatype,
    space: Dataspace,
    layout: Layout,
    chunks: readonly Chunk[] | undefined,
    filterMessage: Message | undefined,
  ): Parser<void> {
    if (layout.kind === 'virtual') return;
    const filters = filterMessage === undefined ? [] : readFilters(new Cursor(this.#file, filterMessage.bytes));
    const pieces: Piece[] = [];
    if (chunks === undefined) {
      const data = layout.kind === 'compact' ? { bytes: layout.bytes } : this.#contiguous(layout, space, type);
      const most = kind === 'text' ? this.#texts : this.#limits.maxPieces + 1;
      const count = kind === 'bytes' ? space.count : Math.min(space.count, most);
      if (data !== undefined) pieces.push(...(yield* elements(this.#file, this.#heaps, type, count, data)));
    }
    for (const chunk of chunks ?? []) {
      const room = (kind === 'text' ? this.#texts : this.#limits.maxPieces + 1) - pieces.length;
      if (room <= 0) break;
      const data = yield* unpack(this.#file, chunk, filters, this.#limits.maxUnpacked - this.#unpacked);
      if ('bytes' in data) this.#unpacked += data.bytes.length;
      const length = 'bytes' in data ? data.bytes.length : data.length;
      const count = Math.floor(length / type.size);
      const most = kind === 'bytes' ? count : Math.min(room, count);
      pieces.push(...(yield* elements(this.#file, this.#heaps, type, most, data)));
    }
    if (kind === 'text') this.#texts -= pieces.length;
    if (kind === 'text') this.#tell.carry({ path, kind, pieces: yield* this.#suspects(pieces) });
    else
      this.#tell.carry({
        path,
        kind,
        pieces: kind === 'bytes' && pieces.length > 1 ? yield* this.#join(pieces) : pieces,
      });
  }

  /** Columns of texts are long, and most say nothing at a glance. */
  *#suspects(pieces: readonly Piece[]): Parser<readonly Piece[]> {
    const found: Piece[] = [];
    for (const piece of pieces) {
      const length = 'bytes' in piece ? piece.bytes.length : piece.length;
      this.#file.step();
      if (length < 2) continue;
      const bytes = 'bytes' in piece ? piece.bytes : yield* this.#file.bytes(piece.offset, length);
      if (mayAct(bytes)) found.push(piece);
    }
    return found;
  }

  #contiguous(layout: Layout, space: Dataspace, type: Datatype): Piece | undefined {
    if (layout.kind !== 'contiguous' || layout.address === undefined) return undefined;
    const length = Math.min(space.count * type.size, layout.length ?? Infinity, this.#file.size - layout.address);
    return length > 0 ? { offset: layout.address, length } : undefined;
  }

  *#join(pieces: readonly Piece[]): Parser<readonly Piece[]> {
    const parts: Buffer[] = [];
    for (const piece of pieces) {
      const bytes = 'bytes' in piece ? piece.bytes : yield* this.#file.bytes(piece.offset, piece.length);
      if (!('bytes' in piece)) this.#unpacked += bytes.length;
      if (this.#unpacked > this.#limits.maxUnpacked) break;
      parts.push(bytes);
    }
    return [{ bytes: Buffer.concat(parts) }];
  }

  /** Where an index or a filter is not read here, every heap that the file holds is looked into instead. */
  *#search(): Parser<void> {
    if (this.#searched) return;
    this.#searched = true;
    const { size } = this.#file;
    if (size > this.#limits.maxSearch)
      return this.#tell.lost(
        'values of variable length',
        new Damage(`the file has more than ${this.#limits.maxSearch} bytes`),
      );
    const step = 1024 * 1024;
    const pieces: Piece[] = [];
    for (let offset = 0; offset < size; offset += step) {
      const bytes = yield* this.#file.bytes(offset, Math.min(step + 3, size - offset));
      for (let at = bytes.indexOf('GCOL'); at >= 0; at = bytes.indexOf('GCOL', at + 1))
        yield* this.#heap(offset + at, pieces);
    }
    this.#tell.carry({ path: '(heap)', kind: 'opaque', pieces });
  }

  *#heap(address: number, pieces: Piece[]): Parser<void> {
    try {
      for (const { offset, length } of yield* this.#heaps.all(address)) pieces.push({ offset, length });
    } catch (error) {
      // The four letters can stand anywhere.
      if (!(error instanceof Damage)) throw error;
    }
  }
}

/** A pickle starts with its protocol or ends in a full stop; archives and programs have a byte that no text starts with. */
function mayAct(bytes: Buffer): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const first = bytes[0] ?? 0;
  const control = first !== 9 && first !== 10 && first !== 13 && (first < 32 || first >= 0x7f);
  return end > 2 && (control || bytes[end - 1] === 0x2e || bytes.toString('latin1', 0, 2) === 'PK');
}
