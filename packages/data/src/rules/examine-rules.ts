// Holds a table to a rules file: everything that one pass can answer in one pass, uniqueness in passes of its own. A rule
// that cannot be asked, because its column is not there or has another type, is a finding of the rule's own severity.
import type { Metric } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import type { DataFinding, SectionResult } from '../tables/finding.js';
import { dataFinding, shareMetric } from '../tables/finding.js';
import type { Watched } from './row-rules.js';
import { verdictOf, watchColumn, watchExpression } from './row-rules.js';
import type { DataRule, DataRules, TableRule } from './rule.js';
import type { TableWatched } from './table-rules.js';
import { watchTable } from './table-rules.js';
import type { PassOptions } from './unique.js';
import { findRepeated } from './unique.js';

export class RulesExaminer {
  readonly #columns: readonly Column[];
  readonly #rowRules: Watched[] = [];
  readonly #tableRules: TableWatched[] = [];
  readonly #unique: Extract<TableRule, { check: 'unique' }>[] = [];
  readonly #findings: DataFinding[] = [];

  /** @param now milliseconds since the epoch @throws VallumError `DATA_RULES` for an expression that does not fit */
  constructor({ rules }: DataRules, columns: readonly Column[], now: number) {
    this.#columns = columns;
    for (const rule of rules) this.#watch(rule, now);
  }

  add(batch: Batch): void {
    for (const watched of this.#rowRules) watched.add(batch);
    for (const watched of this.#tableRules) watched.add(batch);
  }

  async finish(table: Table, rows: number, options: PassOptions = {}): Promise<SectionResult> {
    const findings = [...this.#findings];
    const metrics: Metric[] = [];
    for (const watched of this.#rowRules) {
      findings.push(...verdictOf(watched, rows));
      metrics.push(shareMetric(`rules.${watched.rule.id}`, watched.broken.count, rows));
    }
    for (const watched of this.#tableRules) {
      const seen = watched.finish(rows);
      findings.push(...seen.findings);
      metrics.push(...seen.metrics);
    }
    for (const rule of this.#unique) {
      const broken = await findRepeated(table, rows, rule.columns, options);
      metrics.push(shareMetric(`rules.${rule.id}`, broken.count, rows));
      if (broken.count === 0) continue;
      findings.push(
        dataFinding({
          section: 'rules',
          rule: `rules.${rule.id}`,
          severity: broken.count / rows <= rule.atMost ? 'info' : rule.severity,
          what: `${rule.columns.join(', ')} ${rule.columns.length === 1 ? 'was' : 'were'} there before`,
          fix: rule.why ?? 'remove repeated rows, or find out why the key is not one',
          n: rows,
          broken,
        }),
      );
    }
    return { findings, metrics, notExamined: [] };
  }

  #watch(rule: DataRule, now: number): void {
    if (rule.check === 'expression') {
      this.#rowRules.push(watchExpression(rule, this.#columns));
      return;
    }
    if (rule.check === 'columns') {
      this.#checkColumns(rule);
      return;
    }
    const asked = rule.check === 'unique' ? rule.columns : 'column' in rule ? [rule.column] : [];
    const absent = asked.filter((name) => !this.#columns.some((column) => column.name === name));
    if (absent.length > 0) {
      this.#cannot(rule, `there is no column ${absent.map((name) => JSON.stringify(name)).join(', ')}`, absent[0]);
      return;
    }
    if (rule.check === 'unique') this.#unique.push(rule);
    else if (rule.check === 'type') this.#checkType(rule);
    else this.#watchValues(rule, now);
  }

  #watchValues(rule: Exclude<DataRule, { check: 'expression' | 'columns' | 'unique' | 'type' }>, now: number): void {
    const index = 'column' in rule ? this.#columns.findIndex(({ name }) => name === rule.column) : -1;
    if (isTableRule(rule)) {
      const watched = watchTable(rule, this.#columns, now);
      if (watched !== undefined) {
        this.#tableRules.push(watched);
        return;
      }
    } else {
      const watched = watchColumn(rule, this.#columns, index);
      if (watched !== undefined) {
        this.#rowRules.push(watched);
        return;
      }
    }
    const column = this.#columns[index];
    this.#cannot(
      rule,
      `"${rule.check}" cannot be asked of ${column?.name ?? 'it'}, which is ${column?.type ?? 'nothing'}`,
      column?.name,
    );
  }

  #checkColumns(rule: Extract<TableRule, { check: 'columns' }>): void {
    const there = this.#columns.map(({ name }) => name);
    for (const name of rule.columns)
      if (!there.includes(name)) this.#cannot(rule, `the column ${JSON.stringify(name)} is missing`, name);
    const wanted = new Set(rule.columns);
    const more = rule.only ? there.filter((name) => !wanted.has(name)) : [];
    for (const name of more.slice(0, 20))
      this.#cannot(rule, `the column ${JSON.stringify(name.slice(0, 80))} is not declared`, name);
    if (more.length > 20) this.#cannot(rule, `${more.length - 20} more columns are not declared`);
  }

  #checkType(rule: Extract<DataRule, { check: 'type' }>): void {
    const column = this.#columns.find(({ name }) => name === rule.column);
    if (column?.type === rule.type) return;
    this.#cannot(
      rule,
      `${rule.column} is ${column?.type ?? 'nothing'} (stored as ${column?.stored ?? '?'}), not ${rule.type}`,
      rule.column,
    );
  }

  /** The table is not what the rule is about. */
  #cannot(rule: DataRule, what: string, column?: string): void {
    this.#findings.push(
      dataFinding({
        section: 'schema',
        rule: `rules.${rule.id}`,
        severity: rule.severity,
        what: `${rule.id}: ${what}`,
        fix: rule.why ?? 'bring the table in its form, or change the rule',
        n: 0,
        broken: { count: 0, rows: [], examples: [] },
        ...(column === undefined ? {} : { column }),
      }),
    );
  }
}

function isTableRule(
  rule: Exclude<DataRule, { check: 'expression' | 'columns' | 'unique' | 'type' }>,
): rule is Exclude<TableRule, { check: 'unique' | 'columns' }> {
  return ['rows', 'fresh', 'order', 'sum', 'balance'].includes(rule.check);
}
