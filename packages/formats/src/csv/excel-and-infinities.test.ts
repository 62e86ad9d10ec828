// Excel's first line, words for infinity, and names that stand there 100,000 times.
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { distinctNames } from '../table/distinct-names.js';
import { Notes } from '../table/notes.js';
import { readColumns } from '../table/testing/contract.js';
import { openCsv } from './open-csv.js';

describe('a first line that names the delimiter', () => {
  it.each(['sep=;\na;b\n1,5;2\n', '\ufeffsep=;\r\na;b\r\n1,5;2\r\n', 'SEP=;\ra;b\r1,5;2\r'])(
    'is no row: %j',
    async (text) => {
      const table = await openCsv(bytesSource(Buffer.from(text)));
      expect(Object.fromEntries(await readColumns(table))).toEqual({ a: ['1,5'], b: [2] });
      expect(table.notes.map(({ code }) => code)).toContain('separator-line');
    },
  );

  it('is a name where another delimiter is asked for', async () => {
    const table = await openCsv(bytesSource(Buffer.from('sep=;\n1\n')), { delimiter: ',' });
    expect(table.columns.map(({ name }) => name)).toEqual(['sep=;']);
  });
});

describe('words for infinity', () => {
  it('are told where they decide the type, however many they are', async () => {
    const table = await openCsv(bytesSource(Buffer.from('v,w\ninf,inf\n-Infinity,x\n1,1\n')));
    expect(table.notes.filter(({ code }) => code === 'infinite-words')).toMatchObject([{ column: 'v', count: 2 }]);
  });
});

it('gives 100,000 equal names a name each', () => {
  const names = Array.from({ length: 100_000 }, () => 'a');
  expect(new Set(distinctNames(names, new Notes(), 'the schema')).size).toBe(100_000);
  expect(distinctNames(['a', 'a', 'a (2)', 'a'], new Notes(), 'the schema')).toEqual(['a', 'a (3)', 'a (2)', 'a (4)']);
});
