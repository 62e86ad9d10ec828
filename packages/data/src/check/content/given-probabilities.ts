// Class probabilities of a model of the team, beside the labels of the table. Nothing in a matrix says which column is which
// class, so the order is stated in the answer, and a matrix with another number of columns than classes is refused.
import { messageOf, pause, VallumError } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import { takeRows } from '@vallum/stats';
import { readLabelled } from '../../labels/labelled.js';
import { shown } from '../../rules/table-rules.js';
import { cellAt, textOf } from '../../tables/cells.js';
import type { NamedMatrix } from './beside.js';
import { refused } from './beside.js';
import type { LabelQuestion } from './label-section.js';

const TOLD_CLASSES = 20;

/**
 * @param classes in the order of the columns; undefined: the labels, sorted
 * @throws VallumError `DATA_MATRIX` for classes that do not fit, `LABELS_INPUT` for numbers that are no probabilities,
 * `LABELS_ONE_CLASS`
 */
export async function fromGiven(
  table: Table,
  label: Column,
  { name, matrix }: NamedMatrix,
  classes: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<LabelQuestion> {
  const { codes, texts } = await readCodes(table, label, matrix.rows, signal);
  const names = classes ?? sortedClasses(texts, label);
  if (names.length !== matrix.columns)
    throw refused(
      `${name} has ${matrix.columns} columns, and there are ${names.length} classes: ${listOf(names)}`,
      'give a column for every class, and name the classes in the order of the columns with --classes',
    );
  const numbers = new Map(names.map((text, index) => [text, index]));
  const stranger = texts.find((text) => !numbers.has(text));
  if (stranger !== undefined)
    throw refused(`${label.name} holds ${shown(stranger)}, which --classes does not name`, 'name all classes');
  const rows = Uint32Array.from(codes.keys()).filter((row) => (codes[row] ?? -1) >= 0);
  const labels = Int32Array.from(rows, (row) => numbers.get(texts[codes[row] ?? 0] ?? '') ?? 0);
  try {
    return {
      names,
      rows,
      data: readLabelled(labels, rows.length === matrix.rows ? matrix : takeRows(matrix, rows)),
      how: `probabilities of ${name}, whose columns are read as ${listOf(names)}${classes === undefined ? ', the labels sorted' : ''}`,
      notExamined:
        rows.length === matrix.rows
          ? []
          : [{ what: `label issues in ${matrix.rows - rows.length} rows`, why: 'they have no label' }],
    };
  } catch (error) {
    if (!(error instanceof VallumError) || error.code !== 'LABELS_INPUT') throw error;
    throw new VallumError(error.code, `${name}: ${messageOf(error)}`, { fix: error.fix ?? '', cause: error });
  }
}

async function readCodes(
  table: Table,
  label: Column,
  rows: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly codes: Int32Array; readonly texts: readonly string[] }> {
  const codes = new Int32Array(rows).fill(-1);
  const codeOf = new Map<string, number>();
  for await (const batch of table.batches({ columns: [label.name], ...(signal === undefined ? {} : { signal }) })) {
    await pause(signal);
    const [values] = batch.columns;
    if (values === undefined) continue;
    for (let row = 0; row < batch.rows; row += 1) {
      const cell = cellAt(values, row);
      if (cell === undefined) continue;
      const text = textOf(cell, label.type);
      const code = codeOf.get(text) ?? codeOf.size;
      if (code === codeOf.size) codeOf.set(text, code);
      codes[batch.start + row] = code;
    }
  }
  return { codes, texts: [...codeOf.keys()] };
}

/** Numbers by size, texts by code point, as scikit-learn orders its classes. */
export function sortedClasses(texts: readonly string[], { type }: Column): readonly string[] {
  const byPoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return [...texts].sort(type === 'number' ? (a, b) => Number(a) - Number(b) : byPoint);
}

function listOf(names: readonly string[]): string {
  const more = names.length > TOLD_CLASSES ? ` and ${names.length - TOLD_CLASSES} more` : '';
  return `${names.slice(0, TOLD_CLASSES).map(shown).join(', ')}${more}`;
}
