// The JSON contract of `vallum drift`: without drift, with it, with too few rows, with every part of it, and as Evidently says it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mulberry32 } from '@vallum/stats';
import type { Contract } from './contract.js';

const SOURCES = ['web', 'app'];

/** @param shift of the amounts of the second source */
function csv(rows: number, seed: number, shift: number): string {
  const random = mulberry32(seed);
  const lines = Array.from({ length: rows }, (_, row) => {
    const source = SOURCES[random() < 0.6 ? 0 : 1] as string;
    const amount = random() + random() + random() + (source === 'app' ? shift : 0);
    const age = random() < 0.1 ? '' : String(20 + Math.floor(40 * random()));
    const when = new Date(Date.UTC(2026, 0, 1) + row * 3_600_000).toISOString();
    return `${when},${source},${amount.toFixed(4)},${age},note of ${Math.floor(1e6 * random())}`;
  });
  return `${['at,source,amount,age,note', ...lines].join('\n')}\n`;
}

export function driftContract({ place: placeOf, json }: Contract): void {
  test('drift: none, some, too little to tell, every part, and another tool', async () => {
    const place = placeOf('fresh');
    const put = (name: string, text: string): void => writeFileSync(join(place.project, name), text);
    put('old.csv', csv(600, 1, 0));
    put('same.csv', csv(400, 2, 0));
    put('new.csv', csv(400, 3, 0.5));
    put('few.csv', csv(12, 4, 0));
    put('other.csv', 'source,extra\nweb,1\n');
    const run = (reference: string, current: string, exit: number, ...more: readonly string[]) =>
      json(place, 'runner', ['drift', reference, current, '--ignore', 'at', '--permutations', '499', ...more], exit);
    expect(await run('old.csv', 'same.csv', 0)).toMatchObject({ outcome: 'no-drift' });
    expect(await run('old.csv', 'few.csv', 2)).toMatchObject({ outcome: 'not-enough-data' });
    expect(await run('old.csv', 'other.csv', 1)).toMatchObject({
      comparison: { structure: [{ change: 'gone' }, {}, {}, {}] },
    });
    const all = ['--first', 'old.csv', '--by', 'source', '--multivariate', '--html', 'drift.html', '--control', 'fdr'];
    const split = (await run('old.csv', 'new.csv', 1, ...all)) as unknown as {
      split: { patterns: readonly { column: string; pattern: string; moved: readonly string[] }[] };
    };
    expect(split.split.patterns.find(({ column }) => column === 'amount')).toMatchObject({
      pattern: 'some',
      moved: ['app'],
    });
    expect(readFileSync(join(place.project, 'drift.html'), 'utf8')).toContain('<svg');
    const timed = ['drift', 'old.csv', 'new.csv', '--time', 'at', '--window', '8d', '--permutations', '199'];
    expect(await json(place, 'runner', timed, 1)).toMatchObject({
      time: { undated: 0 },
      settings: { parts: ['columns', 'time'] },
    });
    const columns = ['--compatible', 'evidently', '--columns', 'amount', 'age', 'source', 'note'];
    const theirs = await json(place, 'runner', ['drift', 'old.csv', 'new.csv', ...columns], 0);
    expect(theirs).toMatchObject({ schema: 'vallum/drift-evidently/v1', outcome: 'no-drift', driftedColumns: 1 });
  });
}
