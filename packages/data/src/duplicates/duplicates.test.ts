// Repeated and nearly repeated rows: exact ones in any number of passes, near ones within the stated error.
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '@vallum/stats';
import type { Table } from '@vallum/formats';
import { FactsExaminer } from '../check/column-facts.js';
import type { ColumnFacts } from '../check/column-facts.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import { findRepeatedContent, findShared } from './content.js';
import { examineLeakage } from './examine-leakage.js';
import { missProbability, NearIndex } from './near-index.js';
import { aspectsOf, findNear } from './near-rows.js';
import { likeness, textMarks } from './shingles.js';

const SEED = 7;

async function factsOf(table: Table): Promise<{ facts: readonly ColumnFacts[]; rows: number }> {
  const examiner = new FactsExaminer(table.columns);
  let rows = 0;
  for await (const batch of table.batches()) {
    examiner.add(batch);
    rows += batch.rows;
  }
  return { facts: examiner.facts, rows };
}

describe('repeated content', () => {
  const values = Array.from({ length: 400 }, (_, row) => (row * 37) % 150);
  const labels = values.map((value, row) => (row === 399 ? 'other' : value % 2 === 0 ? 'even' : 'odd'));
  const table = memoryTable({ x: values, t: values.map((value) => `row ${value}`), y: labels }, { batch: 33 });

  it.each([1000, 60, 7])('is found with %i entries a pass', async (entries) => {
    const found = await findRepeatedContent(table, 400, { content: ['x', 't'], label: 'y' }, { entries });
    expect([found.rows.count, found.conflicts?.count, found.conflicts?.rows]).toEqual([250, 1, [400]]);
  });

  it('gives a seed that every row decides', async () => {
    const columns = { content: ['x'], label: undefined };
    const seeds = await Promise.all(
      [values, values.map((value, row) => (row === 17 ? -1 : value))].map(
        async (x) => (await findRepeatedContent(memoryTable({ x }), 400, columns)).seed,
      ),
    );
    expect(seeds[0]).not.toBe(seeds[1]);
  });

  it.each([1000, 5])('is found in another table, with %i entries a pass', async (entries) => {
    const test = memoryTable({ x: [-1, 36, 36, 5.5, 2], t: ['row -1', 'row 36', 'row 36', 'row 5', 'row two'] });
    const found = await findShared(table, test, 5, ['x', 't'], { entries });
    expect([found.count, found.rows]).toEqual([2, [2, 3]]);
  });

  it('is compared as text where the types differ', async () => {
    const found = await findShared(memoryTable({ x: [1, 2, 3, null] }), memoryTable({ x: ['4', '2', null] }), 3, ['x']);
    expect([found.count, found.rows]).toEqual([1, [2]]);
  });
});

describe('the index of near rows', () => {
  /** Pairs of sets of 200 marks with exactly so much likeness. */
  function miss(wanted: number, pairs: number): number {
    const random = mulberry32(Math.round(wanted * 1000));
    const mark = (): number => Math.floor(random() * 2 ** 32);
    const index = new NearIndex({ bands: 20, width: 5, seed: SEED, threshold: 0, maxMarks: 1e9, maxRows: 1e6 });
    const shared = Math.round((2 * 200 * wanted) / (1 + wanted));
    for (let pair = 0; pair < pairs; pair += 1) {
      const common = Array.from({ length: shared }, mark);
      for (let side = 0; side < 2; side += 1)
        index.add(Uint32Array.from([...common, ...Array.from({ length: 200 - shared }, mark)]).sort());
    }
    const found = new Set<number>();
    for (const part of index.pairs()) for (const { a, b } of part) if (b === a + 1 && a % 2 === 0) found.add(a);
    return 1 - found.size / pairs;
  }

  it.each([0.9, 0.7, 0.6, 0.5, 0.4])('misses pairs of likeness %f as often as stated', (wanted) => {
    const pairs = 400;
    const stated = missProbability(wanted, { bands: 20, width: 5 });
    const error = 4 * Math.sqrt((stated * (1 - stated)) / pairs) + 0.03;
    expect(Math.abs(miss(wanted, pairs) - stated)).toBeLessThan(error);
  });

  it('states its error at the threshold', () => {
    expect(missProbability(0.8, { bands: 20, width: 5 })).toBeCloseTo(3.56e-4, 6);
  });

  it('takes in no more than it may hold, and counts the rest', () => {
    const index = new NearIndex({ bands: 2, width: 2, seed: 1, threshold: 0.5, maxMarks: 10, maxRows: 3 });
    expect([3, 4, 4, 2, 1].map((size) => index.add(Uint32Array.from({ length: size }, (_, i) => i)))).toEqual([
      0, 1, -1, 2, -1,
    ]);
    expect([index.rows, index.left]).toEqual([3, 2]);
  });

  it('compares each of a crowd with its first', () => {
    const index = new NearIndex({ bands: 4, width: 1, seed: 1, threshold: 1, maxMarks: 1e6, maxRows: 1e6 });
    for (let row = 0; row < 300; row += 1) index.add(Uint32Array.of(1, 2, 3));
    const hit = new Set([...index.pairs()].flatMap((pairs) => pairs.map(({ b }) => b)));
    expect([hit.size, index.crowds]).toEqual([299, 4]);
  });
});

