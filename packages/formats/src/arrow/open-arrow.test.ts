// Arrow files and streams: the promises of a table, real data, and files whose metadata says one thing and whose bytes another.
import { VallumError } from '@vallum/core';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { cellsOf, loadSamples, openSample } from '../columnar/testing/samples.js';
import { contractFaults } from '../table/testing/contract.js';
import { openArrow } from './open-arrow.js';

const samples = loadSamples();
const sample = (name: string): Buffer => Buffer.from(samples.find((one) => one.name === name)!.bytes);

const FLIGHTS = { delay: 1500159, distance: 145847125, time: 2755170.1662385147 };

async function fault(bytes: Uint8Array): Promise<string> {
  try {
    await cellsOf(await openArrow(bytesSource(bytes)));
  } catch (error) {
    if (error instanceof VallumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'read';
}

describe('both columnar readers', () => {
  it.each(samples.map((one) => [`${one.kind}: ${one.name}`, one] as const))(
    'keep the contract: %s',
    async (_name, { kind, bytes }) => {
      expect(await contractFaults(() => openSample(kind, bytes))).toEqual([]);
    },
  );
});

describe('two hundred thousand flights', () => {
  const bytes = readFileSync('node_modules/vega-datasets/data/flights-200k.arrow');

  it('are one batch of the file, and several of the table', async () => {
    const table = await openArrow(bytesSource(bytes));
    expect(table.columns.map(({ name, stored }) => `${name} ${stored}`)).toEqual([
      'delay int16',
      'distance int16',
      'time float',
    ]);
    const sums = [0, 0, 0];
    let batches = 0;
    for await (const { columns } of table.batches()) {
      batches += 1;
      for (const [at, values] of columns.entries())
        if (values.type === 'number') for (const value of values.values) sums[at]! += value;
    }
    // As pyarrow.compute adds them; times are float32.
    expect([batches, sums[0], sums[1]]).toEqual([4, FLIGHTS.delay, FLIGHTS.distance]);
    expect(sums[2]).toBeCloseTo(FLIGHTS.time, 3);
  });

  it('are refused where they are cut', async () => {
    for (const cut of [3, 100, 4000, 1_000_000, bytes.length - 1])
      expect(await fault(bytes.subarray(0, cut))).toMatch(/^TABLE_BROKEN/);
  });
});

describe('a file that lies', () => {
  it('about its end', async () =>
    expect(await fault(Buffer.from('ARROW1\0\0'))).toMatch(/^TABLE_BROKEN: it is too short/));

  it('about its version', async () =>
    expect(await fault(Buffer.from('FEA1                    FEA1'))).toMatch(
      /^TABLE_UNSUPPORTED: it is in the first version of Feather/,
    ));

  it('by ending between two batches is noted', async () => {
    const stream = sample('a dictionary that grows');
    const end = stream.lastIndexOf(Buffer.from('ffffffff00000000', 'hex'));
    const table = await openArrow(bytesSource(stream.subarray(0, end)));
    await cellsOf(table);
    expect(table.notes.map(({ code }) => code)).toEqual(['no-end-mark']);
    expect(await fault(stream.subarray(0, end - 8))).toMatch(/^TABLE_BROKEN: it ends inside/);
  });

  it('about an index', async () => {
    const stream = sample('a dictionary that is replaced');
    // The indices of the second batch: a, b, c, c.
    const at = stream.indexOf(Buffer.from(Int32Array.of(0, 1, 2, 2).buffer));
    stream.writeInt32LE(9, at + 4);
    expect(await fault(stream)).toMatch(/^TABLE_BROKEN: an index leads beyond its dictionary$/);
    stream.writeInt32LE(-1, at + 4);
    expect(await fault(stream)).toMatch(/^TABLE_BROKEN: an index leads beyond its dictionary$/);
  });
});
