// The table of fingerprints: what was put in last comes out, and nothing that never went in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashTable } from './hash-table.js';

describe('the table of fingerprints', () => {
  const key = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  it('gives back what was set last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.integer({ min: 1, max: 2 ** 32 - 1 })), { maxLength: 20 }),
        key,
        (entries, other) => {
          const table = new HashTable();
          const map = new Map(entries);
          for (const [k, value] of entries) table.set(k, value);
          for (const [k, value] of map) expect(table.get(k)).toBe(value);
          if (!map.has(other)) expect(table.get(other)).toBe(0);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps nearly all of 100,000 small hashes, and 0 among them', () => {
    const table = new HashTable();
    for (let i = 0; i < 100_000; i += 1) table.set(i * 7, i + 1);
    let kept = 0;
    for (let i = 0; i < 100_000; i += 1) if (table.get(i * 7) === i + 1) kept += 1;
    expect(kept).toBeGreaterThan(99_000);
    expect(table.get(0)).toBe(1);
  });
});
