// Which questions a pair of columns raises: have its values changed, is it missing more often, and for free text what its rows
// are like. Every question is one member of the family that the error budget is for.
import { codeLevels } from './code-levels.js';
import { codeNumbers } from './code-numbers.js';
import type { Question } from './permute.js';
import { dealtRows } from './permute.js';
import type { SampleColumn, TextColumn } from './sample.js';
import type { TextFeature } from './text-features.js';
import { isFreeText, textFeatures } from './text-features.js';

/** `values`: what the column holds; the others are figures of each text. */
export type Concern = 'values' | 'missing' | TextFeature;

export interface ColumnQuestion extends Question {
  readonly concern: Concern;
}

export type ColumnKind = 'number' | 'boolean' | 'time' | 'category' | 'text';

export interface Asked {
  readonly kind: ColumnKind;
  /** Those that chance could answer at all: a column that is constant over both samples raises none. */
  readonly questions: readonly ColumnQuestion[];
  readonly missing: { readonly reference: number; readonly current: number };
}

/** Two columns of the same name and the same kind: `text` with `text`, or not text on either side. */
export function questionsOf(reference: SampleColumn, current: SampleColumn): Asked {
  const missing = { reference: missingRows(reference), current: missingRows(current) };
  const questions: ColumnQuestion[] = [];
  const ask = (concern: Concern, question: Question): void => {
    if (question.bins > 1) questions.push({ concern, ...question });
  };
  if (reference.kind === 'text' && current.kind === 'text') {
    const kind = isFreeText(reference, current) ? 'text' : 'category';
    if (kind === 'category') ask('values', { ...categories(reference, current), order: 'nominal' });
    else askTexts(reference, current, ask);
    ask('missing', gaps(reference, current, missing));
    return { kind, questions, missing };
  }
  if (reference.kind === 'text' || current.kind === 'text') throw new Error('a text was compared with numbers');
  ask('values', { ...numbers(reference.values, current.values), ...(reference.kind === 'boolean' ? NOMINAL : {}) });
  ask('missing', gaps(reference, current, missing));
  return { kind: reference.kind, questions, missing };
}

function askTexts(
  reference: TextColumn,
  current: TextColumn,
  ask: (concern: Concern, question: Question) => void,
): void {
  const features = textFeatures(reference, current);
  for (const concern of Object.keys(features.reference) as TextFeature[]) {
    ask(concern, numbers(features.reference[concern], features.current[concern]));
  }
}

const NOMINAL = { order: 'nominal' } as const;

function numbers(reference: Float64Array, current: Float64Array): Question {
  const { codes, bins, values } = codeNumbers(reference, current);
  return { codes, bins, order: 'ordered', ...(values === undefined ? {} : { values }) };
}

function categories(reference: TextColumn, current: TextColumn): { codes: Uint8Array; bins: number } {
  const dealt = dealtRows(reference.codes.length, current.codes.length);
  return codeLevels(reference, current, Math.min(dealt.reference, dealt.current));
}

/** Present or missing as two categories; one bin, so no question, where nothing or everything is missing. */
function gaps(reference: SampleColumn, current: SampleColumn, missing: Asked['missing']): Question {
  const sides = [reference, current].map((column) =>
    column.kind === 'text'
      ? Uint8Array.from(column.codes, (code) => (code < 0 ? 2 : 1))
      : Uint8Array.from(column.values, (value) => (Number.isNaN(value) ? 2 : 1)),
  );
  const [first, second] = sides as [Uint8Array, Uint8Array];
  const codes = new Uint8Array(first.length + second.length);
  codes.set(first);
  codes.set(second, first.length);
  const many = missing.reference + missing.current;
  return { codes, bins: many === 0 || many === codes.length ? 1 : 2, order: 'nominal' };
}

function missingRows(column: SampleColumn): number {
  let many = 0;
  if (column.kind === 'text') for (const code of column.codes) many += code < 0 ? 1 : 0;
  else for (const value of column.values) many += Number.isNaN(value) ? 1 : 0;
  return many;
}
