// Digits of integers inside arrays stay as they are; plain ones are numbers, and noted; names of the prototype are names.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { readColumns } from '../table/testing/contract.js';
import { openJsonLines } from './open-json-lines.js';
import { readRecord } from './wide-integers.js';

const read = async (text: string) => {
  const table = await openJsonLines(bytesSource(Buffer.from(text)));
  return { columns: Object.fromEntries(await readColumns(table)), notes: table.notes.map(({ code }) => code) };
};

describe('integers that a double does not hold', () => {
  it('keep their digits in JSON text', async () => {
    const { columns } = await read(
      '{"l":[12345678901234567890]}\n{"l":[12345678901234567891,{"a":"12345678901234567891"}]}\n',
    );
    expect(columns['l']).toEqual(['[12345678901234567890]', '[12345678901234567891,{"a":"12345678901234567891"}]']);
  });

  it('are rounded and noted as values', async () => {
    const { columns, notes } = await read('{"n":9007199254740993,"l":[9007199254740993]}\n');
    expect(columns).toEqual({ n: [9007199254740992], l: ['[9007199254740993]'] });
    expect(notes).toContain('integers-rounded');
  });

  it('never make two different arrays equal', () => {
    const textOf = (list: readonly bigint[]): string => {
      const result = readRecord(`[${list.join()}]`, 9);
      return result.ok ? result.record.textOf(result.record.value) : '';
    };
    const some = fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { maxLength: 5 });
    fc.assert(
      fc.property(some, (list) => {
        expect(textOf(list)).toBe(`[${list.join()}]`);
      }),
    );
  });
});

it('asks for types by the names of the file only', async () => {
  const source = bytesSource(Buffer.from('{"constructor":1,"__proto__":2}\n'));
  const { columns } = await openJsonLines(source, { types: {} });
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ['constructor', 'number'],
    ['__proto__', 'number'],
  ]);
});
