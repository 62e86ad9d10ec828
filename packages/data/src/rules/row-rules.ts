// Rules that are asked row by row: of one column, or an expression over several. One pass, constant memory.
import type { Batch, Column, Values } from '@vallum/formats';
import { VallumError } from '@vallum/core';
import { cellAt, maskedCell } from '../tables/cells.js';
import type { DataFinding } from '../tables/finding.js';
import { Broken, dataFinding } from '../tables/finding.js';
import type { Judged } from './column-checks.js';
import { columnChecker } from './column-checks.js';
import type { Evaluate } from './expression/evaluate.js';
import { compileExpression } from './expression/evaluate.js';
import { columnsOf, parseExpression } from './expression/parse.js';
import type { ColumnRule, RowRule } from './rule.js';

/** A rule and what was seen of it so far. */
export interface Watched {
  readonly rule: ColumnRule | RowRule;
  readonly what: string;
  readonly broken: Broken;
  /** Rows for which nobody can tell. */
  readonly undecided: Broken;
  /** Judges all rows of a batch. */
  add(batch: Batch): void;
}

/** Undefined where the rule cannot be asked of this column. */
export function watchColumn(rule: ColumnRule, columns: readonly Column[], index: number): Watched | undefined {
  const column = columns[index];
  const checker = column === undefined ? undefined : columnChecker(rule, column);
  if (column === undefined || checker === undefined) return undefined;
  const broken = new Broken();
  const undecided = new Broken();
  return {
    rule,
    what: checker.what,
    broken,
    undecided,
    add: (batch) => {
      const values = batch.columns[index];
      if (values === undefined) return;
      checker.start(values);
      for (let row = 0; row < batch.rows; row += 1) {
        const judged: Judged = checker.judge(row);
        if (judged === 'kept') continue;
        if (judged === 'undecided') undecided.add(batch.start + row);
        else broken.add(batch.start + row, exampleOf(rule, values, row, column));
      }
    },
  };
}

function exampleOf(rule: ColumnRule, values: Values, row: number, column: Column): (() => string) | undefined {
  return rule.check === 'missing' ? undefined : () => maskedCell(cellAt(values, row), column.type);
}

/** @throws VallumError `DATA_RULES` for an expression that does not fit the table, naming the rule */
export function watchExpression(rule: RowRule, columns: readonly Column[]): Watched {
  const evaluate = compiled(rule, columns);
  const broken = new Broken();
  const undecided = new Broken();
  return {
    rule,
    what: `${rule.expression.replace(/\s+/g, ' ').slice(0, 200)} does not hold`,
    broken,
    undecided,
    add: (batch) => {
      for (let row = 0; row < batch.rows; row += 1) {
        const value = evaluate(batch.columns, row);
        if (value === true) continue;
        (value === null ? undecided : broken).add(batch.start + row);
      }
    },
  };
}

function compiled({ id, expression }: RowRule, columns: readonly Column[]): Evaluate {
  const indexOf = new Map(columns.map(({ name }, index) => [name, index]));
  try {
    const tree = parseExpression(expression, (name) => columns[indexOf.get(name) ?? -1]?.type);
    if (columnsOf(tree).size === 0) throw new VallumError('DATA_EXPRESSION', 'the expression reads no column');
    return compileExpression(tree, (name) => indexOf.get(name) ?? -1);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    throw new VallumError('DATA_RULES', `rule "${id}": ${error.message}`, {
      fix: error.fix ?? 'see docs/data-check.md, "Expressions"',
      cause: error,
    });
  }
}

/** What a rule says when the rows have ended: the broken rows above what it allows, and those that nobody could judge. */
export function verdictOf({ rule, what, broken, undecided }: Watched, n: number): readonly DataFinding[] {
  const column = rule.check === 'expression' ? undefined : rule.column;
  const common = {
    section: 'rules' as const,
    rule: `rules.${rule.id}`,
    fix: rule.why ?? 'mend or remove these rows, or change the rule',
    ...(column === undefined ? {} : { column }),
    n,
  };
  const findings: DataFinding[] = [];
  if (broken.count > 0) {
    const isAllowed = broken.count / n <= rule.atMost;
    findings.push(dataFinding({ ...common, what, broken, severity: isAllowed ? 'info' : rule.severity }));
  }
  // A missing value is not a broken rule; it is told all the same, because the rule said nothing about those rows.
  if (undecided.count > 0)
    findings.push(
      dataFinding({ ...common, what: `${rule.id} cannot be decided`, broken: undecided, severity: 'info' }),
    );
  return findings;
}
