// The texts of a notebook: cells and what earlier runs printed, each with its place. A token printed once stays in the file
// as output; in the raw JSON it may stand behind escapes. Pictures are left out.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export interface PlacedText {
  readonly place: string;
  readonly text: string;
}

const MAX_TEXTS = 50_000;
const MAX_DEPTH = 12;

export function* notebookTexts(notebook: JsonValue): Generator<PlacedText> {
  if (!isJsonObject(notebook)) return;
  let left = MAX_TEXTS;
  for (const { place, value } of partsOf(notebook))
    for (const text of textsIn(value, 0)) {
      left -= 1;
      if (left < 0) return;
      yield { place, text };
    }
}

function* partsOf(notebook: { readonly [key: string]: JsonValue }): Generator<{ place: string; value: JsonValue }> {
  const { cells, worksheets, ...rest } = notebook;
  const all = [
    ...listOf(cells),
    ...listOf(worksheets).flatMap((sheet) => (isJsonObject(sheet) ? listOf(sheet['cells']) : [])),
  ];
  for (const [at, cell] of all.entries()) {
    if (!isJsonObject(cell)) continue;
    const { outputs, ...own } = cell;
    yield { place: `cell ${at + 1}`, value: own };
    for (const output of listOf(outputs)) yield { place: `output of cell ${at + 1}`, value: output };
  }
  yield { place: 'metadata', value: rest };
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

/** Lines that a notebook keeps apart are one text. */
function* textsIn(value: JsonValue, depth: number): Generator<string> {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    if (items.length > 0 && items.every((item) => typeof item === 'string')) yield items.join('');
    else for (const item of items) yield* textsIn(item, depth + 1);
  } else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value)) if (!/^image\//.test(key)) yield* textsIn(inner, depth + 1);
}
