// The primitive values of DER that certificates use, each in the one form that DER allows (X.690 section 8 and 11,
// RFC 5280 section 4.1.2.5 for times). Text is checked for control characters: `good.example\0.evil` has been one name
// to the authority and another to the reader (CVE-2009-2408).
import type { DerNode } from './der.js';
import { DerError, TAG } from './der.js';

/** The node again, if it has the tag. @throws DerError */
export function expectTag(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node?.tag !== tag) throw new DerError(`${what} is ${node === undefined ? 'missing' : 'of another type'}`);
  return node;
}

export function booleanOf(node: DerNode, what: string): boolean {
  const [byte] = expectTag(node, TAG.boolean, what).content;
  if (node.content.length !== 1 || (byte !== 0 && byte !== 0xff)) throw new DerError(`${what} is not a boolean`);
  return byte === 0xff;
}

/** Bytes of an integer, two's complement. */
export function integerBytes(node: DerNode | undefined, what: string): Uint8Array {
  const { content } = expectTag(node, TAG.integer, what);
  const [first, second] = content;
  if (first === undefined) throw new DerError(`${what} is empty`);
  const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new DerError(`${what} is not the shortest`);
  return content;
}

/** An integer from 0 to 2^31 - 1. */
export function smallInteger(node: DerNode | undefined, what: string): number {
  const bytes = integerBytes(node, what);
  if (bytes.length > 4 || (bytes[0] ?? 0) >= 0x80) throw new DerError(`${what} is negative or too large`);
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** Dotted decimal. */
export function oidOf(node: DerNode | undefined, what: string): string {
  const { content } = expectTag(node, TAG.oid, what);
  if (content.length === 0 || content.length > 64) throw new DerError(`${what} is empty or too long`);
  const arcs: number[] = [];
  let value = 0;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new DerError(`${what} is not the shortest`);
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new DerError(`${what} has an arc that is too large`);
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else arcs.push(value);
    value = 0;
  }
  if (!fresh) throw new DerError(`${what} is cut short`);
  return arcs.join('.');
}

/** The positions of the bits that are set, of a named bit list: no zero bit may end it (X.690 section 11.2.2). */
export function namedBits(node: DerNode, what: string): ReadonlySet<number> {
  const bytes = bitString(node, what);
  const set = new Set<number>();
  bytes.bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (0x80 >> bit)) !== 0) set.add(index * 8 + bit);
  });
  const last = bytes.bytes.length * 8 - bytes.unused - 1;
  if (last >= 0 && !set.has(last)) throw new DerError(`${what} ends in bits that are not set`);
  return set;
}

export function bitString(
  node: DerNode | undefined,
  what: string,
): { readonly bytes: Uint8Array; readonly unused: number } {
  const [unused, ...rest] = expectTag(node, TAG.bitString, what).content;
  const last = rest.at(-1) ?? 0;
  if (unused === undefined || unused > 7 || (rest.length === 0 && unused > 0) || (last & ((1 << unused) - 1)) !== 0)
    throw new DerError(`${what} is not a bit string`);
  return { bytes: Uint8Array.from(rest), unused };
}

const UTC = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const GENERALIZED = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/** RFC 5280: seconds always given, always UTC; two-digit years are 1950 to 2049. */
export function timeOf(node: DerNode | undefined, what: string): Date {
  if (node?.tag !== TAG.utcTime && node?.tag !== TAG.generalizedTime) throw new DerError(`${what} is not a time`);
  const text = Buffer.from(node.content).toString('latin1');
  const match = (node.tag === TAG.utcTime ? UTC : GENERALIZED).exec(text);
  if (match === null) throw new DerError(`${what} is not a time as certificates write it`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const full = node.tag === TAG.utcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const time = new Date(0);
  time.setUTCFullYear(full, month - 1, day);
  time.setUTCHours(hour, minute, second);
  // A 31st of February or a 25th hour would have moved on to another day.
  const same = time.getUTCFullYear() === full && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  if (!same || hour > 23 || minute > 59 || second > 59) throw new DerError(`${what} is no day of the calendar`);
  return time;
}

/** UTF8String content, whatever characters it has. */
export function utf8Text(content: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new DerError(`${what} is not UTF-8`);
  }
}

/** UTF8String content without control characters. */
export function utf8(content: Uint8Array, what: string): string {
  return plain(utf8Text(content, what), what);
}

/** IA5String content: ASCII without control characters. */
export function ascii(content: Uint8Array, what: string): string {
  if (content.some((byte) => byte > 0x7f)) throw new DerError(`${what} is not ASCII`);
  return plain(Buffer.from(content).toString('latin1'), what);
}

function plain(text: string, what: string): string {
  if (/\p{Cc}/u.test(text)) throw new DerError(`${what} has a control character`);
  return text;
}
