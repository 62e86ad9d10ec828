import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteDictionary } from './byte-dictionary.js';

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Code of each text, as a reader asks for it. */
function codesOf(texts: readonly string[]): { codes: number[]; levels: string[] } {
  const dictionary = new ByteDictionary();
  const levels: string[] = [];
  const codes = texts.map((text) => {
    const bytes = Buffer.from(text);
    const found = dictionary.find(bytes, 0, bytes.length);
    if (found >= 0) return found;
    dictionary.add(bytes, 0, bytes.length, levels.length);
    return levels.push(text) - 1;
  });
  return { codes, levels };
}

describe('ByteDictionary', () => {
  it('gives each text a code that stands for it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 300 }), (texts) => {
        const { codes, levels } = codesOf(texts);
        expect(codes.map((code) => levels[code])).toEqual(texts);
      }),
    );
  });

  it('keeps few equal texts twice where nobody makes them collide', () => {
    const texts = Array.from({ length: 100_000 }, (_, at) => `k${at % 5000}`);
    expect(codesOf(texts).levels.length).toBeLessThan(5100);
  });

  it('stays right, and looks at few places, where all texts collide', () => {
    const texts: string[] = [];
    for (let at = 0; texts.length < 60; at++) if ((fnv(`${at}`) & 0xfff) === 7) texts.push(`${at}`);
    const { codes, levels } = codesOf([...texts, ...texts]);
    expect(codes.map((code) => levels[code])).toEqual([...texts, ...texts]);
    // Those behind the places that are looked at are kept a second time.
    expect(levels.length).toBeGreaterThan(texts.length);
  });
});
