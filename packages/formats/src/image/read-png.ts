// PNG (ISO/IEC 15948) to samples. The header's width and height are the attacker's: how much may come out of the packed data
// is known from them before anything is unpacked, and both are bounded. Checksums of all chunks are compared.
import { crc32 } from 'node:zlib';
import { unpackZlib } from '../compress/gzip.js';
import { unpackBytes } from '../compress/unpacker.js';

export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; a palette is resolved to 3. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Bits of a sample in the file; samples of less than 8 bits are stretched to 0..255. */
  readonly depth: number;
  /** Row by row, channel by channel: 0..255, or 0..65535 where the depth is 16. */
  readonly samples: Uint8Array | Uint16Array;
}

export type PngResult = { readonly ok: true; readonly image: PngImage } | { readonly ok: false; readonly why: string };

/** Samples of one image. */
const MAX_SAMPLES = 64 * 1024 * 1024;
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Channels as stored, by colour type; 3 is an index into the palette. */
const CHANNELS: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
/** Adam7: first column and row of each pass, and the steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

class Broken extends Error {}

/** Never throws for what the bytes hold. */
export function readPng(bytes: Uint8Array): PngResult {
  try {
    return { ok: true, image: read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  } catch (error) {
    if (error instanceof Broken) return { ok: false, why: error.message };
    throw error;
  }
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

function read(bytes: Buffer): PngImage {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Broken('it is no PNG');
  let header: Header | undefined;
  let palette: Buffer | undefined;
  const data: Buffer[] = [];
  for (let at = 8, ended = false; !ended;) {
    if (at + 12 > bytes.length) throw new Broken('it is cut off');
    const length = bytes.readUInt32BE(at);
    if (length > bytes.length - at - 12) throw new Broken('a chunk does not fit');
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) >>> 0 !== bytes.readUInt32BE(at + 8 + length))
      throw new Broken('a chunk does not match its checksum');
    if ((header === undefined) !== (type === 'IHDR'))
      throw new Broken('its header is not the first chunk, or not the only one');
    if (type === 'IHDR') header = readHeader(body);
    else if (type === 'PLTE') palette = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') ended = true;
    else if (/^[A-Z]/.test(type)) throw new Broken('it has a chunk that is not known and has to be');
    at += 12 + length;
  }
  if (header === undefined) throw new Broken('it has no header');
  return decode(header, palette, Buffer.concat(data));
}

function readHeader(body: Buffer): Header {
  if (body.length !== 13) throw new Broken('its header has another length');
  const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
  const [depth = 0, colour = 0, packing, filter, interlace = 0] = body.subarray(8);
  if (width === 0 || height === 0) throw new Broken('it has no size');
  if (DEPTHS[colour]?.includes(depth) !== true) throw new Broken('its colour type is not known');
  if (packing !== 0 || filter !== 0 || interlace > 1) throw new Broken('its packing is not known');
  if (width * height * 4 > MAX_SAMPLES) throw new Broken(`it has ${width} x ${height} pixels, too many to decode`);
  return { width, height, depth, colour, interlaced: interlace === 1 };
}

function decode(header: Header, palette: Buffer | undefined, packed: Buffer): PngImage {
  const { width, height, depth, colour } = header;
  const stored = CHANNELS[colour] as 1 | 2 | 3 | 4;
  const passes = header.interlaced ? PASSES : ([[0, 0, 1, 1]] as const);
  const sizes = passes.map(([x, y, dx, dy]) => ({
    columns: Math.max(0, Math.ceil((width - x) / dx)),
    rows: Math.max(0, Math.ceil((height - y) / dy)),
  }));
  const rowBytes = (columns: number): number => Math.ceil((columns * stored * depth) / 8);
  const expected = sizes.reduce(
    (sum, { columns, rows }) => sum + (columns === 0 ? 0 : rows * (1 + rowBytes(columns))),
    0,
  );
  const unpacked = unpackBytes(unpackZlib(packed.length), packed, expected);
  if (unpacked.fault !== undefined) throw new Broken(`its data cannot be unpacked: ${unpacked.fault.message}`);
  if (unpacked.cut || unpacked.bytes.length !== expected)
    throw new Broken('it has more or less data than its size asks for');
  const plane = depth === 16 ? new Uint16Array(width * height * stored) : new Uint8Array(width * height * stored);
  let at = 0;
  for (const [pass, [x, y, dx, dy]] of passes.entries()) {
    const { columns, rows } = sizes[pass]!;
    if (columns === 0) continue;
    const length = rowBytes(columns);
    let before: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++, at += length + 1) {
      const line = unpacked.bytes.subarray(at + 1, at + 1 + length);
      unfilter(unpacked.bytes[at]!, line, before, Math.max(1, (stored * depth) >> 3));
      before = line;
      for (let column = 0; column < columns; column++)
        for (let channel = 0; channel < stored; channel++)
          plane[((y + row * dy) * width + x + column * dx) * stored + channel] = sampleAt(
            line,
            column * stored + channel,
            depth,
          );
    }
  }
  if (colour === 3) return { width, height, channels: 3, depth: 8, samples: resolve(plane, palette) };
  const stretch = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  return {
    width,
    height,
    channels: stored,
    depth,
    samples: stretch === 1 ? plane : plane.map((sample) => sample * stretch),
  };
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!;
  if (depth === 16) return line[index * 2]! * 256 + line[index * 2 + 1]!;
  const bit = index * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

function resolve(indices: Uint8Array | Uint16Array, palette: Buffer | undefined): Uint8Array {
  if (palette === undefined || palette.length % 3 !== 0) throw new Broken('its palette is missing or broken');
  const samples = new Uint8Array(indices.length * 3);
  for (let at = 0; at < indices.length; at++) {
    const from = indices[at]! * 3;
    if (from >= palette.length) throw new Broken('a pixel has a colour that is not in its palette');
    for (let channel = 0; channel < 3; channel++) samples[at * 3 + channel] = palette[from + channel]!;
  }
  return samples;
}

/** Undoes the filter of one line in place; `step` bytes to the left stands the pixel before. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw new Broken('a line has a filter that is not known');
  if (filter === 0) return;
  for (let at = 0; at < line.length; at++) {
    const left = at < step ? 0 : line[at - step]!;
    const up = above[at]!;
    const corner = at < step ? 0 : above[at - step]!;
    const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[at] = line[at]! + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
