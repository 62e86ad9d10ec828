// Probes for archives and compressed streams whose fixed bytes are too few, or do not stand at the start. Two bytes that
// could begin a zlib stream begin one raw file in a thousand, so the first piece must unpack as well.
import type { Parser } from '../bytes/parser.js';
import { isZfile, isZlibHeader, unpackZlib } from '../compress/gzip.js';
import { isLzmaHeader, unpackLzma } from '../compress/lzma.js';
import type { Unpacker } from '../compress/unpacker.js';
import { unpackBytes } from '../compress/unpacker.js';
import { BLOCK, readTarHeader } from '../tar/records.js';
import { CENTRAL, END_BYTES, LOCATOR64 } from '../zip/records.js';
import type { Format } from './magic.js';

const ZIP_TAIL = END_BYTES + 0xffff;
const LOCATOR_BYTES = 20;
/** So much comes out of no stream of random bytes. */
const CONVINCING = 32;
const PROBE_BYTES = 64 * 1024;

export function* archivesIn(head: Uint8Array, size: number): Parser<Format[]> {
  const found: Format[] = [];
  if (readTarHeader(head.subarray(0, BLOCK)) !== undefined) found.push('tar');
  if (yield* isZip(head, size)) found.push('zip');
  if (isZfile(head)) found.push('zfile');
  const whole = head.length === size;
  if (isZlibHeader(head[0] ?? 0, head[1] ?? 0) && unpacks(unpackZlib(head.length), head, whole)) found.push('zlib');
  if (isLzmaHeader(head) && unpacks(unpackLzma(head.length), head, whole)) found.push('lzma');
  found.push(...(yield* behindSkippable(head)));
  if (yield* standsAt(32769, 'CD001')) found.push('iso');
  return found;
}

function unpacks(unpacker: Unpacker, head: Uint8Array, whole: boolean): boolean {
  const { bytes, fault, cut } = unpackBytes(unpacker, head, PROBE_BYTES);
  if (cut || fault === undefined || bytes.length >= CONVINCING) return true;
  if (fault.kind === 'cut-off' && !whole) return true;
  return fault.kind !== 'broken' && bytes.length > 0;
}

function* standsAt(offset: number, text: string): Parser<boolean> {
  return Buffer.from(yield { offset, length: text.length }).toString('latin1') === text;
}

/** zstd and lz4 share frames that are skipped; what follows them tells which of the two it is. */
function* behindSkippable(head: Uint8Array): Parser<Format[]> {
  let bytes = Buffer.from(head.subarray(0, 8));
  let at = 0;
  for (let frames = 0; frames < 8 && bytes.length === 8 && bytes.readUInt32LE(0) >>> 4 === 0x184d2a5; frames++) {
    at += 8 + bytes.readUInt32LE(4);
    bytes = Buffer.from(yield { offset: at, length: 8 });
    if (bytes.length < 4) break;
    const magic = bytes.readUInt32LE(0);
    if (magic === 0xfd2fb528) return ['zstd'];
    if (magic === 0x184d2204 || magic === 0x184c2102) return ['lz4'];
  }
  return at === 0 ? [] : ['lz4', 'zstd'];
}

export function startsAsZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** A zip is found from its end by most readers, so it may stand behind anything. */
function* isZip(head: Uint8Array, size: number): Parser<boolean> {
  if (startsAsZip(head)) return true;
  const start = Math.max(0, size - ZIP_TAIL);
  const tail = Buffer.from(yield { offset: start, length: size - start });
  for (let at = tail.indexOf('PK\x05\x06', 0, 'latin1'); at >= 0; at = tail.indexOf('PK\x05\x06', at + 1, 'latin1')) {
    if (at + END_BYTES > tail.length) return false;
    const wide = at >= LOCATOR_BYTES && tail.readUInt32LE(at - LOCATOR_BYTES) === LOCATOR64;
    const length = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    const end = start + at;
    if (wide) {
      if (!(yield* isInTar(head, end, undefined))) return true;
      continue;
    }
    // A text may hold the four characters; an end record has a directory too, where one of the readers looks for it.
    if (length < 46 || !((yield* isDirectory(end - length)) || (yield* isDirectory(offset)))) continue;
    const close = end + END_BYTES + tail.readUInt16LE(at + 20);
    if (!(yield* isInTar(head, close, end - length - offset))) return true;
  }
  return false;
}

function* isDirectory(at: number): Parser<boolean> {
  const bytes = Buffer.from(yield { offset: at, length: 4 });
  return bytes.length === 4 && bytes.readUInt32LE(0) === CENTRAL;
}

/** Whether a zip from `start` to `end` is exactly one entry of a tar, where it will be found as that. */
function* isInTar(head: Uint8Array, end: number, start: number | undefined): Parser<boolean> {
  if (start === undefined || start < BLOCK || readTarHeader(head.subarray(0, BLOCK)) === undefined) return false;
  const header = readTarHeader(yield { offset: start - BLOCK, length: BLOCK });
  return header?.size === end - start;
}
