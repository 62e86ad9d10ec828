// Test rows that are not later than all training rows. Times that cannot be read, on either side, are counted and left out: one
// of them makes the column of a CSV text, and must neither make all rows early nor hide the ones that are.
import { pause } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import { cellAt, textOf } from '../tables/cells.js';
import { inCommon, typesOf } from '../tables/common-cell.js';
import { Broken } from '../tables/finding.js';

export interface EarlyRows {
  readonly broken: Broken;
  /** Test rows that have a time, where the training table has one too. */
  readonly judged: number;
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

export async function findEarly(train: Table, test: Table, name: string, signal?: AbortSignal): Promise<EarlyRows> {
  const [trainType, testType] = [train, test].map(({ columns }) => typesOf(columns).get(name) ?? 'text');
  const typed = [trainType, testType].filter((type) => type !== undefined && type !== 'text');
  const [type = 'time', second = type] = typed;
  const broken = new Broken();
  if (second !== type)
    return {
      broken,
      judged: 0,
      left: [leftOut(name, `it is ${type} in the training table and ${second} in the test`)],
    };
  let latest = -Infinity;
  let unreadInTrain = 0;
  await walkTimes(train, name, type, signal, (_, time) => {
    if (time === undefined) unreadInTrain += 1;
    else if (time > latest) latest = time;
  });
  if (latest === -Infinity) return { broken, judged: 0, left: [leftOut(name, 'no training row has a time')] };
  let [judged, unread] = [0, 0];
  await walkTimes(test, name, type, signal, (row, time) => {
    if (time === undefined) {
      unread += 1;
      return;
    }
    judged += 1;
    if (time <= latest)
      broken.add(row, () => `${textOf(time, type).slice(0, 10)}, not after ${textOf(latest, type).slice(0, 10)}`);
  });
  return {
    broken,
    judged,
    left: [
      ...(unreadInTrain === 0 ? [] : [leftOut(name, 'they have no time', `${unreadInTrain} training rows`)]),
      ...(unread === 0 ? [] : [leftOut(name, 'they have no time', `${unread} test rows`)]),
    ],
  };
}

/** @param each hears of every row, counted from 0, and its time; undefined where there is none that can be read */
async function walkTimes(
  table: Table,
  name: string,
  type: Column['type'],
  signal: AbortSignal | undefined,
  each: (row: number, time: number | undefined) => void,
): Promise<void> {
  for await (const batch of table.batches({ columns: [name], ...(signal === undefined ? {} : { signal }) })) {
    await pause(signal);
    const [values] = batch.columns;
    for (let row = 0; row < batch.rows; row += 1) {
      const cell = values === undefined ? undefined : cellAt(values, row);
      const time = typeof cell === 'string' ? inCommon(cell, 'text', type) : cell;
      each(batch.start + row, typeof time === 'number' && !Number.isNaN(time) ? time : undefined);
    }
  }
}

function leftOut(name: string, why: string, what = 'all test rows'): { readonly what: string; readonly why: string } {
  return { what: `the order in time of ${what}`, why: `${JSON.stringify(name.slice(0, 80))}: ${why}` };
}
