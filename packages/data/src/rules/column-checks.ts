// Checks of one column: which rows of a batch break the rule. Texts are judged once a level, not once a row.
import type { Column, Values } from '@vallum/formats';
import { isMissing } from '../tables/cells.js';
import { codePoints } from './expression/evaluate.js';
import { compilePattern } from './pattern/pattern.js';
import type { ColumnRule } from './rule.js';

/** `undecided`: nobody can tell. */
export type Judged = 'kept' | 'broken' | 'undecided';

/** Judges a row, counted from 0, of the batch that it was started with. */
export interface ColumnChecker {
  start(values: Values): void;
  judge(row: number): Judged;
  /** What is wrong with a broken row. */
  readonly what: string;
}

/** Undefined where the rule cannot be asked of a column of this type; the type itself is a matter of the schema. */
export function columnChecker(rule: ColumnRule, column: Column): ColumnChecker | undefined {
  const { name, type } = column;
  switch (rule.check) {
    case 'type':
      return undefined;
    case 'missing':
      return new Missing(`${name} is missing`);
    case 'whole':
      return type === 'number' ? new Numbers(Number.isInteger, `${name} is no whole number`) : undefined;
    case 'range': {
      if (type !== 'number' && type !== 'time') return undefined;
      const { min, max } = rule;
      return new Numbers((value) => value >= min && value <= max, `${name} is not ${span(min, max, type)}`);
    }
    case 'values':
      return valuesChecker(rule.values, column);
    case 'length': {
      const { min, max } = rule;
      if (type !== 'text') return undefined;
      const fits = (text: string): boolean => {
        const length = codePoints(text);
        return length >= min && length <= max;
      };
      return new Texts(fits, `${name} does not have ${span(min, max, 'number')} characters`);
    }
    case 'pattern': {
      if (type !== 'text') return undefined;
      const pattern = compilePattern(rule.pattern);
      return new Texts((text) => pattern.test(text), `${name} does not have the form ${JSON.stringify(rule.pattern)}`);
    }
  }
}

function valuesChecker(values: ReadonlySet<string | number | boolean>, column: Column): ColumnChecker | undefined {
  const what = `${column.name} is none of the ${values.size} values that it may have`;
  const [first] = values;
  if (column.type === 'text')
    return typeof first === 'string' ? new Texts((text) => values.has(text), what) : undefined;
  if (column.type === 'number')
    return typeof first === 'number' ? new Numbers((value) => values.has(value), what) : undefined;
  if (column.type === 'boolean')
    return typeof first === 'boolean' ? new Numbers((value) => values.has(value === 1), what) : undefined;
  return undefined;
}

function span(min: number, max: number, type: Column['type']): string {
  const show = (value: number): string => (type === 'time' ? new Date(value).toISOString() : String(value));
  if (min === -Infinity) return `at most ${show(max)}`;
  return max === Infinity ? `at least ${show(min)}` : `${show(min)} to ${show(max)}`;
}

class Missing implements ColumnChecker {
  readonly what: string;
  #values: Values | undefined;

  constructor(what: string) {
    this.what = what;
  }

  start(values: Values): void {
    this.#values = values;
  }

  judge(row: number): Judged {
    return this.#values !== undefined && isMissing(this.#values, row) ? 'broken' : 'kept';
  }
}

class Numbers implements ColumnChecker {
  readonly what: string;
  readonly #fits: (value: number) => boolean;
  #numbers = new Float64Array();
  #missing: Uint8Array | undefined;

  constructor(fits: (value: number) => boolean, what: string) {
    this.#fits = fits;
    this.what = what;
  }

  start(values: Values): void {
    if (values.type === 'text') return;
    this.#numbers = values.values as Float64Array<ArrayBuffer>;
    this.#missing = values.missing;
  }

  judge(row: number): Judged {
    if (this.#missing?.[row] === 1) return 'kept';
    return this.#fits(this.#numbers[row] ?? NaN) ? 'kept' : 'broken';
  }
}

class Texts implements ColumnChecker {
  readonly what: string;
  readonly #fits: (text: string) => boolean | undefined;
  #codes = new Int32Array();
  #levels: readonly Judged[] = [];

  constructor(fits: (text: string) => boolean | undefined, what: string) {
    this.#fits = fits;
    this.what = what;
  }

  start(values: Values): void {
    if (values.type !== 'text') return;
    this.#codes = values.codes as Int32Array<ArrayBuffer>;
    this.#levels = values.levels.map((level) => {
      const fits = this.#fits(level);
      return fits === undefined ? 'undecided' : fits ? 'kept' : 'broken';
    });
  }

  judge(row: number): Judged {
    const code = this.#codes[row] ?? -1;
    return code < 0 ? 'kept' : (this.#levels[code] ?? 'kept');
  }
}
