// Which columns hold whole numbers only. A text format such as CSV does not say; a card can, once all values were seen.
import { pause } from '@vallum/core';
import type { Table } from '@vallum/formats';

/**
 * One pass over the columns of numbers. A column of missing values alone is not among them.
 * @throws VallumError `TABLE_*`
 */
export async function wholeColumns(table: Table, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const names = table.columns.filter(({ type }) => type === 'number').map(({ name }) => name);
  const whole = new Set<string>();
  const other = new Set<string>();
  if (names.length === 0) return whole;
  for await (const { rows, columns } of table.batches({
    columns: names,
    ...(signal === undefined ? {} : { signal }),
  })) {
    await pause(signal);
    names.forEach((name, index) => {
      const column = columns[index];
      if (column === undefined || column.type === 'text' || other.has(name)) return;
      for (let row = 0; row < rows; row += 1) {
        if (column.missing?.[row] === 1) continue;
        if (Number.isInteger(column.values[row])) whole.add(name);
        else {
          other.add(name);
          break;
        }
      }
    });
  }
  for (const name of other) whole.delete(name);
  return whole;
}
