// Rules about the table as a whole that one pass can answer: number of rows, freshness, order, sums, balance of classes.
import type { Metric } from '@vallum/core';
import type { Batch, Column } from '@vallum/formats';
import { cellAt, textOf } from '../tables/cells.js';
import type { DataFinding, FindingDraft } from '../tables/finding.js';
import { Broken, dataFinding, percent, shareMetric } from '../tables/finding.js';
import type { TableRule } from './rule.js';

export interface TableWatched {
  add(batch: Batch): void;
  finish(rows: number): { readonly findings: readonly DataFinding[]; readonly metrics: readonly Metric[] };
}

type Rule<C extends TableRule['check']> = Extract<TableRule, { check: C }>;

/** Undefined where the rule cannot be asked of a column of this type. @param now milliseconds since the epoch */
export function watchTable(
  rule: Exclude<TableRule, { check: 'unique' | 'columns' }>,
  columns: readonly Column[],
  now: number,
): TableWatched | undefined {
  if (rule.check === 'rows') return watchRows(rule);
  const index = columns.findIndex(({ name }) => name === rule.column);
  const column = columns[index];
  if (column === undefined) return undefined;
  switch (rule.check) {
    case 'fresh':
      return column.type === 'time' ? watchFresh(rule, index, now) : undefined;
    case 'order':
      return column.type === 'number' || column.type === 'time' ? watchOrder(rule, index) : undefined;
    case 'sum':
      return column.type === 'number' ? watchSum(rule, index) : undefined;
    case 'balance':
      return column.type === 'time' ? undefined : watchBalance(rule, column, index);
  }
}

function draft(rule: TableRule, n: number): Pick<FindingDraft, 'section' | 'rule' | 'severity' | 'fix' | 'n'> {
  return {
    section: 'rules',
    rule: `rules.${rule.id}`,
    severity: rule.severity,
    fix: rule.why ?? 'find out what is missing or was added, or change the rule',
    n,
  };
}

/** What is wrong is one fact about the table, not a number of rows. */
function fact(rule: TableRule, what: string, column?: string): DataFinding {
  const finding = dataFinding({
    ...draft(rule, 0),
    what,
    broken: { count: 0, rows: [], examples: [] },
    ...(column === undefined ? {} : { column }),
  });
  return finding;
}

function watchRows(rule: Rule<'rows'>): TableWatched {
  return {
    add: () => undefined,
    finish: (rows) => {
      if (rows >= rule.min && rows <= rule.max) return { findings: [], metrics: [] };
      const wanted = rows < rule.min ? `at least ${rule.min}` : `at most ${rule.max}`;
      return { findings: [fact(rule, `the table has ${rows} rows, not ${wanted}`)], metrics: [] };
    },
  };
}

function watchFresh(rule: Rule<'fresh'>, index: number, now: number): TableWatched {
  let newest = -Infinity;
  return {
    add: (batch) => {
      const values = batch.columns[index];
      if (values === undefined) return;
      for (let row = 0; row < batch.rows; row += 1) {
        const time = cellAt(values, row);
        if (typeof time === 'number' && time > newest) newest = time;
      }
    },
    finish: () => {
      const age = now - newest;
      if (age <= rule.withinMs && age >= 0) return { findings: [], metrics: [] };
      const newestText = newest === -Infinity ? 'nothing' : new Date(newest).toISOString();
      const what =
        age < 0
          ? `the newest ${rule.column} is ${newestText}, which is still to come`
          : `the newest ${rule.column} is ${newestText}, older than allowed`;
      return { findings: [fact(rule, what, rule.column)], metrics: [] };
    },
  };
}

