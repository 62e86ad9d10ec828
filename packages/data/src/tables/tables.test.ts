// What sections share: digests of rows, the map that holds them, masking.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Table } from '@vallum/formats';
import { maskedCell, textOf } from './cells.js';
import { DigestMap, inPass } from './digest-map.js';
import { percent } from './finding.js';
import { RowDigester } from './row-digest.js';
import { memoryTable } from './testing/memory-table.js';

async function digests(table: Table): Promise<readonly string[]> {
  const digester = new RowDigester(table.columns.map(({ type }, index) => ({ index, type })));
  const found: string[] = [];
  const digest = new Uint32Array(4);
  for await (const batch of table.batches()) {
    digester.start(batch);
    for (let row = 0; row < batch.rows; row += 1) {
      digester.digest(row, digest);
      found.push(digest.join());
    }
  }
  return found;
}

describe('digests of rows', () => {
  it('are equal for equal rows only', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', 'a', 'aa', '1', '\0', 'x'.repeat(15), 'x'.repeat(16), 'é'.repeat(8), 'é'.repeat(7)),
      fc.string(),
    );
    const row = fc.record({ t: fc.option(cell), u: fc.option(cell), n: fc.option(fc.double()) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (rows, batch) => {
          const table = memoryTable(
            { t: rows.map(({ t }) => t), u: rows.map(({ u }) => u), n: rows.map(({ n }) => n) },
            { batch, types: { t: 'text', u: 'text', n: 'number' } },
          );
          const found = await digests(table);
          // JSON writes NaN and infinities as null; -0 and 0 are one number.
          const keys = rows.map(({ t, u, n }) =>
            JSON.stringify([t, u, n === null ? 'missing' : String(n === 0 ? 0 : n)]),
          );
          for (const [i, a] of keys.entries())
            for (const [j, b] of keys.entries()) expect(found[i] === found[j]).toBe(a === b);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tell a missing text from an empty one, and where one text ends', async () => {
    const found = await digests(memoryTable({ a: [null, '', 'ab', 'a'], b: ['', '', 'c', 'bc'] }));
    expect(new Set(found).size).toBe(4);
  });
});

describe('the map of digests', () => {
  it('does what a Map does', () => {
    const random = fc.array(fc.tuple(fc.nat(50), fc.nat(3)), { maxLength: 300 });
    fc.assert(
      fc.property(random, (keys) => {
        const map = new DigestMap(4);
        const plain = new Map<string, number>();
        for (const [row, [a, d]] of keys.entries()) {
          const digest = Uint32Array.of(a, 0, 0, d);
          const { slot, isNew } = map.enter(digest, row);
          expect(isNew).toBe(!plain.has(digest.join()));
          if (isNew) plain.set(digest.join(), row);
          expect(map.rowAt(slot)).toBe(plain.get(digest.join()));
        }
        expect(map.size).toBe(plain.size);
        for (const [key, row] of plain) expect(map.rowAt(map.find(Uint32Array.from(key.split(','), Number)))).toBe(row);
      }),
    );
  });

  it('puts every digest into one pass', () => {
    const digest = Uint32Array.of(1, 2, 3, 4_000_000_007);
    expect([0, 1, 2].filter((pass) => inPass(digest, pass, 3))).toHaveLength(1);
  });
});

describe('what is shown', () => {
  it.each([
    ['Alice Miller', 'text', '"A…" (12 characters)'],
    ['', 'text', 'an empty text'],
    ['\u001b[2Jx', 'text', '"?…" (5 characters)'],
    [4111111111111111, 'number', 'about 4e+15 (16 digits)'],
    [-5.25, 'number', '-5.25'],
    [NaN, 'number', 'NaN'],
    [Date.parse('1985-04-12T10:00:00Z'), 'time', '1985-04'],
    [8.64e15 + 1, 'time', 'no time'],
    [1, 'boolean', 'true'],
    [undefined, 'text', 'missing'],
  ] as const)('of %s', (cell, type, shown) => expect(maskedCell(cell, type)).toBe(shown));

  it('as text is the same for equal cells', () => {
    expect(textOf(0, 'time')).toBe('1970-01-01T00:00:00.000Z');
    expect(textOf(0, 'boolean')).toBe('false');
  });

  it.each([
    [0, '0 %'],
    [1e-7, '0.00001 %'],
    [0.0004, '0.04 %'],
    [0.123, '12 %'],
    [0.9999, '> 99.9 %'],
    [1, '100 %'],
  ])('of the share %f is %s', (share, shown) => expect(percent(share)).toBe(shown));
});
