// The process that dies in crash-process.test.ts. Each acknowledgement is written with a synchronous call, so that it is
// out before the next thing happens.
import { readFileSync, writeSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { decodeKeyFile } from '@vallum/trust';
import { workOnLog } from './entry-workload.js';
import { killingDisk } from './killing-disk.js';
import { work } from './workload.js';

const [, , base = '', keys = '', name = '', call = '', when = '', way = ''] = process.argv;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way; nothing more may happen until it arrives.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

const { disk, calls } = killingDisk(
  nodeDisk,
  { call: Number(call), when: when === 'before' ? 'before' : 'after', holds: way === 'held' },
  die,
);
const key = decodeKeyFile(readFileSync(`${keys}/ledger.key.json`));
const author = decodeKeyFile(readFileSync(`${keys}/author.key.json`));
const say = (what: object): number => writeSync(1, `${JSON.stringify(what)}\n`);
await (name === 'entryLog' ? workOnLog({ disk, base, key }, say) : work({ disk, base, key, author }, 'everyWay', say));
say({ kind: 'calls', calls: calls() });
