// `vallum gateway learn` over real files: what it writes, what it prints, and what it refuses.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import { ProfileBuilder, profileBytes } from '@vallum/stats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../answer.js';
import { makeStyle } from '../output/style.js';
import { gatewayLearnCommand } from './gateway-learn.js';
import type { LearnCommandOptions } from './gateway-learn.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vallum-learn-'))));
afterEach(() => rm(folder, { recursive: true }));

const io = (): Io => ({
  disk: nodeDisk,
  clock: () => new Date(0),
  keysFolder: folder,
  folder,
  style: makeStyle(false),
  progress: { say: () => undefined, done: () => undefined },
  notice: () => undefined,
});

const ROWS = Array.from(
  { length: 200 },
  (_, i) => `${20 + (i % 50)},${i % 2 === 0 ? 'Lima' : 'Kyiv'},${i % 3 === 0 ? 1 : 0}`,
);
const CSV = `age,city,label\n${ROWS.join('\n')}\n`;

async function learn(name: string, bytes: string | Uint8Array, more: Partial<LearnCommandOptions> = {}) {
  const path = join(folder, name);
  const output = join(folder, 'ranges.json');
  await writeFile(path, bytes);
  const answer = await gatewayLearnCommand(io(), path, { output, margin: '0.1', ...more });
  return { answer, file: JSON.parse(await readFile(output, 'utf8')) as Record<string, unknown> };
}

describe('vallum gateway learn', () => {
  it('writes bounds and categories of a table, without the columns that are left out', async () => {
    const { answer, file } = await learn('train.csv', CSV, { ignore: ['label'] });
    expect(file).toEqual({
      schema: 'vallum/gateway-ranges/v1',
      source: { kind: 'table', sha256: sha256(CSV) },
      rows: 200,
      margin: 0.1,
      columns: [
        { name: 'age', check: 'number', minimum: 20, maximum: 69 },
        { name: 'city', check: 'categories', categories: ['Kyiv', 'Lima'] },
      ],
    });
    expect(answer.exit).toBe(0);
    expect(answer.text).toMatch(/age +number +20 +69\n.*city +categories +2 categories\n/s);
    expect(answer.json).toMatchObject({ schema: 'vallum/gateway-learn/v1', rows: 200, margin: 0.1 });
    const again = learn('train.csv', CSV);
    await expect(again).rejects.toMatchObject({ code: 'OUT_EXISTS' });
  });

  it('reads a profile of the rows', async () => {
    const builder = new ProfileBuilder([
      { name: 'age', type: 'number' },
      { name: 'label', type: 'boolean' },
    ]);
    const label = { type: 'boolean', values: Float64Array.of(0, 1), missing: undefined } as const;
    builder.add({ rows: 2, columns: [{ type: 'number', values: Float64Array.of(3, 5), missing: undefined }, label] });
    const bytes = profileBytes(builder.finish());
    const { file } = await learn('profile.json', bytes, { ignore: ['label'], margin: '0' });
    expect(file).toMatchObject({
      source: { kind: 'profile', sha256: sha256(bytes) },
      margin: 0,
      columns: [{ name: 'age', check: 'number', minimum: 3, maximum: 5 }],
    });
    await expect(learn('profile.json', bytes, { as: 'tensor' })).rejects.toMatchObject({ code: 'LEARN_OPTION' });
    await expect(learn('profile.json', bytes, { ignore: ['x'] })).rejects.toMatchObject({ code: 'LEARN_COLUMN' });
  });

  it('takes one range of the pixels of an array', async () => {
    const head = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), }".padEnd(117, ' ');
    const pixels = [0, 12, 255, 3, 7, 9, 1, 2];
    const npy = Buffer.concat([
      Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]),
      Buffer.from(`${head}\n`),
      Buffer.from(pixels),
    ]);
    const { answer, file } = await learn('images.npy', npy);
    expect(file).toMatchObject({ rows: 2, tensor: { elements: 4, minimum: 0, maximum: 255 } });
    expect(answer.text).toContain('every number of a row of 4: from 0 to 255');
  });

  it.each(['-1', 'x', '1e3', '101', ''])('refuses the margin %j', async (margin) => {
    await expect(learn('train.csv', CSV, { margin })).rejects.toMatchObject({ code: 'LEARN_OPTION' });
  });

  it('refuses a profile that is broken and a file that is no table, by a code', async () => {
    await expect(learn('p.json', '{"schema":"vallum/profile/v1"}')).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
    await expect(learn('x.csv', '')).rejects.toMatchObject({ code: 'TABLE_EMPTY' });
  });
});
