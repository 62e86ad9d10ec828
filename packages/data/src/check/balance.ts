// Classes of the label, and how often each is there, for the whole table and in every source. A class that is rare in the
// whole is often a source that failed to arrive; that a source has one class only may be right, and is told, not judged.
import type { Metric } from '@vallum/core';
import type { Batch, Column } from '@vallum/formats';
import { ClassCounts, shown } from '../rules/table-rules.js';
import { cellAt, textOf } from '../tables/cells.js';
import type { DataFinding, SectionResult } from '../tables/finding.js';
import { Broken, dataFinding, percent, shareMetric } from '../tables/finding.js';
import { severityOf } from './severities.js';

/** A class below this share of the labelled rows is told. */
const RARE = 0.01;
const MAX_SOURCES = 1000;
const TOLD_CLASSES = 100;

export class BalanceExaminer {
  readonly #label: Column;
  readonly #index: number;
  readonly #counts: ClassCounts;
  readonly #missing = new Broken();
  readonly #source: { readonly column: Column; readonly index: number } | undefined;
  /** By source. */
  readonly #parts = new Map<string, Map<string, number>>();
  #tooManySources = false;

  constructor(columns: readonly Column[], label: string, source?: string) {
    this.#index = columns.findIndex(({ name }) => name === label);
    this.#label = columns[this.#index] as Column;
    this.#counts = new ClassCounts(this.#label, this.#index);
    const at = columns.findIndex(({ name }) => name === source);
    const column = columns[at];
    this.#source = column === undefined ? undefined : { column, index: at };
  }

  add(batch: Batch): void {
    this.#counts.add(batch);
    const labels = batch.columns[this.#index];
    const sources = this.#source === undefined ? undefined : batch.columns[this.#source.index];
    if (labels === undefined) return;
    for (let row = 0; row < batch.rows; row += 1) {
      const label = cellAt(labels, row);
      if (label === undefined) this.#missing.add(batch.start + row);
      else if (sources !== undefined && this.#source !== undefined)
        this.#count(cellAt(sources, row), this.#source.column, textOf(label, this.#label.type));
    }
  }

  #count(source: string | number | undefined, column: Column, label: string): void {
    const name = source === undefined ? '(missing)' : textOf(source, column.type);
    const part = this.#parts.get(name) ?? new Map<string, number>();
    if (part.size === 0) {
      if (this.#parts.size >= MAX_SOURCES) {
        this.#tooManySources = true;
        return;
      }
      this.#parts.set(name, part);
    }
    part.set(label, (part.get(label) ?? 0) + 1);
  }

  finish(rows: number): SectionResult {
    const { classes, n } = this.#counts;
    const { name: column } = this.#label;
    const findings: DataFinding[] = [];
    const common = { section: 'balance' as const, column };
    const told = (
      rule: 'class.single' | 'class.rare' | 'class.many' | 'class.missing',
      what: string,
      broken: Pick<Broken, 'count' | 'rows' | 'examples'>,
      of: number,
    ): void => void findings.push(dataFinding({ ...common, rule, ...severityOf(rule), what, broken, n: of }));
    const nothing = { count: 0, rows: [], examples: [] };
    if (this.#missing.count > 0) told('class.missing', `${column} is missing`, this.#missing, rows);
    if (classes === undefined) {
      told('class.many', `${column} has more than 10000 classes`, nothing, 0);
      return {
        findings,
        metrics: [],
        notExamined: [{ what: 'balance of classes', why: `${column} has too many values` }],
      };
    }
    const [first] = classes;
    if (classes.length === 1 && first !== undefined)
      told('class.single', `all rows are ${shown(first[0])}`, { ...nothing, count: n }, n);
    if (classes.length > 1)
      for (const [name, count] of classes)
        if (count / n < RARE)
          told('class.rare', `less than ${percent(RARE)} of ${column} is ${shown(name)}`, { ...nothing, count }, n);
    const metrics: Metric[] = classes
      .slice(0, TOLD_CLASSES)
      .map(([name, count]) => shareMetric(`balance.${name.slice(0, 60)}`, count, n, 'share of labelled rows'));
    return {
      findings,
      metrics: [...metrics, ...this.#sourceMetrics()],
      notExamined: this.#notExamined(classes.length),
    };
  }

  #sourceMetrics(): readonly Metric[] {
    return [...this.#parts].slice(0, TOLD_CLASSES).flatMap(([source, part]) => {
      const n = [...part.values()].reduce((sum, count) => sum + count, 0);
      const [top] = [...part].sort((a, b) => b[1] - a[1]);
      const id = (name: string): string => `balance.source.${source.slice(0, 60)}.${name.slice(0, 60)}`;
      return top === undefined ? [] : [shareMetric(id(top[0]), top[1], n, 'share of the rows of the source')];
    });
  }

  #notExamined(classes: number): SectionResult['notExamined'] {
    return [
      ...(classes > TOLD_CLASSES
        ? [
            {
              what: `figures of ${classes - TOLD_CLASSES} classes`,
              why: `only the ${TOLD_CLASSES} most frequent are told`,
            },
          ]
        : []),
      ...(this.#tooManySources
        ? [{ what: 'some sources', why: `only ${MAX_SOURCES} different ones are counted` }]
        : []),
    ];
  }
}
