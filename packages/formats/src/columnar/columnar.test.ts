// Every value of files that pyarrow wrote: types, encodings, codecs, versions of pages; files and streams of Arrow.
import { readColumns } from '../table/testing/contract.js';
import { describe, expect, it } from 'vitest';
import { cellsOf, loadSamples, openSample } from './testing/samples.js';

const samples = loadSamples();

describe.each(samples.map((sample) => [`${sample.kind}: ${sample.name}`, sample] as const))('%s', (_name, sample) => {
  const { kind, bytes, expected } = sample;

  it('has every value', async () => {
    const table = await openSample(kind, bytes);
    expect(table.columns.map(({ name }) => name)).toEqual(Object.keys(expected.columns));
    const cells = await cellsOf(table);
    for (const [name, values] of Object.entries(expected.columns)) {
      const read = cells[name]!;
      expect([name, read.length]).toEqual([name, expected.rows]);
      for (const [row, value] of values.entries())
        if (!Object.is(read[row], value)) expect([name, row, read[row]]).toEqual([name, row, value]);
    }
    if (table.rows !== undefined) expect(table.rows).toBe(expected.rows);
    expect(table.read).toBe(table.bytes);
  });

  it('names what it does not read', async () => {
    const table = await openSample(kind, bytes);
    // A stream knows only now how many rows it has.
    await readColumns(table);
    const { notes } = table;
    for (const { code, count } of notes) if (code === 'column-not-read') expect(count).toBe(expected.rows);
    const named = notes.filter(({ code }) => code === 'column-not-read').map(({ column }) => column!);
    for (const name of expected.leftOut)
      expect(named.some((column) => column === name || column.startsWith(`${name}.`))).toBe(true);
  });
});
