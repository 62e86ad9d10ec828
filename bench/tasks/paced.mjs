// `node paced.mjs FOLDER RATE SECONDS log|raw`: single entries arrive at a steady rate, whatever the log does; how long until
// each is acknowledged, the 99th of a hundred. `raw` is a group commit to one bare file: write what waits, fdatasync, answer.
// An entry's time begins when it was due, so that a stall counts for everything that it holds up.
import { promises as fs } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { openEntryLog } from '@vallum/ledger';
import { generateKey } from '@vallum/trust';
import { makePayloads } from './payloads.mjs';
import { ORIGIN } from './statements.mjs';

const [base, rate, length, kind] = process.argv.slice(2);
const payloads = makePayloads('entries', Number(rate) * Number(length));

async function logTarget() {
  const key = generateKey('ledger', 'ed25519');
  const log = await openEntryLog({ disk: nodeDisk, dir: `${base}/log`, origin: ORIGIN, key });
  return (entry) => log.append([entry]);
}

async function rawTarget() {
  const file = await fs.open(`${base}/raw`, 'a');
  let waiting = [];
  let running = false;
  async function run() {
    running = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await file.write(Buffer.concat(group.map(({ entry }) => entry)));
      await file.datasync();
      for (const { done } of group) done();
    }
    running = false;
  }
  return (entry) =>
    new Promise((done) => {
      waiting.push({ entry, done });
      if (!running) void run();
    });
}

const append = await (kind === 'raw' ? rawTarget() : logTarget());
for (const entry of makePayloads('entries', 200)) await append(entry);
const took = [];
const open = [];
const cpu = process.cpuUsage();
const started = performance.now();
while (open.length < payloads.length) {
  const due = Math.min(payloads.length, Math.floor(((performance.now() - started) / 1000) * Number(rate)));
  for (let at = open.length; at < due; at += 1) {
    const dueAt = started + (at / Number(rate)) * 1000;
    open.push(append(payloads[at]).then(() => took.push(performance.now() - dueAt)));
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await Promise.all(open);
const { user, system } = process.cpuUsage(cpu);
took.sort((a, b) => a - b);
const seconds = took[Math.floor(took.length * 0.99)] / 1000;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, count: took.length }));
process.exit();
