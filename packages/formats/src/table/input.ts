// The bytes of a text file, piece by piece, as UTF-8: unpacked where the file is compressed, decoded where it is in another
// encoding. What is not valid is refused with the line and the byte, because a guess would change values in silence.
import { isUtf8 } from 'node:buffer';
import type { Source } from '../bytes/parser.js';
import { unpack } from '../compress/unpacker.js';
import type { Compression } from '../compress/unpackers.js';
import { UNPACKERS } from '../compress/unpackers.js';
import { tableError } from './errors.js';
import { TABLE_DEFAULTS } from './limits.js';

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin-1' | 'windows-1252';

export interface InputOptions {
  readonly compression?: Compression | undefined;
  /** Default: UTF-8, or UTF-16 where its mark stands in front. */
  readonly encoding?: TextEncodingName | undefined;
  readonly maxUnpackedBytes?: number | undefined;
}

const PIECE = 256 * 1024;
const UTF8_MARK = [0xef, 0xbb, 0xbf];

export class TextInput {
  readonly bytes: number;
  /** Bytes of the file, packed as they are, that were read in this pass. */
  read = 0;
  readonly #source: Source;
  readonly #options: InputOptions;

  constructor(source: Source, options: InputOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.bytes = source.size;
  }

  /** Bytes that can come out, as UTF-8; Infinity where nobody knows. */
  get mostBytes(): number {
    return this.#options.compression === undefined ? this.bytes * 3 : Infinity;
  }

  /**
   * Valid UTF-8 without a byte order mark, from the start; characters are never cut.
   * @throws VallumError `TABLE_ENCODING` naming line and byte, `TABLE_COMPRESSED`, `TABLE_LIMIT`
   */
  async *pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    let rest: Uint8Array = new Uint8Array(0);
    let decoder: Decoder | undefined;
    let first = true;
    let offset = 0;
    for await (const raw of this.#raw(signal)) {
      let piece = raw;
      if (first) {
        const encoding = this.#options.encoding ?? encodingOf(raw);
        decoder = decoderOf(encoding);
        if (encoding === 'utf-8' && UTF8_MARK.every((byte, at) => raw[at] === byte)) {
          piece = raw.subarray(UTF8_MARK.length);
          offset = UTF8_MARK.length;
        }
        first = false;
      }
      if (decoder !== undefined) {
        yield decodePiece(decoder, piece);
        continue;
      }
      const joined = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const whole = lastBoundary(joined);
      if (!isUtf8(joined.subarray(0, whole))) throw await this.#notUtf8(joined.subarray(0, whole), offset);
      if (whole > 0) yield joined.subarray(0, whole);
      offset += whole;
      rest = joined.slice(whole);
    }
    if (rest.length > 0) throw await this.#notUtf8(rest, offset);
    if (decoder !== undefined && decoder !== 'latin-1') yield decodePiece(decoder, undefined);
  }

  /** Lines are counted only here, by reading again, so that a file that is well costs nothing for them. */
  async #notUtf8(bytes: Uint8Array, offset: number): Promise<Error> {
    const at = firstInvalid(bytes);
    let line = 1 + countLines(bytes, at);
    let before = offset;
    for await (const piece of this.#raw()) {
      line += countLines(piece, Math.min(before, piece.length));
      before -= piece.length;
      if (before <= 0) break;
    }
    return tableError(
      'TABLE_ENCODING',
      `line ${line} is not UTF-8: byte ${offset + at} is 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`,
      'name its encoding (latin-1, windows-1252, utf-16le), or convert it',
    );
  }

  async *#raw(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const { compression } = this.#options;
    this.read = 0;
    if (compression !== undefined) return yield* this.#unpacked(compression, signal);
    while (this.read < this.bytes) {
      signal?.throwIfAborted();
      const piece = await this.#source.read(this.read, PIECE);
      if (piece.length === 0)
        throw tableError(
          'TABLE_CHANGED',
          `it ends at byte ${this.read} of ${this.bytes}`,
          'read it while nobody writes',
        );
      this.read += piece.length;
      yield piece;
    }
    return undefined;
  }

  /** Output arrives in pieces of up to 256 KiB that are valid until the next one. */
  async *#unpacked(compression: Compression, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const counted: Source = {
      size: this.bytes,
      read: (offset, length) => {
        this.read = Math.max(this.read, Math.min(this.bytes, offset + length));
        return this.#source.read(offset, length);
      },
    };
    const most = this.#options.maxUnpackedBytes ?? TABLE_DEFAULTS.maxUnpackedBytes;
    const output = unpack(UNPACKERS[compression](this.bytes), counted, signal);
    for (let all = 0; ;) {
      signal?.throwIfAborted();
      const step = await output.next();
      if (step.done === true) {
        const { fault, end } = step.value;
        const why = fault?.message ?? (end < this.bytes ? `${this.bytes - end} bytes stand behind its end` : undefined);
        if (why === undefined) return;
        throw tableError(
          'TABLE_COMPRESSED',
          `the ${compression} stream cannot be read: ${why}`,
          'fetch the file again',
        );
      }
      all += step.value.length;
      if (all > most)
        throw tableError('TABLE_LIMIT', `it unpacks to more than ${most} bytes`, 'unpack it, or raise the limit');
      yield step.value;
    }
  }
}

function encodingOf(head: Uint8Array): TextEncodingName {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

type Decoder = InstanceType<typeof TextDecoder> | 'latin-1';

/** The `latin1` of the WHATWG is windows-1252, so ISO 8859-1 is decoded by hand. */
function decoderOf(encoding: TextEncodingName): Decoder | undefined {
  if (encoding === 'utf-8') return undefined;
  return encoding === 'latin-1' ? 'latin-1' : new TextDecoder(encoding, { fatal: true });
}

function decodePiece(decoder: Decoder, piece: Uint8Array | undefined): Uint8Array {
  if (decoder === 'latin-1') return Buffer.from(Buffer.from(piece ?? []).toString('latin1'));
  try {
    return Buffer.from(piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true }));
  } catch (error) {
    throw tableError('TABLE_ENCODING', `it is not valid ${decoder.encoding}`, 'name its encoding', error);
  }
}

/** Index behind the last whole character. */
function lastBoundary(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

const NEWLINE = 0x0a;

function countLines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Index of the first byte that belongs to no character. */
function firstInvalid(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, lastBoundary(bytes.subarray(0, middle))))) low = middle;
    else high = middle - 1;
  }
  return lastBoundary(bytes.subarray(0, low));
}
