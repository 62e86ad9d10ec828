// A real process is killed with SIGKILL before and after every write, append, sync, rename and removal that it makes, by
// number; then the ledger is opened again. Nothing that the dead process had acknowledged may be lost.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk } from '@vallum/core';
import { encodeKeyFile, generateKey } from '@vallum/trust';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleChild } from './testing/bundle-child.js';
import { losses } from './testing/survivors.js';
import { prepare, type Acknowledged, type WorkloadName } from './testing/workload.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');

let base: string;
let script: string;

beforeAll(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-crash-`);
  script = await bundleChild('crash-child.ts', base);
  for (const one of [key, author]) await writeFile(`${base}/${one.name}.key.json`, encodeKeyFile(one), { mode: 0o600 });
});
afterAll(() => rm(base, { recursive: true, force: true }));

interface Ended {
  readonly killed: boolean;
  readonly acknowledged: readonly Acknowledged[];
  readonly calls: number | undefined;
}

type Said = Acknowledged | { readonly kind: 'calls'; readonly calls: number };

function run(place: string, name: WorkloadName, call: number, when: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, place, base, name, String(call), when], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (data) => (text += String(data)));
    child.on('error', reject);
    child.on('close', (_, signal) => {
      const said = text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Said);
      const calls = said.find((line) => line.kind === 'calls')?.calls;
      const acknowledged = said.filter((line): line is Acknowledged => line.kind !== 'calls');
      resolve({ killed: signal === 'SIGKILL', acknowledged, calls });
    });
  });
}

/** The state before, the same for every death. */
async function before(name: WorkloadName): Promise<string> {
  const place = `${base}/${name}`;
  await mkdir(place);
  await prepare({ disk: nodeDisk, base: place, key, author }, name);
  return place;
}

async function dieAt(state: string, name: WorkloadName, call: number, when: string): Promise<void> {
  const place = `${state}-${call}-${when}`;
  await cp(state, place, { recursive: true });
  const { killed, acknowledged } = await run(place, name, call, when);
  const label = `${name}: ${when} call ${call}`;
  expect(killed, label).toBe(true);
  expect(await losses({ disk: nodeDisk, base: place, key, author }, acknowledged), label).toEqual([]);
  await rm(place, { recursive: true });
}

test('killed before and after every call, by number, a process loses nothing that it acknowledged', async () => {
  const name = 'everyWay';
  const state = await before(name);
  await cp(state, `${state}-whole`, { recursive: true });
  const whole = await run(`${state}-whole`, name, Infinity, 'before');
  const calls = whole.calls ?? 0;
  expect([whole.killed, calls > 60]).toEqual([false, true]);
  const deaths = Array.from({ length: calls }, (_, at) => ['before', 'after'].map((when) => ({ call: at + 1, when })));
  const open = deaths.flat();
  const points = open.length;
  const worker = async (): Promise<void> => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) await dieAt(state, name, next.call, next.when);
  };
  await Promise.all([worker(), worker()]);
  console.log(`crash points: ${points} (${calls} calls, before and after each), each a killed process`);
}, 240_000);
