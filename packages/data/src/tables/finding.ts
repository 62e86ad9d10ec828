// What a check of a table says: a finding of core with the figures behind it, so that a reader can judge it without the rows.
import type { Finding, Interval, Metric, Severity } from '@vallum/core';
import { clopperPearson } from '@vallum/stats';

/** Part of the report; each answers a question of its own, and none stands for another. */
export const SECTIONS = [
  'schema',
  'rules',
  'duplicates',
  'leakage',
  'balance',
  'personal-data',
  'label-issues',
  'outliers',
  'poisoning',
] as const;
export type SectionId = (typeof SECTIONS)[number];

export interface DataFinding extends Finding {
  readonly section: SectionId;
  readonly column?: string;
  /** Rows that it concerns, of `n`. */
  readonly count: number;
  readonly n: number;
  /** Of `count / n`. */
  readonly interval: Interval;
  /** The first of these rows, counted from 1. */
  readonly rows: readonly number[];
  /** Masked. */
  readonly examples: readonly string[];
}

/** A row that a person should look at. */
export interface ListedRow {
  readonly section: SectionId;
  /** Counted from 1. */
  readonly row: number;
  /** 0 to 1, and small is suspect: label quality, typicality, p-value. Not to be compared between sections. */
  readonly score: number;
  readonly why: string;
}

export interface SectionResult {
  readonly findings: readonly DataFinding[];
  readonly metrics: readonly Metric[];
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
  /** What it was found by, where a reader must know it to understand the answer. */
  readonly how?: string;
  /** The most suspect first. */
  readonly listed?: readonly ListedRow[];
}

export const NOTHING: SectionResult = { findings: [], metrics: [], notExamined: [] };
const LEVEL = 0.95;
const FIRST_ROWS = 5;

/** Exact interval of a share; with n = 0 nothing is known. */
export function shareInterval(count: number, n: number): Interval {
  return { ...clopperPearson(count, n, LEVEL), level: LEVEL, method: 'Clopper-Pearson' };
}

export function shareMetric(id: string, count: number, n: number, unit = 'share of rows'): Metric {
  return { id, value: n === 0 ? 0 : count / n, unit, n, interval: shareInterval(count, n) };
}

/** Rows that broke something: how many, which come first in the table, and what these held. */
export class Broken {
  count = 0;
  /** Sorted by row; rows may arrive in parts. */
  readonly #first: { readonly row: number; readonly example: string | undefined }[] = [];

  /** @param row counted from 0 in the table */
  add(row: number, example?: () => string): void {
    this.count += 1;
    const last = this.#first.at(-1);
    if (last !== undefined && this.#first.length >= FIRST_ROWS && row >= last.row) return;
    const at = this.#first.findIndex((each) => each.row > row);
    this.#first.splice(at < 0 ? this.#first.length : at, 0, { row, example: example?.() });
    if (this.#first.length > FIRST_ROWS) this.#first.pop();
  }

  /** Counted from 1. */
  get rows(): readonly number[] {
    return this.#first.map(({ row }) => row + 1);
  }

  /** Different ones, of the first rows. */
  get examples(): readonly string[] {
    return [...new Set(this.#first.flatMap(({ example }) => (example === undefined ? [] : [example])))];
  }
}

export interface FindingDraft {
  readonly section: SectionId;
  readonly rule: string;
  readonly severity: Severity;
  readonly what: string;
  readonly fix: string;
  readonly column?: string;
  readonly n: number;
  readonly broken: Pick<Broken, 'count' | 'rows' | 'examples'>;
  /** What is counted; rows by default. */
  readonly unit?: string;
  readonly cwe?: readonly string[];
  readonly atlas?: readonly string[];
}

export function dataFinding(draft: FindingDraft): DataFinding {
  const { section, rule, severity, what, fix, column, n, broken, unit = 'rows', cwe = [], atlas = [] } = draft;
  const { count, rows, examples } = broken;
  const interval = shareInterval(count, n);
  const share = n === 0 ? '' : `: ${count} of ${n} ${unit} (${percent(count / n)})`;
  const first = rows.length === 0 ? '' : `, first row ${rows[0] ?? 0}`;
  const such = examples.length === 0 ? '' : `, such as ${examples[0] ?? ''}`;
  return {
    rule,
    severity,
    message: `${what}${share}${first}${such}`,
    location: rows[0] === undefined ? {} : { row: String(rows[0]) },
    atlas,
    cve: [],
    cwe,
    fix,
    section,
    ...(column === undefined ? {} : { column }),
    count,
    n,
    interval,
    rows,
    examples,
  };
}

/** Percent with enough digits that a share above 0 never reads as 0. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value >= 99.95) return value === 0 || value === 100 ? `${value} %` : '> 99.9 %';
  return `${value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} %`;
}
