// Readers of the JSON in a signature file, for both profiles. Strict: one meaning only (no key twice, no loose base64).
// Compat: as Python's json and base64 modules read it, since the reference implementation leaves it to them.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import { looseBase64 } from './compat/loose-base64.js';
import { parseLoose } from './compat/loose-json.js';
import type { Profile } from './method.js';
import type { RefusalCode } from './refusal.js';
import { Refusal } from './refusal.js';

/** Enough for the manifest of 100,000 files. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 16;
/** Of the profile `compat`; Python itself gives up at about a thousand. */
const MAX_LOOSE_DEPTH = 512;
/** Five times what 100,000 files need. A value costs up to a hundred times its bytes, whoever wrote it. */
const MAX_VALUES = 2_000_000;

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
        const limits = { maxBytes: MAX_BUNDLE_BYTES, maxValues: MAX_VALUES };
        if (profile === 'strict') return parseJsonStrict(bytes, { ...limits, maxDepth: MAX_DEPTH });
        return parseLoose(bytes, { ...limits, maxDepth: MAX_LOOSE_DEPTH });
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
