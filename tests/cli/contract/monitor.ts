// The JSON contract of `vallum monitor`: pinned, run with an alert, shown and settled.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mulberry32 } from '@vallum/stats';
import type { Contract } from './contract.js';

export const MONITORED =
  'monitor: { incoming: incoming, caller: caller, id: id, probabilities: [ham, spam], label: label, window: { rows: 400 } }\n';

/** @param shift of the amounts of one caller */
export function arrivals(count: number, seed: number, shift: number): string {
  const random = mulberry32(seed);
  const lines = Array.from({ length: count }, (_, row) => {
    const caller = random() < 0.5 ? 'web' : 'app';
    const amount = random() + random() + random() + (caller === 'app' ? shift : 0);
    const spam = random();
    const label = random() < spam ? 'spam' : 'ham';
    return `r-${seed}-${row},${caller},${amount.toFixed(4)},${(1 - spam).toFixed(4)},${spam.toFixed(4)},${label}`;
  });
  return `${['id,caller,amount,ham,spam,label', ...lines].join('\n')}\n`;
}

export function monitorContract({ place: placeOf, json }: Contract): void {
  test('monitor: pin, run, show, settle', async () => {
    const place = placeOf('fresh');
    const file = (name: string): string => join(place.project, name);
    const declaration = readFileSync(file('vallum.yaml'), 'utf8');
    writeFileSync(file('vallum.yaml'), `${declaration}${MONITORED}`);
    mkdirSync(file('incoming'));
    writeFileSync(file('reference.csv'), arrivals(1_200, 1, 0));
    expect(await json(place, 'runner', ['monitor', 'show', 'v1'], 0)).toMatchObject({ reference: null });
    await json(place, 'approver', ['monitor', 'pin', 'v1', 'reference.csv', '--why', 'rows of the test'], 0);
    writeFileSync(file('incoming/1.csv'), arrivals(450, 2, 0));
    writeFileSync(file('incoming/2.csv'), 'id,caller\n"broken\n');
    // While a file cannot be read, nobody knows what is in it.
    const quiet = await json(place, 'runner', ['monitor', 'run', 'v1'], 2);
    expect(quiet).toMatchObject({ windows: 1, waiting: 50, open: [{ rule: 'VLM-MON-007' }] });
    writeFileSync(file('incoming/3.csv'), arrivals(400, 3, 0.6));
    const loud = await json(place, 'runner', ['monitor', 'run', 'v1'], 1);
    expect(loud).toMatchObject({ opened: [{ rule: 'VLM-MON-002', groups: ['app'] }] });
    const [{ id }] = (loud as unknown as { opened: [{ id: string }] }).opened;
    const settle = ['monitor', 'settle', 'v1', id.slice(0, 12), '--why', 'a new kind of app'];
    await json(place, 'approver', settle, 0);
    expect(await json(place, 'runner', ['monitor', 'show', 'v1'], 0)).toMatchObject({
      judged: 2,
      settled: [{ alert: id, who: 'approver' }],
      alerts: [{ rule: 'VLM-MON-007' }, { id, closed: { how: 'settled' } }],
    });
  });
}
