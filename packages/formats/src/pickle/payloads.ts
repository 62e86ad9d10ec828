// Constants that carry another program: a pickle inside bytes, or a pickle in base64 or hexadecimal inside text. Such a
// constant does nothing by itself, so it is listed, to be read by the same machine.

/** A constant that looks like another pickle; `bytes` is set where the input does not hold it as it is. */
export interface Payload {
  readonly offset: number;
  readonly length: number;
  readonly encoding: 'raw' | 'base64' | 'hex';
  readonly bytes?: Uint8Array;
}

// Protocol 0 or 1 that starts by importing a name, perhaps below a mark.
const IMPORT_FIRST = /^\(?[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n/;
const BASE64 = /^[A-Za-z0-9+/_\-\s]{16,}={0,2}\s*$/;
const HEX = /^(?:[0-9a-fA-F]{2}){8,}$/;

/** True for bytes that start as a pickle does: PROTO with a known version, or an import in protocol 0. */
export function startsAsPickle(head: Uint8Array): boolean {
  if (head.length >= 3 && head[0] === 0x80) return (head[1] ?? 255) <= 5;
  const first = head[0];
  if (first !== 0x28 && first !== 0x63 && first !== 0x69) return false;
  return IMPORT_FIRST.test(latin1(head.subarray(0, 256)));
}

/** The bytes of a text that is itself a pickle in protocol 0 or 1, one byte a character. */
export function carriesPickle(text: string): Uint8Array | undefined {
  const code = text.charCodeAt(0);
  if (code !== 0x80 && code !== 0x28 && code !== 0x63 && code !== 0x69) return undefined;
  const bytes = Buffer.from(text, 'latin1');
  return startsAsPickle(bytes) ? bytes : undefined;
}

/** How a text encodes a pickle, judged by its start, or undefined. */
export function encodedPickle(text: string): 'base64' | 'hex' | undefined {
  if (text.length < 16) return undefined;
  const head = text.slice(0, 256).trim();
  if (HEX.test(head.slice(0, head.length & ~1)) && startsAsPickle(Buffer.from(head.slice(0, head.length & ~1), 'hex')))
    return 'hex';
  if (BASE64.test(head) && startsAsPickle(Buffer.from(head, 'base64'))) return 'base64';
  return undefined;
}

/** Bytes of an encoded payload. */
export function decodePayload(bytes: Uint8Array, encoding: Payload['encoding']): Uint8Array {
  return encoding === 'raw' ? bytes : Buffer.from(latin1(bytes).trim(), encoding);
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
