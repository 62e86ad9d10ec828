// The mode that is compatible with Evidently beside the living Evidently 0.7 with a fresh seed every night, and on real flights. It
// needs the environment that `.venv/data/bin/python` belongs to, and fails without it.
import { spawnSync } from 'node:child_process';
import { nodeDisk } from '@vallum/core';
import { openTable } from '@vallum/formats';
import { collectSample, evidentlyDrift } from '@vallum/monitor';
import { expect, it } from 'vitest';
import { pickRows } from '../../packages/monitor/src/drift/sample.js';
import type { TheirScores } from '../../packages/monitor/src/evidently/testing/beyond.js';
import { beyond } from '../../packages/monitor/src/evidently/testing/beyond.js';
import type { Frame } from '../../packages/monitor/src/evidently/testing/frames.js';
import { frameJson, frameOf } from '../../packages/monitor/src/evidently/testing/frames.js';

const FRAMES = 60;

function theirs(frames: readonly Frame[]): readonly TheirScores[] {
  const { stdout, stderr, status } = spawnSync('.venv/data/bin/python', ['tests/support/evidently-oracle.py'], {
    input: frames.map((frame) => `${JSON.stringify(frameJson(frame))}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TheirScores);
}

it(`${FRAMES} fresh frames of 15 columns have its scores`, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const frames = Array.from({ length: FRAMES }, (_, at) => frameOf(seed + at));
  theirs(frames).forEach((scores, at) => {
    const { reference, current } = frames[at] as Frame;
    expect([seed + at, beyond(evidentlyDrift(reference, current), scores)]).toEqual([seed + at, []]);
  });
});

it('real flights have its scores, January against every later month', async () => {
  const table = await openTable(nodeDisk, 'node_modules/vega-datasets/data/flights-3m.parquet');
  const all = await collectSample(table, { name: 'flights', seed: 1, mostValues: 500_000 });
  await table.close();
  const dates = all.columns.find(({ name }) => name === 'date');
  if (dates === undefined || dates.kind === 'text') throw new Error('flights have no dates');
  const inMonth = (month: number): Int32Array =>
    Int32Array.from(
      Array.from(dates.values.keys()).filter((row) => new Date(dates.values[row] as number).getUTCMonth() === month),
    );
  const without = { ...all, columns: all.columns.filter(({ name }) => name !== 'date') };
  const sides = [0, 1, 2, 3, 4, 5].map((month) => pickRows(without, inMonth(month)));
  const frames = sides.slice(1).map((current) => ({ reference: sides[0]!, current }));
  theirs(frames).forEach((scores, at) => {
    expect(beyond(evidentlyDrift(frames[at]!.reference, frames[at]!.current), scores)).toEqual([]);
  });
});
