import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexGrams, without, wordsOf } from './grams.js';

const signal = new AbortController().signal;

describe('indexGrams', () => {
  it('finds the words and neighbouring pairs that enough texts have, and names them', async () => {
    const index = await indexGrams(['Red barn door', 'the RED barn', 'red, barn! red barn', 'barn red'], 3, signal);
    const namesOf = (row: number): string[] => [...(index.rows[row]?.grams ?? [])].map((id) => index.name(id)).sort();
    expect(namesOf(0)).toEqual(['barn', 'red', 'red barn']);
    expect(namesOf(3)).toEqual(['barn', 'red']);
  });

  it('agrees with a plain count on any text', async () => {
    const texts = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'dé', '$1', '…'), { maxLength: 12 }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 4 }), async (rows, minRows) => {
        const index = await indexGrams(
          rows.map((words) => words.join(' ')),
          minRows,
          signal,
        );
        const sets = rows.map((row) => {
          const words = wordsOf(row.join(' '));
          return new Set([...words, ...words.slice(1).map((word, i) => `${words[i] ?? ''} ${word}`)]);
        });
        const often = (gram: string): boolean => sets.filter((set) => set.has(gram)).length >= minRows;
        for (const [row, set] of sets.entries())
          expect([...(index.rows[row]?.grams ?? [])].map((id) => index.name(id)).sort()).toEqual(
            [...set].filter(often).sort(),
          );
      }),
    );
  });

  it('does not confuse words whose common hashes collide', async () => {
    // FNV-1a, 32 bits, gives both the same value.
    const index = await indexGrams(['costarring', 'liquid'], 1, signal);
    expect(index.rows[0]?.words).not.toEqual(index.rows[1]?.words);
  });

  it('stops when its time is up', async () => {
    await expect(indexGrams(['a'], 1, AbortSignal.abort(new Error('time is up')))).rejects.toThrow('time is up');
  });
});

describe('without', () => {
  it('takes out whole words only, whatever their case', () => {
    expect(without('The Meadow, meadows', new Set(['meadow']))).toBe('The  , meadows');
  });
});
