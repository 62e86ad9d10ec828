// Cells of two tables of which a column has one type here and another there, brought into one form. One bad cell makes a column
// of a CSV text: without this, whoever adds a row to one side would make every row differ from its copy on the other.
import { pause } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import { cellAs } from '@vallum/formats';
import type { Cell } from './cells.js';
import { isMissing, textOf } from './cells.js';
import { shownName } from './shown-name.js';

type Type = Column['type'];

/**
 * A text is read as the type of the other side where it is one, and stays a text where it is none; a number beside a time, say,
 * is compared as text.
 */
export function inCommon(cell: Cell, type: Type, other: Type | undefined): Cell {
  if (cell === undefined || other === undefined || other === type || other === 'text') return cell;
  if (typeof cell !== 'string') return textOf(cell, type);
  if (type !== 'text') return cell;
  const value = cellAs(cell, other);
  return value === 'missing' ? undefined : (value ?? cell);
}

/** A missing cell, or one that the type of the other side takes as missing. */
export function isMissingInCommon(cell: Cell, type: Type, other: Type | undefined): boolean {
  return inCommon(cell, type, other) === undefined;
}

export function typesOf(columns: readonly Column[]): ReadonlyMap<string, Type> {
  return new Map(columns.map(({ name, type }) => [name, type]));
}

interface Side {
  readonly table: Table;
  /** For people: `the test table`. */
  readonly name: string;
}

const MOST_TOLD = 20;

/** What a reader must know of each of the columns that have another type in the other table, with the cells that made it so. */
export async function retypedColumns(
  a: Side,
  b: Side,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly { readonly what: string; readonly why: string }[]> {
  const [ofA, ofB] = [typesOf(a.table.columns), typesOf(b.table.columns)];
  const retyped = [...new Set(names)].filter((name) => ofB.has(name) && ofA.get(name) !== ofB.get(name));
  const told = [];
  for (const name of retyped.slice(0, MOST_TOLD)) {
    const [here, there] = [ofA.get(name) ?? 'text', ofB.get(name) ?? 'text'];
    const types = `it is ${here} in ${a.name} and ${there} in ${b.name}`;
    const text = here === 'text' ? a : b;
    const wanted = here === 'text' ? there : here;
    const why =
      here !== 'text' && there !== 'text'
        ? `${types}: both were compared as text`
        : `${types}, where ${await cellsThatAreNot(text.table, name, wanted, signal)} are no ${wanted}: those were compared as text, the others as ${wanted}`;
    told.push({ what: `the type of column ${JSON.stringify(shownName(name))}`, why });
  }
  if (retyped.length > MOST_TOLD)
    told.push({
      what: `the types of ${retyped.length - MOST_TOLD} more columns`,
      why: 'they have another type on the other side',
    });
  return told;
}

async function cellsThatAreNot(table: Table, name: string, type: Type, signal?: AbortSignal): Promise<string> {
  let [cells, not] = [0, 0];
  for await (const { rows, columns } of table.batches({
    columns: [name],
    ...(signal === undefined ? {} : { signal }),
  })) {
    await pause(signal);
    const [values] = columns;
    if (values?.type !== 'text') continue;
    const isText = values.levels.map((level) => typeof inCommon(level, 'text', type) === 'string');
    for (let row = 0; row < rows; row += 1) {
      if (isMissing(values, row)) continue;
      cells += 1;
      if (isText[values.codes[row] ?? -1] === true) not += 1;
    }
  }
  return `${not} of ${cells} texts`;
}
