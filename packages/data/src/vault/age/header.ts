// The text before an age file's payload (https://c2sp.org/age): a version line, one stanza for each recipient, a MAC over
// all of it under the file key. Whoever wrote the file may be hostile: one form only is read, within bounds.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { VallumError } from '@vallum/core';

const VERSION = 'age-encryption.org/v1\n';
const COLUMNS = 64;
export const MAX_AGE_HEADER_BYTES = 64 * 1024;
const MAX_STANZAS = 100;
const ARGUMENT = /^[\x21-\x7e]+$/;
const MAC_BYTES = 32;

export interface Stanza {
  readonly args: readonly string[];
  readonly body: Buffer;
}

export interface AgeHeader {
  readonly stanzas: readonly Stanza[];
  /** All that the MAC covers: up to and with `---`. */
  readonly covered: Buffer;
  readonly mac: Buffer;
  /** Where the payload begins. */
  readonly end: number;
}

export function ageFault(code: 'AGE_HEADER' | 'AGE_MAC' | 'AGE_NO_MATCH' | 'AGE_PAYLOAD', why: string): VallumError {
  return new VallumError(code, `this age file cannot be decrypted: ${why}`, {
    fix:
      code === 'AGE_NO_MATCH' ? 'give the identity or passphrase that it was encrypted for' : 'get the file once more',
  });
}

/** Base64 without padding, as age writes all binary values. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** Undefined unless it is the one canonical form. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return encodeBase64(bytes) === text ? bytes : undefined;
}

export function encodeAgeHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Buffer {
  const covered = Buffer.from(`${VERSION}${stanzas.map(encodeStanza).join('')}---`);
  return Buffer.concat([covered, Buffer.from(` ${encodeBase64(macOf(covered, fileKey))}\n`)]);
}

/** The last line of a body is shorter than the others, if need be empty. */
function encodeStanza({ args, body }: Stanza): string {
  const text = encodeBase64(body);
  const lines: string[] = [];
  for (let at = 0; at <= text.length; at += COLUMNS) lines.push(text.slice(at, at + COLUMNS));
  return `-> ${args.join(' ')}\n${lines.join('\n')}\n`;
}

function macOf(covered: Uint8Array, fileKey: Uint8Array): Buffer {
  const key = Buffer.from(hkdfSync('sha256', fileKey, new Uint8Array(), 'header', 32));
  return createHmac('sha256', key).update(covered).digest();
}

export function isMacRight({ covered, mac }: AgeHeader, fileKey: Uint8Array): boolean {
  return timingSafeEqual(macOf(covered, fileKey), mac);
}

/** @param start the first 64 KiB of the file @throws VallumError `AGE_HEADER` */
export function decodeAgeHeader(start: Uint8Array): AgeHeader {
  const bytes = Buffer.from(start.subarray(0, MAX_AGE_HEADER_BYTES));
  const lines = new Lines(bytes);
  if (`${lines.next()}\n` !== VERSION) throw ageFault('AGE_HEADER', 'its first line is not that of age version 1');
  const stanzas: Stanza[] = [];
  for (;;) {
    const begin = lines.at;
    const line = lines.next();
    if (line.startsWith('---')) {
      const mac = line.startsWith('--- ') ? decodeBase64(line.slice(4)) : undefined;
      if (mac?.length !== MAC_BYTES) throw ageFault('AGE_HEADER', 'its MAC line has the wrong form');
      if (stanzas.length === 0) throw ageFault('AGE_HEADER', 'it names no recipient');
      return { stanzas, covered: bytes.subarray(0, begin + 3), mac, end: lines.at };
    }
    if (stanzas.length === MAX_STANZAS) throw ageFault('AGE_HEADER', `it has more than ${MAX_STANZAS} recipients`);
    stanzas.push(readStanza(line, lines));
  }
}

function readStanza(first: string, lines: Lines): Stanza {
  const args = first.slice(3).split(' ');
  if (!first.startsWith('-> ') || !args.every((argument) => ARGUMENT.test(argument)))
    throw ageFault('AGE_HEADER', 'a recipient line has the wrong form');
  const parts: string[] = [];
  do parts.push(lines.next());
  while (parts.at(-1)?.length === COLUMNS);
  const body = parts.some((part) => part.length > COLUMNS) ? undefined : decodeBase64(parts.join(''));
  if (body === undefined)
    throw ageFault('AGE_HEADER', 'the body of a recipient is not canonical base64 in lines of 64');
  return { args, body };
}

class Lines {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw ageFault('AGE_HEADER', 'it ends too early');
    const line = this.#bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }
}
