// What one pass learns about every column, beside any rules: values that are missing or no numbers, spread, length of texts.
// Later passes choose by it what they compare.
import type { Batch, Column, Values } from '@vallum/formats';
import type { DataFinding } from '../tables/finding.js';
import { Broken, dataFinding } from '../tables/finding.js';
import { severityOf } from './severities.js';

export interface ColumnFacts {
  readonly column: Column;
  missing: number;
  readonly notFinite: Broken;
  /** Of finite numbers. */
  finite: number;
  mean: number;
  /** Sum of squared distances from the mean (Welford 1962). */
  spread: number;
  min: number;
  max: number;
  /** UTF-16 units of all texts. */
  characters: number;
  /** The first text, while all are equal. */
  only: string | undefined;
  constant: boolean;
}

export class FactsExaminer {
  readonly facts: readonly ColumnFacts[];

  constructor(columns: readonly Column[]) {
    this.facts = columns.map((column) => ({
      column,
      missing: 0,
      notFinite: new Broken(),
      finite: 0,
      mean: 0,
      spread: 0,
      min: Infinity,
      max: -Infinity,
      characters: 0,
      only: undefined,
      constant: true,
    }));
  }

  add(batch: Batch): void {
    for (const [index, facts] of this.facts.entries()) {
      const values = batch.columns[index];
      if (values === undefined) continue;
      if (values.type === 'text') addTexts(facts, values);
      else addNumbers(facts, values, batch);
    }
  }

  /** Findings about the columns themselves. */
  finish(rows: number): readonly DataFinding[] {
    return this.facts.flatMap((facts) => findingsOf(facts, rows));
  }
}

function addTexts(facts: ColumnFacts, { codes, levels }: Extract<Values, { type: 'text' }>): void {
  // Texts are long, and equal ones may have many codes: each is compared once.
  const equal = new Uint8Array(facts.constant ? levels.length : 0);
  for (const code of codes) {
    if (code < 0) {
      facts.missing += 1;
      continue;
    }
    const text = levels[code] ?? '';
    facts.characters += text.length;
    facts.only ??= text;
    if (!facts.constant || equal[code] === 1) continue;
    facts.constant = text === facts.only;
    equal[code] = 1;
  }
}

function addNumbers(facts: ColumnFacts, { values, missing }: Exclude<Values, { type: 'text' }>, batch: Batch): void {
  for (let row = 0; row < batch.rows; row += 1) {
    if (missing?.[row] === 1) {
      facts.missing += 1;
      continue;
    }
    const value = values[row] ?? 0;
    if (!Number.isFinite(value)) {
      facts.notFinite.add(batch.start + row, () => String(value));
      continue;
    }
    facts.finite += 1;
    const distance = value - facts.mean;
    facts.mean += distance / facts.finite;
    facts.spread += distance * (value - facts.mean);
    if (value < facts.min) facts.min = value;
    if (value > facts.max) facts.max = value;
  }
}

function findingsOf(facts: ColumnFacts, rows: number): readonly DataFinding[] {
  const { column, missing, notFinite, min, max } = facts;
  const common = { section: 'schema' as const, column: column.name, n: rows };
  const all = { count: rows, rows: [], examples: [] };
  if (rows > 0 && missing === rows)
    return [
      dataFinding({
        ...common,
        rule: 'column.missing',
        ...severityOf('column.missing'),
        what: `${column.name} is empty`,
        broken: all,
      }),
    ];
  const findings: DataFinding[] = [];
  if (notFinite.count > 0)
    findings.push(
      dataFinding({
        ...common,
        rule: 'column.not_finite',
        ...severityOf('column.not_finite'),
        what: `${column.name} is NaN or infinite`,
        broken: notFinite,
      }),
    );
  const isConstant = column.type === 'text' ? facts.constant : notFinite.count === 0 && min === max;
  if (isConstant && missing === 0 && rows > 1)
    findings.push(
      dataFinding({
        ...common,
        rule: 'column.constant',
        ...severityOf('column.constant'),
        what: `${column.name} never changes`,
        broken: all,
      }),
    );
  return findings;
}

/** Standard deviation of the finite values. */
export function deviationOf({ spread, finite }: ColumnFacts): number {
  return finite === 0 ? 0 : Math.sqrt(spread / finite);
}
