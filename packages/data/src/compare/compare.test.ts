// Comparing versions: planted differences come out exactly, in one part and in many; against a plain in-memory count.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainColumn } from '../tables/testing/memory-table.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import type { CompareRequest } from './compare-tables.js';
import { compareTables } from './compare-tables.js';
import type { TableComparison } from './result.js';

type Plain = Readonly<Record<string, PlainColumn>>;

const compare = (old: Plain, now: Plain, more: Partial<CompareRequest> = {}): Promise<TableComparison> =>
  compareTables({
    old: { table: memoryTable(old, { batch: 3, types: TYPES }), name: 'old' },
    new: { table: memoryTable(now, { batch: 2, types: TYPES }), name: 'new' },
    progress: () => undefined,
    ...more,
  });
const TYPES = { t: 'text', y: 'text', s: 'text' } as const;
const counts = ({ same, added, removed, relabelled, changed, ambiguous }: TableComparison): readonly number[] => [
  same.count,
  added.count,
  removed.count,
  relabelled.count,
  changed.count,
  ambiguous.old,
  ambiguous.new,
];

const OLD = {
  id: [1, 2, 3, 4, 5],
  t: ['a', 'b', 'c', 'd', 'e'],
  y: ['h', 'h', 's', 's', 'h'],
  s: ['x', 'x', 'x', 'y', 'y'],
};
const NEW = {
  id: [1, 2, 3, 4, 6],
  t: ['a', 'B', 'c', 'd', 'f'],
  y: ['h', 'h', 'h', 'h', 'h'],
  s: ['x', 'x', 'x', 'y', 'z'],
};

describe('two versions of a table', () => {
  it.each([1000, 1])('by key, %i entries a part', async (entries) => {
    const found = await compare(OLD, NEW, { key: ['id'], label: 'y', source: 's', entries });
    expect(counts(found)).toEqual([1, 1, 1, 2, 1, 0, 0]);
    expect([found.added.rows, found.removed.rows, found.relabelled.rows, found.changed.rows]).toEqual([
      [5],
      [5],
      [3, 4],
      [2],
    ]);
    expect(found.relabels).toEqual([{ from: 's', to: 'h', count: 2 }]);
    expect(found.changedColumns).toEqual([{ column: 't', count: 1 }]);
    expect(found.sources.find(({ source }) => source === 'y')).toEqual({
      source: 'y',
      old: 2,
      new: 1,
      added: 0,
      removed: 1,
      relabelled: 1,
      changed: 0,
    });
    expect(found.relabelled).toMatchObject({ n: 5, interval: { level: 0.95, method: 'Clopper-Pearson' } });
  });

  it.each([1000, 1])('by content, %i entries a part', async (entries) => {
    const without = ({ t, y, s }: typeof OLD): Plain => ({ t, y, s });
    const [old, now] = [without(OLD), without(NEW)];
    const found = await compare(old, now, { label: 'y', source: 's', entries });
    expect(counts(found)).toEqual([1, 2, 2, 2, 0, 0, 0]);
    expect(found.relabels).toEqual([{ from: 's', to: 'h', count: 2 }]);
    expect(found.sources.map(({ source, added, removed }) => [source, added, removed])).toEqual([
      ['x', 1, 1],
      ['y', 0, 1],
      ['z', 1, 0],
    ]);
  });

  it('says which keys stand twice, and pairs none of them', async () => {
    const found = await compare(
      { id: [1, 1, 2, 3], t: ['a', 'b', 'c', 'd'] },
      { id: [1, 2, 3, 3], t: ['a', 'c', 'd', 'e'] },
      { key: ['id'] },
    );
    expect(counts(found)).toEqual([1, 0, 0, 0, 0, 3, 3]);
  });

  it('names columns that came, went or have another type, and compares those as text', async () => {
    const found = await compare(
      { n: [1, 2], gone: [1, 1], t: ['a', 'b'] },
      { n: ['1', '3'], came: [0, 0], t: ['a', 'b'] },
    );
    expect(found.columns).toEqual({
      compared: ['n', 't'],
      added: ['came'],
      removed: ['gone'],
      retyped: [{ name: 'n', old: 'number', new: 'text' }],
    });
    expect(counts(found)).toEqual([1, 1, 1, 0, 0, 0, 0]);
  });

  it('does not depend on the order of rows', async () => {
    const found = await compare({ t: ['a', 'b', 'c', 'a'] }, { t: ['a', 'c', 'a', 'b'] });
    expect(counts(found)).toEqual([4, 0, 0, 0, 0, 0, 0]);
  });

  it('agrees with a count by hand on any two tables', async () => {
    const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', null), fc.constantFrom('h', 's', null)), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.constantFrom(1, 100), async (before, after, entries) => {
        const plain = (each: typeof before): Plain => ({ t: each.map(([t]) => t), y: each.map(([, y]) => y) });
        const found = await compare(plain(before), plain(after), { label: 'y', entries });
        const more = (left: readonly string[], right: readonly string[]): number => {
          const rest = [...right];
          return left.filter((each) => {
            const at = rest.indexOf(each);
            if (at >= 0) rest.splice(at, 1);
            return at < 0;
          }).length;
        };
        const content = (each: typeof before): string[] => each.map(([t]) => JSON.stringify(t));
        const whole = (each: typeof before): string[] => each.map((row) => JSON.stringify(row));
        const added = more(content(after), content(before));
        const removed = more(content(before), content(after));
        const relabelled = more(whole(after), whole(before)) - added;
        expect(counts(found)).toEqual([after.length - added - relabelled, added, removed, relabelled, 0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });

  it('refuses tables with nothing in common, and columns that are not there', async () => {
    await expect(compare({ a: [1] }, { b: [1] })).rejects.toThrow('no column in common');
    await expect(compare({ a: [1], t: ['x'] }, { a: [1] }, { key: ['t'] })).rejects.toThrow('new has no column "t"');
  });
});
