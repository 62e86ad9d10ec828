// Section `duplicates`: rows that are there twice, rows that contradict each other, rows that are nearly the same.
import type { Metric } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { ColumnFacts } from '../check/column-facts.js';
import { severityOf } from '../check/severities.js';
import type { PassOptions } from '../rules/unique.js';
import type { DataFinding, SectionResult } from '../tables/finding.js';
import { Broken, dataFinding, shareMetric } from '../tables/finding.js';
import { findRepeatedContent } from './content.js';
import type { Alike, NearResult } from './near-rows.js';
import { aspectsOf, aspectText, findNear } from './near-rows.js';

export interface ContentColumns {
  /** What says what a row is. */
  readonly content: readonly string[];
  /** Label, id, source: what says something about it. */
  readonly apart: readonly string[];
  readonly label: string | undefined;
}

export interface DuplicateOptions extends PassOptions {
  readonly seed?: number;
  readonly near: boolean;
  readonly progress: (message: string) => void;
}

/** The seed comes with it: whoever looks for leakage afterwards uses the same. */
export async function examineDuplicates(
  table: Table,
  rows: number,
  columns: ContentColumns,
  facts: readonly ColumnFacts[],
  options: DuplicateOptions,
): Promise<SectionResult & { readonly seed: number }> {
  options.progress('looking for repeated rows');
  const repeated = await findRepeatedContent(table, rows, columns, options);
  const seed = options.seed ?? repeated.seed;
  const findings: DataFinding[] = [];
  const metrics: Metric[] = [shareMetric('duplicates.rows', repeated.rows.count, rows)];
  const notExamined: { what: string; why: string }[] = [];
  const tell = (rule: 'duplicate.row' | 'duplicate.conflict', what: string, broken: Broken): void => {
    if (broken.count > 0)
      findings.push(dataFinding({ section: 'duplicates', rule, ...severityOf(rule), what, n: rows, broken }));
  };
  tell('duplicate.row', 'rows are there again', repeated.rows);
  if (columns.label !== undefined) {
    if (repeated.conflicts === undefined)
      notExamined.push({
        what: 'repeated rows with another label',
        why: `${columns.label} has too many values to be a label`,
      });
    else {
      tell('duplicate.conflict', `rows are there again with another ${columns.label}`, repeated.conflicts);
      metrics.push(shareMetric('duplicates.conflicts', repeated.conflicts.count, rows));
    }
  }
  const aspects = options.near ? aspectsOf(facts, rows, columns.apart) : [];
  if (aspects.length === 0)
    notExamined.push({
      what: 'near duplicates',
      why: options.near
        ? 'there is no column of free text, and fewer than 8 columns of numbers that vary'
        : 'they were not asked for',
    });
  for (const aspect of aspects) {
    options.progress(`looking for near duplicates: ${aspectText(aspect)}`);
    const near = await findNear(table, undefined, aspect, { seed, ...signalOf(options) });
    notExamined.push(...near.notExamined);
    metrics.push(...nearMetrics('duplicates', near, near.within.size));
    const broken = brokenOf(near.within);
    if (broken.count > 0)
      findings.push(
        nearFinding('duplicates', 'duplicate.near', 'rows are nearly the same as an earlier one', near, broken),
      );
  }
  return { findings, metrics, notExamined, seed };
}

function signalOf({ signal }: PassOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

export function brokenOf(found: ReadonlyMap<number, Alike>): Broken {
  const broken = new Broken();
  for (const [row, alike] of [...found].sort(([a], [b]) => a - b))
    broken.add(row, () => `row ${alike.row + 1}, likeness ${alike.likeness.toFixed(2)}`);
  return broken;
}

export function nearFinding(
  section: 'duplicates' | 'leakage',
  rule: 'duplicate.near' | 'leakage.near',
  what: string,
  { aspect, miss, threshold, compared }: NearResult,
  broken: Broken,
): DataFinding {
  const error = `likeness from ${threshold.toFixed(2)} in ${aspectText(aspect)}; a pair at that likeness is missed with probability ${miss.toPrecision(1)}`;
  return dataFinding({
    section,
    rule,
    ...severityOf(rule),
    what: `${what} (${error})`,
    n: compared,
    broken,
    ...(aspect.kind === 'text' ? { column: aspect.column.name } : {}),
  });
}

export function nearMetrics(section: 'duplicates' | 'leakage', near: NearResult, count: number): readonly Metric[] {
  const name = near.aspect.kind === 'text' ? near.aspect.column.name.slice(0, 60) : 'numbers';
  return [
    shareMetric(`${section}.near.${name}`, count, near.compared),
    { id: `${section}.near.${name}.missed-at-threshold`, value: near.miss, unit: 'probability for one pair' },
  ];
}
