// Says what a file is by its content. The name is the attacker's (CVE-2025-1889, CVE-2025-10155: scanners that chose
// their parser by extension), and one file can be several things, so every format that matches is named.
import { isUtf8 } from 'node:buffer';
import type { Parser } from '../bytes/parser.js';
import { findSuperblock } from '../hdf5/superblock.js';
import { looksLikeMsgpack } from '../msgpack/read-msgpack.js';
import { looksLikeOnnx } from '../onnx/read-onnx.js';
import { PICKLE_LIMITS, readPickles } from '../pickle/read-pickles.js';
import { recognise } from '../recognised/recognise.js';
import type { CallSite } from '../pickle/values.js';
import { looksLikePython } from '../python/looks-like-python.js';
import { REFERENCE_HEADER } from '../safetensors/read-safetensors.js';
import { archivesIn, startsAsZip } from './archives.js';
import type { Format } from './magic.js';
import { byMagic } from './magic.js';
import { looksLikeUbjson } from '../ubjson/read-ubjson.js';
import { looksLikeWideXml } from '../xml/decode.js';
import { startsAsUtf16 } from './utf16.js';

const HEAD = 4096;
const PIECE = 1024 * 1024;
/** Bytes of a text that are looked at; longer texts are judged by their start and their end. */
const TEXT_BYTES = 32 * PIECE;
const PROBE = { ...PICKLE_LIMITS, maxSteps: 200_000, maxLine: 64 * 1024, maxTail: 0, maxPickles: 1 };
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
// A template may start with a bracket too: `{% for`, `[INST]`.
// Editors write comments, in front of the value too.
const JSON_START =
  /^\s*(?:\[\s*(?:[[{"\]\d-]|true|false|null|$)|\{(?![{%#])|(?:(?:\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)\s*)+\{\s*(?:"|\/\/))/;

/** Every format that the content matches; empty when it is none that is known. */
export function* sniff(size: number): Parser<readonly Format[]> {
  const head = yield { offset: 0, length: HEAD };
  const found: Format[] = byMagic(head);
  for (const format of yield* archivesIn(head, size)) if (!found.includes(format)) found.push(format);
  // The first entry of a tar stands where an HDF5 file may begin behind a user block.
  const tar = found.includes('tar');
  if (tar && head[0] !== 0x89) found.splice(0, found.length, ...found.filter((format) => format !== 'hdf5'));
  else if (!found.includes('hdf5') && (yield* findSuperblock(size, HEAD)) !== undefined) found.push('hdf5');
  if (startsAsUtf16(head, size)) found.push('utf-16');
  if (isSafetensors(head, size)) found.push('safetensors');
  if (isGitObject(head, size)) found.push('git-object');
  // The fixed bytes of some formats are letters, and a program may begin with them too.
  const text = !hasControl(head) && (yield* isText(size));
  if (text) {
    found.push('text');
    if (JSON_START.test(Buffer.from(head).toString('utf8'))) found.push('json');
  }
  if (!text && head.length > 0 && (yield* looksLikeOnnx(size))) found.push('onnx');
  if (!text && head.length > 0) found.push(...(yield* recognise(size, head)));
  if (!text && (yield* looksLikeMsgpack(size))) found.push('msgpack');
  if (!text && (yield* looksLikeUbjson(size))) found.push('ubjson');
  if (!text && Buffer.from(head.subarray(0, 4)).toString('latin1') === 'binf') found.push('xgboost-binary');
  if (!text && !found.includes('utf-16') && looksLikeWideXml(head)) found.push('xml');
  if (!text && looksLikePython(head)) found.push('python');
  // The length of a safetensors header may begin like a pickle: then only running it tells.
  const certain = !found.includes('safetensors');
  if (yield* isPickle(head, size, text, certain)) found.push('pickle');
  return found;
}

/** What git keeps of one file or commit, unpacked: kind, length, NUL, content. Nothing but git reads it from there. */
function isGitObject(head: Uint8Array, size: number): boolean {
  const start = /^(?:blob|tree|commit|tag) (\d{1,12})\0/.exec(Buffer.from(head.subarray(0, 32)).toString('latin1'));
  return start !== null && start[0].length + Number(start[1]) === size;
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
function* isPickle(head: Uint8Array, size: number, text: boolean, certain: boolean): Parser<boolean> {
  if (certain && head[0] === 0x80 && (head[1] ?? 255) <= 5 && head.length > 2) return true;
  // `P` asks the loader for a persistent object, which only torch's loaders answer, and they take `PK` for a zip.
  if (startsAsZip(head)) return false;
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
  const long = first.steps >= 3 || report.payloads.length > 0;
  return text ? report.globals.length > 0 || (first.end === size && long) : first.steps >= 2;
}
