// A real process is killed with SIGKILL at every write, append, sync, rename and removal that it makes, by number; then the
// ledger is opened again. Nothing that the dead process had acknowledged may be lost.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk } from '@vallum/core';
import { encodeKeyFile, generateKey } from '@vallum/trust';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleChild } from './testing/bundle-child.js';
import { logLosses, type Logged } from './testing/entry-workload.js';
import { isLongRun } from './testing/long-run.js';
import { losses } from './testing/survivors.js';
import type { Acknowledged } from './testing/workload.js';

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

type Name = 'everyWay' | 'entryLog';

/** What the process does, and whether its disk holds files open until they are synced, or syncs them by name. */
interface Kind {
  readonly name: Name;
  readonly way: 'held' | 'byName';
}

type Said = Acknowledged | Logged | { readonly kind: 'calls'; readonly calls: number };

interface Ended {
  readonly killed: boolean;
  readonly said: readonly Said[];
}

function run(place: string, { name, way }: Kind, call: number, when: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, place, base, name, String(call), when, way], {
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
      resolve({ killed: signal === 'SIGKILL', said });
    });
  });
}

function lossesOf(place: string, name: Name, said: readonly Said[]): Promise<readonly string[]> {
  const worker = { disk: nodeDisk, base: place, key, author };
  const isLogged = (what: Said): what is Logged => what.kind === 'logged';
  if (name === 'entryLog') return logLosses(worker, said.filter(isLogged));
  return losses(
    worker,
    said.filter((what): what is Acknowledged => what.kind !== 'calls' && what.kind !== 'logged'),
  );
}

async function dieAt(kind: Kind, call: number, when: string): Promise<void> {
  const { name, way } = kind;
  const place = `${base}/${name}-${way}-${call}-${when}`;
  await mkdir(place);
  const { killed, said } = await run(place, kind, call, when);
  const label = `${name} ${way}: ${when} call ${call}`;
  expect(killed, label).toBe(true);
  expect(await lossesOf(place, name, said), label).toEqual([]);
  await rm(place, { recursive: true });
}

test.each<Kind & { readonly least: number }>([
  { name: 'everyWay', way: 'held', least: 60 },
  { name: 'entryLog', way: 'held', least: 30 },
  { name: 'entryLog', way: 'byName', least: 30 },
])(
  '$name, $way: killed at every call, by number, a process loses nothing that it acknowledged',
  async ({ name, way, least }) => {
    const place = `${base}/${name}-${way}-whole`;
    await mkdir(place);
    const whole = await run(place, { name, way }, Infinity, 'before');
    const calls = whole.said.find((what) => what.kind === 'calls')?.calls ?? 0;
    expect([whole.killed, calls > least]).toEqual([false, true]);
    // What is there after a call is what is there before the next, but for calls side by side: the long runs do both.
    const moments = isLongRun() ? ['before', 'after'] : ['before'];
    const deaths = Array.from({ length: calls }, (_, at) => moments.map((when) => ({ call: at + 1, when })));
    const open = deaths.flat();
    const points = open.length;
    const worker = async (): Promise<void> => {
      for (let next = open.pop(); next !== undefined; next = open.pop())
        await dieAt({ name, way }, next.call, next.when);
    };
    await Promise.all([worker(), worker()]);
    console.log(
      `${name}: ${points} crash points (${calls} calls, ${moments.join(' and ')} each), each a killed process`,
    );
  },
  240_000,
);
