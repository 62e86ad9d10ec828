// A disk that is full at any one call, then has room again: the error says so, nothing acknowledged is lost, and the log
// can be opened and written again. Once with a fault at every call of the port, and once with a limit that the kernel sets.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { messageOf, nodeDisk } from '@vallum/core';
import { encodeKeyFile, generateKey } from '@vallum/trust';
import { expect, test } from 'vitest';
import { bundleChild } from './testing/bundle-child.js';
import { logLosses, workOnLog, type Logged } from './testing/entry-workload.js';
import { MemoryDisk } from './testing/memory-disk.js';
import { Town } from './testing/places.js';
import { losses } from './testing/survivors.js';
import { work, type Acknowledged } from './testing/workload.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');

interface Run<T> {
  readonly disk: MemoryDisk;
  readonly town: Town;
  readonly said: readonly T[];
  readonly error: unknown;
}

async function fullAt<T>(
  call: number,
  holds: boolean,
  run: (disk: MemoryDisk, town: Town, say: (what: T) => void) => Promise<void>,
): Promise<Run<T>> {
  const [disk, town] = [new MemoryDisk(holds), new Town()];
  await disk.makeDirectory('/p');
  await disk.sync('/');
  const said: T[] = [];
  disk.dieAt({ call, mode: 'full' });
  const error = await run(disk, town, (what) => said.push(what)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  town.kill(2);
  return { disk, town, said, error };
}

test.each([true, false])('statements, held open: %s: full at every call', { timeout: 240_000 }, async (holds) => {
  const run = (call: number): Promise<Run<Acknowledged>> =>
    fullAt(call, holds, (disk, town, say) =>
      work({ disk, base: '/p', key, author, processes: town.process(2) }, 'everyWay', say),
    );
  const { calls } = (await run(Infinity)).disk;
  let told = 0;
  for (let call = 1; call <= calls; call += 1) {
    const { disk, town, said, error } = await run(call);
    expect(disk.held, `call ${call}`).toBe(0);
    if (error !== undefined) {
      told += 1;
      expect(messageOf(error), `call ${call}`).toMatch(/the disk is full/);
    }
    const rest = { base: '/p', key, author, processes: town.process(3) };
    expect(await losses({ ...rest, disk }, said), `call ${call}`).toEqual([]);
  }
  // What may fail unnoticed is the removal of files that are no longer needed.
  expect(told).toBeGreaterThan(calls * 0.7);
});

test.each([true, false])('raw entries, held open: %s: full at every call', { timeout: 240_000 }, async (holds) => {
  const run = (call: number): Promise<Run<Logged>> =>
    fullAt(call, holds, (disk, town, say) => workOnLog({ disk, base: '/p', key, processes: town.process(2) }, say));
  const { calls } = (await run(Infinity)).disk;
  let told = 0;
  for (let call = 1; call <= calls; call += 1) {
    const { disk, town, said, error } = await run(call);
    expect(disk.held, `call ${call}`).toBe(0);
    if (error !== undefined) {
      told += 1;
      expect(messageOf(error), `call ${call}`).toMatch(/the disk is full/);
    }
    expect(await logLosses({ base: '/p', key, disk, processes: town.process(3) }, said), `call ${call}`).toEqual([]);
  }
  expect(told).toBeGreaterThan(calls * 0.7);
});

test('a limit of the kernel on the size of files stops the writer and loses nothing', async () => {
  const base = await mkdtemp(`${tmpdir()}/vallum-full-`);
  try {
    await mkdir(`${base}/p`);
    const script = await bundleChild('crash-child.ts', base);
    for (const one of [key, author])
      await writeFile(`${base}/${one.name}.key.json`, encodeKeyFile(one), { mode: 0o600 });
    // 8 blocks of 512 bytes: the bundle of 253 entries fits, their hashes do not.
    const limited = `ulimit -f 8; exec "$0" "$@"`;
    const args = ['-c', limited, process.execPath, script, `${base}/p`, base, 'entryLog', 'Infinity', 'before'];
    const ended = await promisify(execFile)('sh', args).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    expect(ended.stderr).toMatch(/LEDGER_FAILED|could not be written/);
    const said = ended.stdout.split('\n').filter((line) => line !== '');
    const logged = said.map((line) => JSON.parse(line) as Logged);
    expect(logged).toHaveLength(1);
    expect(await logLosses({ disk: nodeDisk, base: `${base}/p`, key }, logged)).toEqual([]);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
