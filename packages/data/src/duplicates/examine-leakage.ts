// Section `leakage`: what a test table has in common with the training table, so that figures on it are too good.
import type { Metric } from '@vallum/core';
import { pause } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import type { ColumnFacts } from '../check/column-facts.js';
import type { DefaultRule } from '../check/severities.js';
import { severityOf } from '../check/severities.js';
import { retypedColumns } from '../tables/common-cell.js';
import type { Broken, DataFinding, SectionResult } from '../tables/finding.js';
import { dataFinding, shareMetric } from '../tables/finding.js';
import { findShared } from './content.js';
import type { ContentColumns, DuplicateOptions } from './examine-duplicates.js';
import { brokenOf, nearFinding, nearMetrics } from './examine-duplicates.js';
import { findEarly } from './early-rows.js';
import type { Aspect } from './near-rows.js';
import { aspectsOf, findNear, sharedAspects } from './near-rows.js';

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
  const sides = [
    { table: train, name: 'the training table' },
    { table: test, name: 'the test table' },
  ] as const;
  const named = [request.id, request.group].filter((name) => name !== undefined);
  notExamined.push(...(await retypedColumns(...sides, [...content, ...named], options.signal)));
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
  if (request.time !== undefined) {
    const { broken, judged, left } = await findEarly(train, test, request.time, options.signal);
    notExamined.push(...left);
    if (judged > 0)
      tell('leakage.time', `${request.time} is not later than all training rows`, broken, judged, request.time);
  }
  const aspects = options.near ? aspectsOf(request.facts, request.rows, columns.apart) : [];
  const shared = sharedAspects(aspects, test);
  const lost = columnsIn(aspects) - columnsIn(shared);
  if (lost > 0 && shared.length > 0)
    notExamined.push({
      what: `${lost} columns, for near duplicates in the training table`,
      why: 'the test table lacks them or has another type there',
    });
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

function columnsIn(aspects: readonly Aspect[]): number {
  return aspects.reduce((sum, aspect) => sum + (aspect.kind === 'text' ? 1 : aspect.columns.length), 0);
}

/** @throws nothing: says which of the columns that were asked for a table lacks */
export function missingOf(columns: readonly Column[], asked: readonly (string | undefined)[]): readonly string[] {
  return asked.filter(
    (name) => name !== undefined && !columns.some((column) => column.name === name),
  ) as readonly string[];
}
