// The responsible-AI facts of a Croissant card (`rai:` properties of the RAI vocabulary). Some are spelt in two ways in the
// wild: both are read, one is written.
import type { JsonValue } from '@vallum/core';
import { isJsonObject, VallumError } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import properties from './rai-properties.json' with { type: 'json' };

export const RAI_NAMESPACE = 'http://mlcommons.org/croissant/RAI/';
const MAX_TEXT = 100_000;
const MAX_ITEMS = 1000;

/** Texts by property, in the spelling that is written. */
export type RaiFacts = Readonly<Record<string, readonly string[]>>;

const SPELLINGS = new Map(
  Object.entries(properties).flatMap(([name, others]) => [name, ...others].map((each) => [each, name] as const)),
);

/** The written spelling of a property name without its prefix; undefined for one that is not of the vocabulary. */
export function raiProperty(name: string): string | undefined {
  return SPELLINGS.get(name);
}

/** Texts of a value as cards have them: one or a list, plain or with a language. Undefined for anything else. */
export function textsOf(value: JsonValue): readonly string[] | undefined {
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  if (items.length > MAX_ITEMS) return undefined;
  const texts = items.map((item) => {
    const plain = isJsonObject(item) ? item['@value'] : item;
    return typeof plain === 'number' || typeof plain === 'boolean' ? String(plain) : plain;
  });
  return texts.every((text) => typeof text === 'string' && text.length <= MAX_TEXT) ? (texts as string[]) : undefined;
}

export const MAX_RAI_BYTES = 1024 * 1024;

/**
 * Facts as people write them for a new card: YAML, a property a key, with a text or a list of texts.
 * @throws VallumError `DATA_CARD` naming the key
 */
export function readRaiFacts(bytes: Uint8Array): RaiFacts {
  const value = readYaml(new TextDecoder().decode(bytes), { maxBytes: MAX_RAI_BYTES, maxDepth: 4 });
  const refuse = (why: string): VallumError =>
    new VallumError('DATA_CARD', `the facts are refused: ${why}`, {
      fix: `write keys such as ${Object.keys(properties).slice(0, 3).join(', ')}; see docs/data-check.md, "A card"`,
    });
  if (!isJsonObject(value)) throw refuse('the file is no mapping of keys');
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const name = raiProperty(key.replace(/^rai:/, ''));
      const texts = textsOf(each);
      if (name === undefined) throw refuse(`${JSON.stringify(key.slice(0, 60))} is no property of the RAI vocabulary`);
      if (texts === undefined) throw refuse(`"${key}" is no text and no list of texts`);
      return [name, texts];
    }),
  );
}
