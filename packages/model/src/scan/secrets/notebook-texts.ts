// The texts of a notebook: cells and what earlier runs printed, each with its place. A token printed once stays in the file
// as output; in the raw JSON it may stand behind escapes. Everything is yielded, keys too, however deep and however many:
// what is small is put together, so that 10 million empty strings cost as much as one long one. Only pictures are left out,
// by what they are: base64 that begins as a picture does.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export interface PlacedText {
  readonly place: string;
  readonly text: string;
}

/** Characters of small texts in one. */
const TOGETHER = 128 * 1024;

/** PNG, JPEG, GIF, WebP in base64, to the end of the text. */
const PICTURE = /^(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)[A-Za-z0-9+/=\s]*$/;

export function* notebookTexts(notebook: JsonValue): Generator<PlacedText> {
  for (const { place, value } of partsOf(notebook)) for (const text of together(textsIn(value))) yield { place, text };
}

function* partsOf(notebook: JsonValue): Generator<{ place: string; value: JsonValue }, void> {
  if (!isJsonObject(notebook)) {
    yield { place: 'notebook', value: notebook };
    return;
  }
  const { worksheets = [], ...rest } = notebook;
  let at = 0;
  for (const sheet of [rest, ...(Array.isArray(worksheets) ? listOf(worksheets) : [worksheets])]) {
    // Whatever has not the shape of a notebook is text like any other.
    if (!isJsonObject(sheet) || !Array.isArray(sheet['cells'])) {
      yield { place: 'metadata', value: sheet };
      continue;
    }
    const { cells, ...other } = sheet;
    for (const cell of listOf(cells)) {
      at += 1;
      yield* partsOfCell(cell, at);
    }
    yield { place: 'metadata', value: other };
  }
}

function* partsOfCell(cell: JsonValue, at: number): Generator<{ place: string; value: JsonValue }> {
  if (!isJsonObject(cell) || !Array.isArray(cell['outputs'])) {
    yield { place: `cell ${at}`, value: cell };
    return;
  }
  const { outputs, ...own } = cell;
  const place = `output of cell ${at}`;
  yield { place: `cell ${at}`, value: own };
  const streams = new Map<string, string>();
  for (const output of listOf(outputs)) {
    yield { place, value: output };
    if (!isJsonObject(output) || output['output_type'] !== 'stream') continue;
    const name = JSON.stringify(output['name'] ?? '');
    streams.set(name, (streams.get(name) ?? '') + joined(output['text']));
  }
  // What a program writes in two steps are two outputs of one stream: a token may begin in the first.
  for (const stream of streams.values()) yield { place, value: stream };
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

/** Lines that a notebook keeps apart are one text. */
function joined(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return listOf(value)
    .map((line) => (typeof line === 'string' ? line : ''))
    .join('');
}

/** As deep as the reader of JSON went. A text is told with its key, which may be what announces it. */
function* textsIn(value: JsonValue): Generator<string> {
  if (typeof value === 'string') {
    if (!PICTURE.test(value)) yield value;
  } else if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    if (items.length > 0 && items.every((item) => typeof item === 'string')) yield* textsIn(items.join(''));
    else for (const item of items) yield* textsIn(item);
  } else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value))
      if (typeof inner === 'string' && !PICTURE.test(inner)) yield `"${key}": "${inner}"`;
      else {
        yield key;
        yield* textsIn(inner);
      }
}

function* together(texts: Iterable<string>): Generator<string> {
  let held: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length + text.length > TOGETHER && held.length > 0) {
      yield held.join('\n');
      held = [];
      length = 0;
    }
    held.push(text);
    length += text.length + 1;
  }
  if (held.length > 0) yield held.join('\n');
}

/** The notebook as it lies there, its pictures blanked: what stands over two texts, such as a key and its value, is one. */
export function rawNotebook(text: string): string {
  return text.replace(/"(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)[A-Za-z0-9+/=\\]*"/g, (whole) => ' '.repeat(whole.length));
}
