// A bad cell that makes a column text on one side hides no copy and invents none: shared rows, ids, keys, labels and times.
import { describe, expect, it } from 'vitest';
import { compareTables } from '../compare/compare-tables.js';
import { findShared } from '../duplicates/content.js';
import { findEarly } from '../duplicates/early-rows.js';
import { examineLeakage } from '../duplicates/examine-leakage.js';
import { inCommon } from './common-cell.js';
import { memoryTable } from './testing/memory-table.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const TYPED = {
  id: [50, 51, 52],
  d: [day('2020-01-01'), day('2020-01-02'), day('2020-01-03')],
  p: [0.1, 1.2, null],
  ok: [true, false, true],
};
/** The same rows as a CSV has them, and one more that is of no type. */
const TEXTS = {
  id: ['00050', '51', '52', 'x'],
  d: ['2020-01-01', '2020-01-02', '2020-01-03', 'soon'],
  p: ['0.10', '1.20', '', 'free'],
  ok: ['true', 'False', 'true', 'perhaps'],
};
const CONTENT = Object.keys(TYPED);

describe('a column that has another type in the other table', () => {
  const [typed, texts] = [memoryTable(TYPED), memoryTable(TEXTS)];

  it.each([
    ['0.10', 'text', 'number', 0.1],
    ['00050', 'text', 'number', 50],
    ['-inf', 'text', 'number', -Infinity],
    [' 7 ', 'text', 'number', 7],
    ['\u00a07', 'text', 'number', '\u00a07'],
    ['NA', 'text', 'number', undefined],
    ['2020-01-01', 'text', 'time', Date.parse('2020-01-01')],
    ['x', 'text', 'time', 'x'],
    ['true', 'text', 'boolean', 1],
    [0.1, 'number', 'text', 0.1],
    [0, 'time', 'number', '1970-01-01T00:00:00.000Z'],
    ['0.10', 'text', 'text', '0.10'],
  ] as const)('%j of type %s beside %s', (cell, type, other, common) =>
    expect(inCommon(cell, type, other)).toBe(common),
  );

  it('shares its rows and ids whichever side is text', async () => {
    for (const content of [CONTENT, ['id'], ['d'], ['p']]) {
      const cells = content[0] === 'p' ? 2 : 3;
      expect((await findShared(typed, texts, 4, content)).count).toBe(cells);
      expect((await findShared(texts, typed, 3, content)).count).toBe(cells);
    }
  });

  it('is compared, and told with the cells that made it so', async () => {
    for (const key of [[], ['id']]) {
      const [old, now] = [
        { table: typed, name: 'old' },
        { table: texts, name: 'new' },
      ];
      const found = await compareTables({ old, new: now, key, label: 'ok', progress: () => undefined });
      expect([found.same.count, found.added.count, found.removed.count, found.relabelled.count]).toEqual([3, 1, 0, 0]);
      expect(found.notExamined).toContainEqual({
        what: 'the type of column "d"',
        why: 'it is time in old and text in new, where 1 of 4 texts are no time: those were compared as text, the others as time',
      });
    }
  });

  it('keeps the rows in time that can be read', async () => {
    const test = memoryTable({ d: ['2020-01-02', '2021-01-01', 'soon'] });
    const { broken, judged, left } = await findEarly(typed, test, 'd');
    expect([broken.rows, judged, left.length]).toEqual([[1], 2, 1]);
    expect(left[0]?.what).toBe('the order in time of 1 test rows');
    const other = await findEarly(memoryTable(TEXTS), memoryTable({ d: [day('2020-01-03'), day('2021-01-01')] }), 'd');
    expect([other.broken.rows, other.judged]).toEqual([[1], 2]);
    const none = await findEarly(memoryTable({ d: ['soon'] }), typed, 'd');
    expect([none.judged, none.left[0]?.why]).toEqual([0, '"d": no training row has a time']);
  });

  it('is told by the section of leakage, which finds the rows', async () => {
    const { findings, notExamined } = await examineLeakage(
      {
        train: typed,
        test: texts,
        columns: { content: ['d', 'p'], apart: [], label: undefined },
        facts: [],
        rows: 3,
        time: 'd',
      },
      { seed: 1, near: false, progress: () => undefined },
    );
    expect(findings.map(({ rule, count, n }) => [rule, count, n])).toEqual([
      ['leakage.row', 3, 4],
      ['leakage.time', 3, 3],
    ]);
    expect(notExamined.filter(({ what }) => what.startsWith('the type of column'))).toHaveLength(2);
  });
});
