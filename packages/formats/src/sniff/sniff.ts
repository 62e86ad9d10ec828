// Says what a file is by its content. The name is the attacker's (CVE-2025-1889, CVE-2025-10155: scanners that chose
// their parser by extension), and one file can be several things, so every format that matches is named.
import { isUtf8 } from 'node:buffer';
import type { Parser } from '../bytes/parser.js';
import { looksLikeOnnx } from '../onnx/read-onnx.js';
import { PICKLE_LIMITS, readPickles } from '../pickle/read-pickles.js';
import type { CallSite } from '../pickle/values.js';
import { REFERENCE_HEADER } from '../safetensors/read-safetensors.js';
import type { Format } from './magic.js';
import { byMagic } from './magic.js';

const HEAD = 4096;
const ZIP_TAIL = 22 + 0xffff;
const PIECE = 1024 * 1024;
/** Bytes of a text that are looked at; longer texts are judged by their start and their end. */
const TEXT_BYTES = 32 * PIECE;
const PROBE = { ...PICKLE_LIMITS, maxSteps: 200_000, maxLine: 64 * 1024, maxTail: 0, maxPickles: 1 };
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
const JSON_START = /^\s*[[{]/;

/** Every format that the content matches; empty when it is none that is known. */
export function* sniff(size: number): Parser<readonly Format[]> {
  const head = yield { offset: 0, length: HEAD };
  const found: Format[] = byMagic(head);
  if (yield* isZip(head, size)) found.push('zip');
  if (isSafetensors(head, size)) found.push('safetensors');
  const text = !found.some((format) => format !== 'script') && (yield* isText(size));
  if (text) {
    found.push('text');
    if (JSON_START.test(Buffer.from(head).toString('utf8'))) found.push('json');
  }
  if (!text && head.length > 0 && (yield* looksLikeOnnx(size))) found.push('onnx');
  if (yield* isPickle(head, size, text)) found.push('pickle');
  return found;
}

function* isZip(head: Uint8Array, size: number): Parser<boolean> {
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return true;
  const start = Math.max(0, size - ZIP_TAIL);
  const tail = Buffer.from(yield { offset: start, length: size - start });
  for (let at = tail.indexOf('PK\x05\x06', 0, 'latin1'); at >= 0; at = tail.indexOf('PK\x05\x06', at + 1, 'latin1')) {
    if (at + 22 > tail.length) return false;
    // A text may hold the four characters; an end record also has a directory that fits in front of it.
    const directory = tail.readUInt32LE(at + 12);
    const entries = tail.readUInt16LE(at + 10);
    if (entries > 0 && directory >= 46 && directory <= start + at) return true;
  }
  return false;
}

function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false;
  const length = Buffer.from(head.subarray(0, 8)).readBigUInt64LE();
  // A length that is too large for the format but not absurd is a broken header, which its reader will name.
  return length < BigInt(Math.max(size, REFERENCE_HEADER)) * 16n;
}

function* isText(size: number): Parser<boolean> {
  if (size === 0) return true;
  let rest: Uint8Array = new Uint8Array(0);
  for (let offset = 0; offset < Math.min(size, TEXT_BYTES);) {
    const read = yield { offset, length: Math.min(PIECE, size - offset) };
    if (read.length === 0) return false;
    offset += read.length;
    const bytes = rest.length === 0 ? read : Buffer.concat([rest, read]);
    if (hasControl(read)) return false;
    const whole = offset >= size ? bytes.length : lastBoundary(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return false;
    rest = bytes.subarray(whole);
  }
  return size <= TEXT_BYTES || !hasControl(yield { offset: size - PIECE, length: PIECE });
}

/** Index behind the last whole UTF-8 character. */
function lastBoundary(bytes: Uint8Array): number {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length - back + 1;
    if (byte >= 0xc0) return bytes.length - back;
  }
  return bytes.length;
}

function hasControl(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if (byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09 && byte !== 0x0c && byte !== 0x1b) return true;
  return false;
}

// What only asks a registry acts on nothing by itself, and one raw number in eighty-five begins with such an opcode.
const ACTS: ReadonlySet<CallSite['how']> = new Set(['call', 'new', 'build', 'items', 'import']);

// Any text starts with letters that are opcodes. It counts as a pickle when running it would get as far as importing
// something with a name that Python could import and calling it, or, for bytes that are no text, as far as STOP.
function* isPickle(head: Uint8Array, size: number, text: boolean): Parser<boolean> {
  if (head[0] === 0x80 && (head[1] ?? 255) <= 5 && head.length > 2) return true;
  let called = false;
  const visit = (site: CallSite): void => {
    const { target } = site;
    if (target.kind !== 'global') called ||= !text && ACTS.has(site.how);
    else called ||= IDENTIFIER.test(target.module) && IDENTIFIER.test(target.name);
  };
  const report = yield* readPickles(size, visit, PROBE);
  const first = report.pickles[0];
  if (called || first === undefined) return called;
  if (first.fault?.kind === 'budget') return first.steps >= PROBE.maxSteps;
  if (first.fault !== undefined) return false;
  // A text that happens to be `N.` and goes on is no pickle; one that is nothing else is.
  return text ? report.globals.length > 0 || (first.end === size && first.steps >= 3) : first.steps >= 2;
}
