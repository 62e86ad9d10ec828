// What every reader of tables promises (table.ts), as one check that all of them run: shapes, order, the same values again,
// the same values in a choice of columns, and stopping when asked.
import { VallumError } from '@vallum/core';
import type { Batch, Table, Values } from '../table.js';

export type CellValue = number | string | null;

/** All values by column; numbers for numbers, booleans and times; null where missing. */
export async function readColumns(
  table: Table,
  columns?: readonly string[],
): Promise<ReadonlyMap<string, CellValue[]>> {
  const names = columns ?? table.columns.map(({ name }) => name);
  const all = new Map(names.map((name) => [name, [] as CellValue[]]));
  for await (const batch of table.batches(columns === undefined ? {} : { columns }))
    for (const [at, name] of names.entries()) push(all.get(name)!, batch.columns[at]!, batch.rows);
  return all;
}

function push(to: CellValue[], values: Values, rows: number): void {
  for (let row = 0; row < rows; row++)
    if (values.type === 'text') to.push(values.codes[row] === -1 ? null : (values.levels[values.codes[row]!] ?? null));
    else to.push(values.missing?.[row] === 1 ? null : values.values[row]!);
}

/** What is wrong with a table; empty when it keeps the contract. @param open gives the same table each time */
export async function contractFaults(open: () => Promise<Table>): Promise<readonly string[]> {
  const faults: string[] = [];
  const table = await open();
  const names = table.columns.map(({ name }) => name);
  if (new Set(names).size < names.length) faults.push('a name stands twice');
  let next = 0;
  for await (const batch of table.batches()) {
    if (batch.start !== next) faults.push(`a batch starts at ${batch.start}, not at ${next}`);
    if (!(batch.rows > 0 && batch.rows <= 65_536)) faults.push(`a batch has ${batch.rows} rows`);
    faults.push(...shapeFaults(batch, table));
    next += batch.rows;
    if (!(table.read <= table.bytes)) faults.push(`${table.read} of ${table.bytes} bytes are read`);
  }
  if (table.rows !== undefined && table.rows !== next) faults.push(`${table.rows} rows are announced and ${next} come`);
  const once = await readColumns(table);
  if (!same(once, await readColumns(table))) faults.push('a second reading gives other values');
  const some = names.filter((_, index) => index % 2 === 0).reverse();
  const chosen = await readColumns(table, some);
  for (const name of some)
    if (!sameCells(chosen.get(name), once.get(name))) faults.push(`${name} differs when it is chosen`);
  for (const columns of [['no such column'], ...(names[0] === undefined ? [] : [[names[0], names[0]]])])
    if ((await codeOf(async () => readColumns(table, columns))) !== 'TABLE_COLUMN')
      faults.push(`${columns.join()} is accepted`);
  const stopped = new AbortController();
  stopped.abort(new Error('stopped'));
  if (next > 0 && (await messageOf(table, stopped)) !== 'stopped') faults.push('a signal that is set is not looked at');
  const later = new AbortController();
  let seen = 0;
  const why = await messageOf(table, later, () => (seen += 1) > 0 && later.abort(new Error('stopped')));
  if (next > 65_536 && (why !== 'stopped' || seen > 2)) faults.push('a signal does not stop it');
  await table.close();
  await table.close();
  return faults;
}

function shapeFaults(batch: Batch, table: Table): string[] {
  const faults: string[] = [];
  if (batch.columns.length !== table.columns.length) faults.push('a batch has another number of columns');
  for (const [at, values] of batch.columns.entries()) {
    const { name, type } = table.columns[at]!;
    if (values.type !== type) faults.push(`${name} is ${values.type}, not ${type}`);
    if (values.type === 'text') {
      if (values.codes.length !== batch.rows) faults.push(`${name} has ${values.codes.length} codes`);
      if (values.codes.some((code) => code < -1 || code >= values.levels.length))
        faults.push(`${name} has a code without a level`);
    } else {
      if (values.values.length !== batch.rows) faults.push(`${name} has ${values.values.length} values`);
      if (values.missing !== undefined && values.missing.length !== batch.rows) faults.push(`${name} has a short mask`);
      if (
        type === 'boolean' &&
        values.values.some((value, row) => value !== 0 && value !== 1 && values.missing?.[row] !== 1)
      )
        faults.push(`${name} has a boolean that is neither 0 nor 1`);
    }
  }
  return faults;
}

function same(a: ReadonlyMap<string, CellValue[]>, b: ReadonlyMap<string, CellValue[]>): boolean {
  return a.size === b.size && [...a].every(([name, cells]) => sameCells(cells, b.get(name)));
}

/** Equal also in the sign of zero, and where both are NaN. */
function sameCells(a: readonly CellValue[] | undefined, b: readonly CellValue[] | undefined): boolean {
  return a !== undefined && a.length === b?.length && a.every((cell, row) => Object.is(cell, b[row]));
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return '';
  } catch (error) {
    return error instanceof VallumError ? error.code : String(error);
  }
}

async function messageOf(table: Table, { signal }: AbortController, each: () => unknown = () => {}): Promise<string> {
  try {
    for await (const batch of table.batches({ signal })) if (batch.rows > 0) each();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
