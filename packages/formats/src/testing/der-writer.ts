// Writes DER, for tests: every element of X.690 that certificates need, and by hand whatever they must not be.

export type Der = Buffer;

/** @param length in place of the true one */
export function der(tag: number, content: Uint8Array, length = lengthOf(content.length)): Der {
  return Buffer.concat([Buffer.of(tag), length, content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

export const sequence = (...parts: readonly Der[]): Der => der(0x30, Buffer.concat(parts));
export const setOf = (...parts: readonly Der[]): Der =>
  der(0x31, Buffer.concat([...parts].sort((a, b) => Buffer.compare(a, b))));
export const derTrue = (): Der => der(0x01, Buffer.of(0xff));
export const octets = (content: Uint8Array): Der => der(0x04, content);
export const utf8String = (text: string): Der => der(0x0c, Buffer.from(text));
export const bits = (content: Uint8Array, unused = 0): Der => der(0x03, Buffer.concat([Buffer.of(unused), content]));

/** @param number from 0 */
export function integer(number: number): Der {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.concat([first * 40 + second, ...rest].map(base128)));
}

function base128(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return Buffer.from(bytes);
}

/** UTCTime until 2049, GeneralizedTime from 2050. */
export function time(date: Date): Der {
  const text = date.toISOString().replace(/[-:T]/g, '').replace(/\.\d+/, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** A name of one part: `CN=text`. */
export function commonName(text: string): Der {
  return sequence(setOf(sequence(oid('2.5.4.3'), utf8String(text))));
}
