// A process that fights for the lock, or holds it until it is killed. Being inside is shown by a file that only one can
// create; a second one inside would find it there.
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeDisk } from '@vallum/core';
import { nodeProcesses } from '../edge/node-processes.js';
import { takeLock } from '../lock/claims.js';

const [, , mode = '', dir = ''] = process.argv;

async function fight(): Promise<void> {
  let [inside, collisions] = [0, 0];
  const end = Date.now() + 1500;
  while (Date.now() < end) {
    const lock = await takeLock(nodeDisk, dir, nodeProcesses);
    if (!lock.held) continue;
    inside += 1;
    if (!(await nodeDisk.create(`${dir}/inside`, new Uint8Array()))) collisions += 1;
    await sleep(2);
    await nodeDisk.remove(`${dir}/inside`);
    await lock.release();
    await sleep(inside % 7);
  }
  process.stdout.write(JSON.stringify({ inside, collisions }));
}

async function hold(): Promise<void> {
  const lock = await takeLock(nodeDisk, dir, nodeProcesses);
  process.stdout.write(lock.held ? 'held' : lock.by);
  await sleep(60_000);
}

await (mode === 'fight' ? fight() : hold());