function watchOrder(rule: Rule<'order'>, index: number): TableWatched {
  const sign = rule.order === 'increasing' ? 1 : -1;
  const broken = new Broken();
  let last = -Infinity;
  return {
    add: (batch) => {
      const values = batch.columns[index];
      if (values === undefined) return;
      for (let row = 0; row < batch.rows; row += 1) {
        const cell = cellAt(values, row);
        if (typeof cell !== 'number') continue;
        const value = sign * cell;
        // NaN has no place in an order.
        if (rule.strict ? value > last : value >= last) last = value;
        else broken.add(batch.start + row);
      }
    },
    finish: (rows) => {
      if (broken.count === 0) return { findings: [], metrics: [] };
      const severity = broken.count / rows <= rule.atMost ? 'info' : rule.severity;
      const what = `${rule.column} is not ${rule.strict ? 'strictly ' : ''}${rule.order}`;
      return {
        findings: [dataFinding({ ...draft(rule, rows), severity, what, broken, column: rule.column })],
        metrics: [],
      };
    },
  };
}

/** Summed with a running compensation (Neumaier 1974), so that the order of many rows does not decide. */
function watchSum(rule: Rule<'sum'>, index: number): TableWatched {
  let sum = 0;
  let lost = 0;
  return {
    add: (batch) => {
      const values = batch.columns[index];
      if (values === undefined) return;
      for (let row = 0; row < batch.rows; row += 1) {
        const value = cellAt(values, row);
        if (typeof value !== 'number') continue;
        const next = sum + value;
        lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
        sum = next;
      }
    },
    finish: (rows) => {
      const total = Number.isFinite(sum) ? sum + lost : sum;
      const metrics: readonly Metric[] = Number.isFinite(total)
        ? [{ id: `rules.${rule.id}.sum`, value: total, unit: rule.column, n: rows }]
        : [];
      if (Math.abs(total - rule.equals) <= rule.within) return { findings: [], metrics };
      const what = `the sum of ${rule.column} is ${total}, not ${rule.equals} (within ${rule.within})`;
      return { findings: [fact(rule, what, rule.column)], metrics };
    },
  };
}

/** More classes than that are no classes. */
const MAX_CLASSES = 10_000;

function watchBalance(rule: Rule<'balance'>, column: Column, index: number): TableWatched {
  const counts = new ClassCounts(column, index);
  return {
    add: (batch) => counts.add(batch),
    finish: () => {
      const { classes, n } = counts;
      if (classes === undefined)
        return {
          findings: [fact(rule, `${column.name} has more than ${MAX_CLASSES} classes`, column.name)],
          metrics: [],
        };
      const rare = [...classes].filter(([, count]) => count / n < rule.minimumShare);
      const findings = rare.map(([name, count]) =>
        dataFinding({
          ...draft(rule, n),
          what: `the class ${shown(name)} has less than ${percent(rule.minimumShare)} of ${column.name}`,
          broken: { count, rows: [], examples: [] },
          column: column.name,
        }),
      );
      return {
        findings,
        metrics: [...classes]
          .slice(0, 100)
          .map(([name, count]) => shareMetric(`rules.${rule.id}.${name.slice(0, 60)}`, count, n)),
      };
    },
  };
}

/** How often each class of a column is there; missing ones are not counted. */
export class ClassCounts {
  readonly #column: Column;
  readonly #index: number;
  readonly #counts = new Map<string, number>();
  #n = 0;
  #tooMany = false;

  constructor(column: Column, index: number) {
    this.#column = column;
    this.#index = index;
  }

  add(batch: Batch): void {
    const values = batch.columns[this.#index];
    if (values === undefined || this.#tooMany) return;
    for (let row = 0; row < batch.rows; row += 1) {
      const cell = cellAt(values, row);
      if (cell === undefined) continue;
      const name = textOf(cell, this.#column.type);
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      this.#n += 1;
    }
    this.#tooMany = this.#counts.size > MAX_CLASSES;
  }

  /** Most frequent first; undefined for more than can be classes. */
  get classes(): readonly (readonly [name: string, count: number])[] | undefined {
    return this.#tooMany ? undefined : [...this.#counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  /** Rows that have a class. */
  get n(): number {
    return this.#n;
  }
}

/** A class is a name that people gave, and is shown; only its length is bounded. */
export function shown(name: string): string {
  return JSON.stringify(name.slice(0, 60).replace(/\p{C}/gu, '?'));
}
