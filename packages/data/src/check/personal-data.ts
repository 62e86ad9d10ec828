// Personal data and secrets in a table, by column and class. Texts are looked at once a level; whole numbers with many digits
// are looked at as text, because a card number in a CSV file is a number. Only masked samples leave this file.
import type { Severity } from '@vallum/core';
import type { Batch, Column, Values } from '@vallum/formats';
import type { Match, RuleSet, Scanned } from '@vallum/detect';
import { scanBounded, scanMany } from '@vallum/detect';
import type { DataFinding, SectionResult } from '../tables/finding.js';
import { Broken, dataFinding, shareMetric } from '../tables/finding.js';
import { severityOf } from './severities.js';

/** Longer texts are looked at up to here. */
const MAX_TEXT = 1024 * 1024;
/** Numbers from here on have as many digits as what identifies somebody. */
const LARGE = 1e8;

/** Hears of every cell that holds something. @param row counted from 0 in the table */
export type Tell = (column: number, row: number, matches: readonly Match[]) => void;

/** What was found in levels: successive batches may share them, and a level may be a megabyte. */
interface Looked {
  readonly levels: readonly string[];
  readonly matched: (readonly Match[])[];
  some: boolean;
}

interface Seen {
  readonly first: Match;
  readonly rows: Broken;
}

export class PersonalDataExaminer {
  readonly #rules: RuleSet;
  readonly #columns: readonly Column[];
  /** By column and class. */
  readonly #seen: readonly Map<string, Seen>[];
  readonly #texts: boolean[];
  readonly #tell: Tell | undefined;
  /** By column, of the last batch. */
  readonly #looked: Looked[] = [];
  #cut = 0;
  #stopped = 0;

  constructor(rules: RuleSet, columns: readonly Column[], tell?: Tell) {
    this.#tell = tell;
    this.#rules = rules;
    this.#columns = columns;
    this.#seen = columns.map(() => new Map<string, Seen>());
    this.#texts = columns.map(({ type }) => type === 'text');
  }

  add(batch: Batch): void {
    for (const [index, values] of batch.columns.entries())
      if (values.type === 'text') this.#addTexts(index, values, batch);
      else if (values.type === 'number') this.#addNumbers(index, values, batch);
  }

  #addTexts(index: number, { codes, levels }: Extract<Values, { type: 'text' }>, batch: Batch): void {
    const { matched, some } = this.#look(index, levels);
    if (!some) return;
    for (let row = 0; row < batch.rows; row += 1) {
      const matches = matched[codes[row] ?? -1];
      if (matches !== undefined && matches.length > 0) this.#note(index, batch.start + row, matches);
    }
  }

  #look(index: number, levels: readonly string[]): Looked {
    const last = this.#looked[index];
    const looked = last?.levels === levels ? last : { levels, matched: [], some: false };
    this.#looked[index] = looked;
    // Texts may have been appended since.
    const texts = levels.slice(looked.matched.length).map((level) => this.#cutToSize(level));
    for (const scanned of scanMany(texts, this.#rules)) {
      const matches = this.#matchesOf(scanned);
      looked.matched.push(matches);
      looked.some ||= matches.length > 0;
    }
    return looked;
  }

  #addNumbers(index: number, { values, missing }: Exclude<Values, { type: 'text' }>, batch: Batch): void {
    for (let row = 0; row < batch.rows; row += 1) {
      const value = values[row] ?? 0;
      if (value < LARGE || missing?.[row] === 1 || !Number.isSafeInteger(value)) continue;
      this.#texts[index] = true;
      // The name of the column is the context that a number has: "phone", "card".
      const matches = this.#scan(`${this.#columns[index]?.name.slice(0, 100) ?? ''} ${value}`);
      if (matches.length > 0) this.#note(index, batch.start + row, matches);
    }
  }

  #scan(text: string): readonly Match[] {
    return this.#matchesOf(scanBounded(text, this.#rules));
  }

  #cutToSize(text: string): string {
    if (text.length > MAX_TEXT) this.#cut += 1;
    return text.slice(0, MAX_TEXT);
  }

  #matchesOf({ matches, stopped }: Scanned): readonly Match[] {
    this.#stopped += stopped.length;
    return matches;
  }

  #note(index: number, row: number, matches: readonly Match[]): void {
    const seen = this.#seen[index];
    const classes = new Set<string>();
    this.#tell?.(index, row, matches);
    for (const match of matches) {
      if (classes.has(match.class)) continue;
      classes.add(match.class);
      const known = seen?.get(match.class) ?? { first: match, rows: new Broken() };
      known.rows.add(row, () => match.masked);
      seen?.set(match.class, known);
    }
  }

  /** In a file without a header the first row is taken for names. */
  #inNames(): readonly DataFinding[] {
    return this.#columns.flatMap(({ name }) => {
      const [match] = this.#scan(name.slice(0, MAX_TEXT));
      if (match === undefined) return [];
      const { fix } = severityOf('personal.name');
      return [
        dataFinding({
          section: 'personal-data',
          rule: 'pii.column-name',
          severity: match.severity,
          what: `the name of a column holds ${match.class}`,
          fix,
          column: name,
          n: this.#columns.length,
          unit: 'columns',
          broken: { count: 1, rows: [], examples: [match.masked] },
          cwe: [match.kind === 'secret' ? 'CWE-312' : 'CWE-359'],
        }),
      ];
    });
  }

  finish(rows: number): SectionResult {
    const found = this.#seen.flatMap((classes, index) =>
      [...classes].map(([name, seen]) => ({ name, seen, column: this.#columns[index]?.name ?? '' })),
    );
    const unread = this.#texts.filter((isText) => !isText).length;
    return {
      findings: [...this.#inNames(), ...found.map(({ name, seen, column }) => findingOf(name, seen, column, rows))],
      metrics: found.map(({ name, seen, column }) =>
        shareMetric(`personal-data.${column.slice(0, 60)}.${name}`, seen.rows.count, rows),
      ),
      notExamined: [
        ...(unread === 0
          ? []
          : [
              {
                what: `${unread} columns, for personal data`,
                why: 'they hold no text and no whole numbers of nine digits or more',
              },
            ]),
        ...(this.#cut === 0
          ? []
          : [{ what: `the ends of ${this.#cut} texts`, why: 'only their first 1048576 characters were looked at' }]),
        ...(this.#stopped === 0
          ? []
          : [{ what: `more values of ${this.#stopped} rules`, why: 'there were too many in one text' }]),
      ],
    };
  }
}

function findingOf(name: string, { first, rows }: Seen, column: string, n: number): DataFinding {
  const severity: Severity = first.severity;
  const { fix } = severityOf(first.kind === 'secret' ? 'secret' : 'personal');
  return dataFinding({
    section: 'personal-data',
    rule: `pii.${first.rule}`,
    severity,
    what: `${column} holds ${name}`,
    fix,
    column,
    n,
    broken: rows,
    cwe: [first.kind === 'secret' ? 'CWE-312' : 'CWE-359'],
  });
}
