// Readers of the JSON in a signature file, for both profiles. Strict: one meaning only (no key twice, no loose base64).
// Compat: as Python's json and base64 modules read it, since the reference implementation leaves it to them.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import type { Profile } from './method.js';
import type { RefusalCode } from './refusal.js';
import { Refusal } from './refusal.js';

/** Enough for the manifest of 100,000 files. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 16;

export interface Form {
  readonly profile: Profile;
  readonly malformed: (why: string) => Refusal;
  json(bytes: Uint8Array): JsonValue;
  /** An object; with `known`, one that has no other fields. */
  object(value: JsonValue | undefined, what: string, known?: readonly string[]): JsonObject;
  list(value: JsonValue | undefined, what: string): readonly JsonValue[];
  text(value: JsonValue | undefined, what: string): string;
  base64(value: JsonValue | undefined, what: string): Buffer;
}

/** Everything that is wrong is thrown as a Refusal with this code. */
export function formOf(profile: Profile, code: RefusalCode, what: string): Form {
  const malformed = (why: string): Refusal => new Refusal(code, `${what} is malformed: ${why}`);
  const object: Form['object'] = (value, name, known) => {
    if (!isJsonObject(value)) throw malformed(`${name} is not an object`);
    const stray = known === undefined ? undefined : Object.keys(value).find((key) => !known.includes(key));
    if (stray !== undefined) throw malformed(`${name} has an unknown field ${JSON.stringify(stray.slice(0, 80))}`);
    return value;
  };
  return {
    profile,
    malformed,
    object,
    json: (bytes) => {
      try {
        if (profile === 'strict') return parseJsonStrict(bytes, { maxBytes: MAX_BUNDLE_BYTES, maxDepth: MAX_DEPTH });
        return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as JsonValue;
      } catch (error) {
        throw malformed(messageOf(error));
      }
    },
    list: (value, name) => {
      if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
      return value as readonly JsonValue[];
    },
    text: (value, name) => {
      if (typeof value !== 'string') throw malformed(`${name} is not text`);
      return value;
    },
    base64: (value, name) => {
      const text = typeof value === 'string' ? value : '';
      const bytes = Buffer.from(text, 'base64');
      // Decoders skip what they do not know; strictly, only the text that the bytes encode to is accepted.
      if (bytes.length > 0 && bytes.toString('base64') === text) return bytes;
      const loose = profile === 'compat' && text !== '' ? looseBase64(text) : undefined;
      if (loose === undefined) throw malformed(`${name} is not canonical base64`);
      return loose;
    },
  };
}

/** As CPython's `binascii.a2b_base64` reads it: unknown characters are skipped, and what follows the padding too. */
export function looseBase64(text: string): Buffer | undefined {
  if (/[^\0-\x7f]/.test(text)) return undefined;
  const kept: string[] = [];
  let pads = 0;
  for (const character of text) {
    const filled = kept.length % 4;
    if (character === '=') {
      if (filled < 2) continue;
      pads += 1;
      if (filled + pads >= 4) return Buffer.from(kept.join(''), 'base64');
    } else if (/[A-Za-z0-9+/]/.test(character)) {
      pads = 0;
      kept.push(character);
    }
  }
  return kept.length % 4 === 0 ? Buffer.from(kept.join(''), 'base64') : undefined;
}
