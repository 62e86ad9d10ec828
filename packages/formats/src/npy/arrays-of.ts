// The arrays of a file: one of an .npy, those of the entries of an .npz. The entries of an .npz are checked against their
// checksums first. Entries that are packed are unpacked again from the front whenever a reader goes back, so that memory
// stays small whatever a zip says of their size.
import { crc32 } from 'node:zlib';
import type { Source } from '../bytes/parser.js';
import { parseSource, sliceSource } from '../bytes/parser.js';
import type { Unpacker } from '../compress/unpacker.js';
import { unpack } from '../compress/unpacker.js';
import { quoted, tableError } from '../table/errors.js';
import { entryUnpacker } from '../zip/entry-data.js';
import type { ZipEntry } from '../zip/read-zip.js';
import { readZip } from '../zip/read-zip.js';
import type { OpenArray } from './array-columns.js';
import { readArray } from './array.js';

export async function openArray(source: Source, signal?: AbortSignal): Promise<OpenArray> {
  const array = await readArray(source, signal);
  const [rows, ...rest] = array.shape;
  if (rows === undefined)
    throw tableError(
      'TABLE_NPY',
      'the array has no dimension, so it is no table',
      'save an array of one or more dimensions',
    );
  return { source, array, rows, cells: rest.reduce((all, side) => all * side, 1) };
}

/**
 * Name and array of each entry, without `.npy`.
 * @param only names of the arrays that are wanted; all by default
 * @throws VallumError `TABLE_NPZ` for a zip that says two things, `TABLE_NPY` for one of its arrays
 */
export async function openArrays(
  source: Source,
  maxUnpackedBytes: number,
  only?: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, OpenArray>> {
  const zip = await parseSource(readZip(source.size), source, signal);
  const wrong = zip.faults[0] ?? zip.problems[0]?.message;
  if (wrong !== undefined)
    throw tableError('TABLE_NPZ', `the archive cannot be trusted: ${wrong}`, 'save it again with numpy.savez');
  const arrays = new Map<string, OpenArray>();
  for (const entry of zip.entries) {
    if (entry.directory) continue;
    if (!entry.name.endsWith('.npy'))
      throw tableError('TABLE_NPZ', `the entry ${quoted(entry.name)} is no array`, 'save it again with numpy.savez');
    const name = entry.name.slice(0, -'.npy'.length);
    if (only !== undefined && name !== only) continue;
    if (entry.size > maxUnpackedBytes)
      throw tableError(
        'TABLE_LIMIT',
        `the entry ${quoted(entry.name)} unpacks to ${entry.size} bytes`,
        'raise the limit',
      );
    const bytes = entrySource(source, entry);
    await checkEntry(bytes, entry, signal);
    arrays.set(name, await openArray(bytes, signal));
  }
  if (arrays.size > 0) return arrays;
  const missing = only === undefined ? 'the archive holds no array' : `the archive holds no array ${quoted(only)}`;
  throw tableError('TABLE_NPZ', missing, 'look at its entries with unzip -l');
}

function entrySource(source: Source, entry: ZipEntry): Source {
  const packed = sliceSource(source, entry.dataOffset, entry.compressed);
  const unpacker = entryUnpacker(entry);
  if (typeof unpacker === 'string' || entry.encrypted)
    throw tableError(
      'TABLE_NPZ',
      `the entry ${quoted(entry.name)} cannot be unpacked`,
      'save it again with numpy.savez',
    );
  return unpacker === undefined ? packed : new ForwardSource(unpacker, packed, entry.size);
}

const PIECE = 1024 * 1024;

async function checkEntry(bytes: Source, { name, size, crc }: ZipEntry, signal?: AbortSignal): Promise<void> {
  let check = 0;
  let at = 0;
  while (at < size) {
    signal?.throwIfAborted();
    const piece = await bytes.read(at, PIECE);
    if (piece.length === 0) break;
    check = crc32(piece, check);
    at += piece.length;
  }
  if (at !== size || check >>> 0 !== crc >>> 0 || bytes.size !== size)
    throw tableError(
      'TABLE_NPZ',
      `the entry ${quoted(name)} does not match its checksum or size`,
      'fetch the file again',
    );
}

/** Random access to what can only be unpacked from the front. */
class ForwardSource implements Source {
  readonly size: number;
  readonly #unpacker: () => Unpacker;
  readonly #packed: Source;
  #pieces: AsyncGenerator<Uint8Array, unknown> | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  /** Offset of the first byte of `#piece`. */
  #at = 0;

  constructor(unpacker: () => Unpacker, packed: Source, size: number) {
    this.#unpacker = unpacker;
    this.#packed = packed;
    this.size = size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const bytes = new Uint8Array(wanted);
    let filled = 0;
    while (filled < wanted) {
      const skip = offset + filled - this.#at;
      if (skip >= 0 && skip < this.#piece.length) {
        const part = this.#piece.subarray(skip, skip + wanted - filled);
        bytes.set(part, filled);
        filled += part.length;
      } else if (!(await this.#next(skip < 0))) break;
    }
    return bytes.subarray(0, filled);
  }

  async #next(again: boolean): Promise<boolean> {
    if (again || this.#pieces === undefined) {
      this.#pieces = unpack(this.#unpacker(), this.#packed);
      this.#at = 0;
    } else this.#at += this.#piece.length;
    const step = await this.#pieces.next();
    // The piece is valid until the next step only, and the reader may come back to it.
    this.#piece = step.done === true ? new Uint8Array(0) : step.value;
    return step.done !== true;
  }
}
