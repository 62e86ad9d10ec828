import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { contractFaults, readColumns } from '../table/testing/contract.js';
import { openNpy, openNpz } from './open-npy.js';
import { readMatrix } from './read-matrix.js';
import FROZEN from './testing/arrays.json' with { type: 'json' };

const sourceOf = (base64: string): ReturnType<typeof bytesSource> => bytesSource(Buffer.from(base64, 'base64'));

/** An array of version 1 with any header. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const text = Buffer.from(header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n');
  const head = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1');
  head.writeUInt16LE(text.length, 8);
  return Buffer.concat([head, text, data]);
}

const header = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VallumError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('openNpy', () => {
  it('gives texts that are no UTF-8 in hexadecimal, and says so', async () => {
    const table = await openNpy(bytesSource(npy(header("'|S2'", '(3,)'), Buffer.from('ff00fe00c3a9', 'hex'))));
    expect([...(await readColumns(table)).values()]).toEqual([['0xff', '0xfe', 'é']]);
    expect(table.notes.map(({ code, count }) => [code, count])).toEqual([['not-utf8', 2]]);
    const wide = Buffer.from('00d8000001d8000041000000', 'hex');
    const texts = await openNpy(bytesSource(npy(header("'<U1'", '(3,)'), wide)));
    expect([...(await readColumns(texts)).values()]).toEqual([['0x00d80000', '0x01d80000', 'A']]);
  });

  it.each(FROZEN.arrays.map(({ name, npy: bytes, columns }) => [name, bytes, columns] as const))(
    'reads %s as NumPy wrote it',
    async (_, bytes, wanted) => {
      const table = await openNpy(sourceOf(bytes));
      const named: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
      const read = await readColumns(table);
      const expected = Object.entries(wanted as Record<string, (string | number | null)[]>).map(([name, cells]) => {
        const { type } = table.columns.find((column) => column.name === name)!;
        return [name, cells.map((cell) => (type !== 'text' && typeof cell === 'string' ? named[cell] : cell))];
      });
      expect([...read]).toEqual(expected);
      expect(await contractFaults(() => openNpy(sourceOf(bytes)))).toEqual([]);
    },
  );

  it('counts integers that a double does not hold', async () => {
    const data = Buffer.alloc(16);
    data.writeBigInt64LE(2n ** 53n + 1n, 0);
    data.writeBigInt64LE(2n ** 53n, 8);
    const bytes = npy(header("'<i8'", '(2,)'), data);
    const table = await openNpy(bytesSource(bytes));
    await readColumns(table);
    expect(table.notes).toEqual([expect.objectContaining({ code: 'integers-rounded', column: 'value', count: 1 })]);
    expect(await codeOf(() => readMatrix(bytesSource(bytes)))).toContain('TABLE_NPY');
  });

  it.each([
    ['objects', FROZEN.objects, 'Python objects'],
    [
      'a shape that lies',
      Buffer.from(npy(header("'<f8'", '(3,)'), new Uint8Array(16))).toString('base64'),
      'announces 24 bytes of data and there are 16',
    ],
    [
      'more data than it says',
      Buffer.from(npy(header("'<f8'", '(1,)'), new Uint8Array(16))).toString('base64'),
      'announces 8 bytes',
    ],
    [
      'complex numbers',
      Buffer.from(npy(header("'<c16'", '(1,)'), new Uint8Array(16))).toString('base64'),
      'is not read',
    ],
    ['no dimension', Buffer.from(npy(header("'<f8'", '()'), new Uint8Array(8))).toString('base64'), 'no dimension'],
    [
      'an absurd shape',
      Buffer.from(npy(header("'<f8'", '(999999999999999, 999999999999999)'), new Uint8Array(8))).toString('base64'),
      'no shape',
    ],
  ])('refuses %s', async (_, bytes, why) => {
    expect(await codeOf(() => openNpy(sourceOf(bytes)))).toContain(why);
  });

  it('refuses more columns than are read', async () => {
    const bytes = npy(header("'|u1'", '(1, 100001)'), new Uint8Array(100_001));
    expect(await codeOf(() => openNpy(bytesSource(bytes)))).toContain('TABLE_LIMIT');
    expect((await readMatrix(bytesSource(bytes))).columns).toBe(100_001);
  });

  it('ends in values or in a TABLE_ error for any change of a file', async () => {
    const samples = FROZEN.arrays.map((one) => Buffer.from(one.npy, 'base64'));
    const npz = Object.values(FROZEN.npz).map((one) => Buffer.from(one, 'base64'));
    const edit = fc.tuple(fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples, ...npz),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (sample, edits) => {
          let bytes = Buffer.from(sample);
          for (const [at, byte, cut] of edits) {
            if (cut) bytes = bytes.subarray(0, at % (bytes.length + 1));
            else if (bytes.length > 0) bytes[at % bytes.length] = byte;
          }
          const read = async (): Promise<unknown> =>
            readColumns(await (npz.includes(sample) ? openNpz : openNpy)(bytesSource(bytes)));
          expect(await codeOf(read)).toMatch(/^(?:TABLE_|nothing)/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('openNpz', () => {
  it.each(Object.entries(FROZEN.npz))('reads the arrays of a %s archive side by side', async (_, bytes) => {
    const open = (): ReturnType<typeof openNpz> => openNpz(sourceOf(bytes));
    const read = await readColumns(await open());
    expect([...read.keys()]).toEqual(['x.c0', 'x.c1', 'x.c2', 'y']);
    expect(read.get('y')).toEqual([0, 1, 2, 3, 4]);
    expect(read.get('x.c1')).toEqual(FROZEN.grid.filter((__, at) => at % 3 === 1));
    expect(await contractFaults(open)).toEqual([]);
    expect((await openNpz(sourceOf(bytes), { array: 'y' })).columns.map(({ name }) => name)).toEqual(['value']);
    expect(await codeOf(() => openNpz(sourceOf(bytes), { array: 'z' }))).toContain('TABLE_NPZ');
  });

  it('compares checksums', async () => {
    const bytes = Buffer.from(FROZEN.npz.stored, 'base64');
    const at = bytes.indexOf(Buffer.from(Float64Array.of(FROZEN.grid[4]!).buffer));
    bytes[at]! ^= 1;
    expect(await codeOf(() => openNpz(bytesSource(bytes)))).toContain('does not match its checksum');
  });
});

describe('readMatrix', () => {
  it('reads the same matrix from both orders and from an archive', async () => {
    const c = await readMatrix(sourceOf(FROZEN.arrays.find(({ name }) => name === '<f8')!.npy));
    const fortran = await readMatrix(sourceOf(FROZEN.arrays.find(({ name }) => name === 'fortran')!.npy));
    const archived = await readMatrix(sourceOf(FROZEN.npz.deflated), { array: 'x' });
    expect(c).toEqual({ rows: 5, columns: 3, values: Float64Array.from(FROZEN.grid) });
    expect([fortran, archived]).toEqual([c, c]);
    expect((await readMatrix(sourceOf(FROZEN.arrays.find(({ name }) => name === '<f4')!.npy))).values).toEqual(
      Float32Array.from(FROZEN.grid),
    );
  });

  it('refuses what is no matrix, several arrays, and what needs too much memory', async () => {
    const of = (wanted: string): ReturnType<typeof bytesSource> =>
      sourceOf(FROZEN.arrays.find(({ name }) => name === wanted)!.npy);
    expect(await codeOf(() => readMatrix(of('text')))).toContain('TABLE_NPY');
    expect(await codeOf(() => readMatrix(of('record')))).toContain('TABLE_NPY');
    expect(await codeOf(() => readMatrix(sourceOf(FROZEN.npz.stored)))).toContain('it holds 2 arrays: x, y');
    expect(await codeOf(() => readMatrix(of('<f8'), { maxBytes: 100 }))).toContain('TABLE_LIMIT');
  });
});
