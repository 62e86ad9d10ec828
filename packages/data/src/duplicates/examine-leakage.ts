// Section `leakage`: what a test table has in common with the training table, so that figures on it are too good.
import type { Metric } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import type { ColumnFacts } from '../check/column-facts.js';
import type { DefaultRule } from '../check/severities.js';
import { severityOf } from '../check/severities.js';
import { pause } from '../rows/pause.js';
import { cellAt, textOf } from '../tables/cells.js';
import type { DataFinding, SectionResult } from '../tables/finding.js';
import { Broken, dataFinding, shareMetric } from '../tables/finding.js';
import { findShared } from './content.js';
import type { ContentColumns, DuplicateOptions } from './examine-duplicates.js';
import { brokenOf, nearFinding, nearMetrics } from './examine-duplicates.js';
import { aspectsOf, findNear } from './near-rows.js';

export interface LeakageRequest {
  readonly train: Table;
  readonly test: Table;
  readonly columns: ContentColumns;
  /** Of the training table. */
  readonly facts: readonly ColumnFacts[];
  readonly rows: number;
  /** Columns whose values may stand on one side only. */
  readonly id?: string;
  readonly group?: string;
  /** Test rows have to be later than all training rows. */
  readonly time?: string;
}

export async function examineLeakage(
  request: LeakageRequest,
  options: DuplicateOptions & { readonly seed: number },
): Promise<SectionResult> {
  const { train, test, columns } = request;
  const findings: DataFinding[] = [];
  const metrics: Metric[] = [];
  const notExamined: { what: string; why: string }[] = [];
  const there = new Set(test.columns.map(({ name }) => name));
  const content = columns.content.filter((name) => there.has(name));
  const absent = columns.content.filter((name) => !there.has(name));
  const testRows = await countRows(test, options.signal);
  const tell = (
    rule: DefaultRule & `leakage.${string}`,
    what: string,
    broken: Broken,
    n: number,
    column?: string,
  ): void => {
    metrics.push(shareMetric(rule, broken.count, n, 'share of test rows'));
    if (broken.count === 0) return;
    findings.push(
      dataFinding({
        section: 'leakage',
        rule,
        ...severityOf(rule),
        what,
        n,
        broken,
        unit: 'test rows',
        ...(column === undefined ? {} : { column }),
      }),
    );
  };
  if (absent.length > 0)
    findings.push(
      dataFinding({
        section: 'leakage',
        rule: 'leakage.columns',
        ...severityOf('leakage.columns'),
        what: `the test table lacks ${absent
          .slice(0, 5)
          .map((name) => JSON.stringify(name))
          .join(', ')}${absent.length > 5 ? ` and ${absent.length - 5} more` : ''}`,
        n: 0,
        broken: { count: 0, rows: [], examples: [] },
      }),
    );
  if (content.length === 0) notExamined.push({ what: 'shared rows', why: 'the tables have no column in common' });
  else {
    options.progress('looking for test rows among the training rows');
    tell(
      'leakage.row',
      'test rows stand in the training table',
      await findShared(train, test, testRows, content, options),
      testRows,
    );
  }
  for (const [key, rule] of [
    ['id', 'leakage.id'],
    ['group', 'leakage.group'],
  ] as const) {
    const name = request[key];
    if (name === undefined) continue;
    const shared = await findShared(train, test, testRows, [name], options);
    tell(rule, `${name} stands on both sides`, shared, testRows, name);
  }
  if (request.time !== undefined)
    tell(
      'leakage.time',
      `${request.time} is not later than all training rows`,
      await early(train, test, request.time, options.signal),
      testRows,
      request.time,
    );
  const aspects = options.near ? aspectsOf(request.facts, request.rows, columns.apart) : [];
  const shared = aspects.filter((aspect) =>
    (aspect.kind === 'text' ? [aspect.column] : aspect.columns.map(({ column }) => column)).every(({ name, type }) =>
      test.columns.some((column) => column.name === name && column.type === type),
    ),
  );
  if (shared.length === 0)
    notExamined.push({
      what: 'near duplicates in the training table',
      why: 'nothing that could be compared is in both tables',
    });
  for (const aspect of shared) {
    options.progress('looking for test rows that are nearly training rows');
    const near = await findNear(train, test, aspect, options);
    notExamined.push(...near.notExamined);
    metrics.push(...nearMetrics('leakage', near, near.across.size));
    const broken = brokenOf(near.across);
    if (broken.count > 0)
      findings.push(
        nearFinding('leakage', 'leakage.near', 'test rows are nearly the same as a training row', near, broken),
      );
  }
  return { findings, metrics, notExamined };
}

export async function countRows(table: Table, signal?: AbortSignal): Promise<number> {
  const [first] = table.columns;
  let rows = 0;
  const columns = first === undefined ? [] : [first.name];
  for await (const batch of table.batches({ columns, ...(signal === undefined ? {} : { signal }) })) {
    await pause(signal);
    rows += batch.rows;
  }
  return rows;
}

/** Test rows that are not later than the latest training row; a row without a time is not later either. */
async function early(train: Table, test: Table, name: string, signal: AbortSignal | undefined): Promise<Broken> {
  const options = { columns: [name], ...(signal === undefined ? {} : { signal }) };
  let latest = -Infinity;
  for await (const { rows, columns } of train.batches(options)) {
    await pause(signal);
    for (let row = 0; row < rows; row += 1) {
      const [values] = columns;
      const time = values === undefined ? undefined : cellAt(values, row);
      if (typeof time === 'number' && time > latest) latest = time;
    }
  }
  const broken = new Broken();
  for await (const batch of test.batches(options)) {
    await pause(signal);
    const [values] = batch.columns;
    for (let row = 0; row < batch.rows; row += 1) {
      const time = values === undefined ? undefined : cellAt(values, row);
      if (typeof time === 'number' && time > latest) continue;
      broken.add(batch.start + row, () =>
        time === undefined
          ? 'a missing time'
          : `${textOf(time, 'time').slice(0, 10)}, not after ${textOf(latest, 'time').slice(0, 10)}`,
      );
    }
  }
  return broken;
}

/** @throws nothing: says which of the columns that were asked for a table lacks */
export function missingOf(columns: readonly Column[], asked: readonly (string | undefined)[]): readonly string[] {
  return asked.filter(
    (name) => name !== undefined && !columns.some((column) => column.name === name),
  ) as readonly string[];
}
