// The Parquet and Arrow readers beside pyarrow, with a fresh seed every night: random types, gaps, encodings, codecs, sizes of
// pages and groups of rows; every value is compared. It needs the environment that `.venv/data/bin/python` belongs to
// (pyarrow), and fails without it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExpectedTable } from '../../packages/formats/src/columnar/testing/samples.js';
import { cellsOf, openSample } from '../../packages/formats/src/columnar/testing/samples.js';

const FILES = 3000;

it(`${FILES} fresh files have every value`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const folder = mkdtempSync(join(tmpdir(), 'columnar-'));
  try {
    const { stderr, status } = spawnSync(
      '.venv/data/bin/python',
      ['tests/support/columnar-samples.py', 'random', String(seed), String(FILES), folder],
      { encoding: 'utf8' },
    );
    expect({ seed, status, stderr }).toEqual({ seed, status: 0, stderr: '' });
    let compared = 0;
    for (const file of readdirSync(folder).filter((name) => !name.endsWith('.json'))) {
      const { rows, columns } = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as ExpectedTable;
      const table = await openSample(file.endsWith('.arrow') ? 'arrow' : 'parquet', readFileSync(join(folder, file)));
      const cells = await cellsOf(table);
      expect([file, Object.keys(cells)]).toEqual([file, Object.keys(columns)]);
      for (const [name, values] of Object.entries(columns)) {
        const read = cells[name]!;
        const differs = values.findIndex((value, row) => !Object.is(read[row], value));
        expect([file, name, read.length, differs, read[differs]]).toEqual([file, name, rows, -1, undefined]);
        compared += rows;
      }
    }
    console.log(`seed ${seed}: ${compared} values of ${FILES} files agree`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