describe('near rows', () => {
  const random = mulberry32(11);
  const word = (): string =>
    Array.from({ length: 6 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
  const texts = Array.from({ length: 200 }, () => Array.from({ length: 40 }, word).join(' '));
  const changed = (text: string): string => text.replace(/^\w+/, 'changed').toUpperCase().replaceAll(' ', '  ');

  it('are found by their text, whatever the layout', async () => {
    const table = memoryTable({
      text: [...texts, changed(texts[3] ?? ''), changed(texts[77] ?? '')],
      n: texts.map((_, i) => i).concat([1, 2]),
    });
    const { facts, rows } = await factsOf(table);
    const [aspect, ...more] = aspectsOf(facts, rows, []);
    expect([aspect?.kind, more]).toEqual(['text', []]);
    if (aspect === undefined) return;
    const { within, compared, notExamined } = await findNear(table, undefined, aspect, { seed: SEED });
    expect([...within].map(([row, alike]) => [row, alike.row])).toEqual([
      [200, 3],
      [201, 77],
    ]);
    expect([compared, notExamined]).toEqual([202, []]);
  });

  it('are found by their numbers, with a little noise', async () => {
    const column = (): number[] => Array.from({ length: 300 }, () => random() * 100);
    const columns = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, column()]));
    const copies = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, [...values, (values[42] ?? 0) + 1e-6]]),
    );
    const table = memoryTable(copies);
    const { facts, rows } = await factsOf(table);
    const [aspect] = aspectsOf(facts, rows, []);
    expect(aspect?.kind).toBe('cells');
    if (aspect === undefined) return;
    const { within } = await findNear(table, undefined, aspect, { seed: SEED });
    expect([...within].map(([row, alike]) => [row, alike.row])).toEqual([[300, 42]]);
  });

  it('are categories or too few numbers to say in other tables', async () => {
    const table = memoryTable({ kind: texts.map((_, i) => (i % 2 === 0 ? 'a' : 'b')), n: texts.map((_, i) => i) });
    const { facts, rows } = await factsOf(table);
    expect(aspectsOf(facts, rows, [])).toEqual([]);
  });

  it('have a likeness between 0 and 1 that is Jaccard of their pieces', () => {
    expect(likeness(textMarks('abcdefgh'), textMarks('ABCDEFGH'))).toBe(1);
    // abcde bcdef cdefg defgh against abcde bcdef cdefx: two of five.
    expect(likeness(textMarks('abcdefgh'), textMarks('abcdefx'))).toBeCloseTo(2 / 5, 12);
    expect(likeness(textMarks('abcd'), textMarks('abcd'))).toBe(0);
  });

  it('and all else that leaks is found between two tables', async () => {
    const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));
    const train = memoryTable({
      id: texts.map((_, i) => i),
      who: texts.map((_, i) => `g${i % 50}`),
      at: texts.map((_, i) => day(1 + (i % 20))),
      text: texts,
    });
    const test = memoryTable({
      id: [500, 501, 7],
      who: ['new', 'g3', 'newer'],
      at: [day(30), day(31), day(5)],
      text: [changed(texts[3] ?? ''), 'something else altogether, that was never said before', texts[9] ?? ''],
    });
    const { facts, rows } = await factsOf(train);
    const { findings, metrics } = await examineLeakage(
      {
        train,
        test,
        columns: { content: ['text'], apart: ['id'], label: undefined },
        facts,
        rows,
        id: 'id',
        group: 'who',
        time: 'at',
      },
      { seed: SEED, near: true, progress: () => undefined },
    );
    expect(findings.map(({ rule, count, rows: hit }) => [rule, count, hit])).toEqual([
      ['leakage.row', 1, [3]],
      ['leakage.id', 1, [3]],
      ['leakage.group', 1, [2]],
      ['leakage.time', 1, [3]],
      ['leakage.near', 2, [1, 3]],
    ]);
    expect(metrics.find(({ id }) => id === 'leakage.row')).toMatchObject({ value: 1 / 3, n: 3 });
  });
});
