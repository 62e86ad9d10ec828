// Jupyter notebooks (nbformat 3 and 4): the cells that a person would run, what earlier runs left as output, and what the
// notebook says of its kernel. Nothing runs; outputs are only looked at.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { CellSource } from './cell-source.js';
import { readCell } from './cell-source.js';

export interface NotebookLimits {
  readonly maxCells: number;
  readonly maxText: number;
}

export const NOTEBOOK_LIMITS: NotebookLimits = { maxCells: 20_000, maxText: 8 * 1024 * 1024 };

export interface NotebookCell extends CellSource {
  /** Number among all cells, from 1. */
  readonly number: number;
  /** Marked to be run when the notebook is opened. */
  readonly atStart: boolean;
}

export interface NotebookReport {
  /** Of its kernel, in lower case; empty when it does not say. */
  readonly language: string;
  readonly cells: readonly NotebookCell[];
  /** Code cells of another language than Python, as they are. */
  readonly foreign: readonly { readonly number: number; readonly source: string }[];
  /** Outputs and Markdown that hold script. */
  readonly active: readonly { readonly number: number; readonly what: string }[];
  /** Keys of the kernel's description that do not belong into a notebook. */
  readonly kernel: readonly string[];
  readonly fault?: string;
}

export function looksLikeNotebook(value: JsonValue): value is JsonObject {
  return (
    isJsonObject(value) &&
    ('nbformat' in value || 'worksheets' in value) &&
    (isList(value['cells']) || isList(value['worksheets']))
  );
}

export function readNotebook(value: JsonObject, limits: NotebookLimits = NOTEBOOK_LIMITS): NotebookReport {
  const metadata = objectOf(value['metadata']);
  const spec = objectOf(metadata['kernelspec']);
  const language =
    textOf(objectOf(metadata['language_info'])['name']) || textOf(spec['language']) || textOf(spec['name']);
  const all = cellsOf(value);
  const report = {
    language: language.toLowerCase(),
    cells: [] as NotebookCell[],
    foreign: [] as { number: number; source: string }[],
    active: [] as { number: number; what: string }[],
    kernel: Object.keys(spec).filter((key) => !KERNEL_KEYS.has(key)),
  };
  let left = limits.maxText;
  for (const [index, cell] of all.slice(0, limits.maxCells).entries()) {
    const number = index + 1;
    const type = textOf(cell['cell_type']);
    const source = textOf(cell['source']) || textOf(cell['input']);
    left -= source.length;
    if (left < 0) return { ...report, fault: `its cells have more than ${limits.maxText} characters` };
    const own =
      textOf(cell['language']).toLowerCase() ||
      textOf(objectOf(objectOf(cell['metadata'])['vscode'])['languageId']).toLowerCase();
    const spoken = own === '' ? report.language : own;
    if (type === 'code' && isPython(spoken)) {
      const tags = objectOf(cell['metadata']);
      report.cells.push({
        ...readCell(source),
        number,
        atStart: tags['init_cell'] === true || tags['run_on_open'] === true,
      });
    } else if (type === 'code') report.foreign.push({ number, source });
    else if (SCRIPT.test(source.slice(0, 200_000))) report.active.push({ number, what: 'script in its text' });
    for (const what of activeOutputs(cell)) report.active.push({ number, what });
  }
  return all.length > limits.maxCells ? { ...report, fault: `it has more than ${limits.maxCells} cells` } : report;
}

const KERNEL_KEYS = new Set([
  'name',
  'display_name',
  'language',
  'argv_hash',
  'resources',
  'env_hash',
  'path_hash',
  'interpreter',
  'metadata',
  'id',
  'codemirror_mode',
  'custom',
  'language_version',
]);
/** `sos` and `xpython` speak Python too, as does a kernel that a person named. */
const FOREIGN =
  /^(?:r|ir|julia|scala|spark|bash|sh|shell|calysto_bash|javascript|typescript|node|deno|java|kotlin|c\+?\+?|c#|\.net|f#|ruby|perl|octave|matlab|haskell|go|rust|sql|sas|stata|php|lua|ocaml|swift|powershell|maxima|gap|wolfram|mathematica)\b/;

const isPython = (language: string): boolean => !FOREIGN.test(language);
const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

function cellsOf(value: JsonObject): readonly JsonObject[] {
  const cells = isList(value['cells']) ? value['cells'] : [];
  const sheets = isList(value['worksheets']) ? value['worksheets'] : [];
  const old = sheets.flatMap((sheet) => {
    const inner = objectOf(sheet)['cells'];
    return isList(inner) ? inner : [];
  });
  return [...cells, ...old].filter(isJsonObject);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Multi-line text is a list of lines in a notebook. */
function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return isList(value) ? value.filter((part) => typeof part === 'string').join('') : '';
}

const SCRIPT =
  /<script\b|\bon(?:error|load|click|mouseover|focus|toggle|animationstart)\s*=|javascript:|<iframe\b|<object\b|<embed\b/i;
const MAX_OUTPUT = 200_000;

function* activeOutputs(cell: JsonObject): Generator<string> {
  const outputs = isList(cell['outputs']) ? cell['outputs'] : [];
  for (const output of outputs.slice(0, 1000)) {
    const data = { ...objectOf(output), ...objectOf(objectOf(output)['data']) };
    for (const [type, held] of Object.entries(data)) {
      if (/javascript$|^application\/vnd\.\w+\.exec/.test(type)) yield `an output of ${type.slice(0, 60)}`;
      else if (/html|svg|markdown/.test(type) && SCRIPT.test(textOf(held).slice(0, MAX_OUTPUT)))
        yield `script in an output of ${type.slice(0, 60)}`;
    }
  }
}
