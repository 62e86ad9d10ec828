// The lock: in memory against every kind of neighbour and every interleaving that a scheduler may choose, then with real
// processes that fight for it and that are killed while they hold it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk, type Disk } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeProcesses } from '../edge/node-processes.js';
import { bundleChild } from '../testing/bundle-child.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { Town } from '../testing/places.js';
import { takeLock } from './claims.js';

describe('in memory', () => {
  let disk: MemoryDisk;
  let town: Town;
  beforeEach(async () => {
    disk = new MemoryDisk();
    await disk.makeDirectory('/lock');
    town = new Town();
  });

  test('one at a time, the next after a release', async () => {
    const first = await takeLock(disk, '/lock', town.process(1));
    expect(await takeLock(disk, '/lock', town.process(2))).toEqual({ held: false, by: 'process 1' });
    expect(await takeLock(disk, '/lock', town.process(1))).toEqual({ held: false, by: 'this process' });
    if (first.held) await first.release();
    expect((await takeLock(disk, '/lock', town.process(2))).held).toBe(true);
  });

  test('a dead holder does not count and is tidied away', async () => {
    await takeLock(disk, '/lock', town.process(1));
    town.kill(1);
    expect((await takeLock(disk, '/lock', town.process(2))).held).toBe(true);
    expect(await disk.list('/lock')).toHaveLength(1);
  });

  test('a holder on another machine cannot be judged, so the file to remove is named', async () => {
    await takeLock(disk, '/lock', town.process(1, 'm9'));
    const [name] = await disk.list('/lock');
    const lock = await takeLock(disk, '/lock', town.process(2));
    expect(lock).toMatchObject({ held: false, by: expect.stringContaining(`remove /lock/${name ?? '?'}`) as string });
  });

  test('other files in the folder are no claims', async () => {
    for (const name of ['.DS_Store', '0.t1.m1.n1', '1.t1.m1', 'x'.repeat(200)])
      await disk.write(`/lock/${name}`, new Uint8Array());
    expect((await takeLock(disk, '/lock', town.process(2))).held).toBe(true);
  });

  test('property: however their steps are interleaved, never do two hold it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, contenders) => {
        const shared = new MemoryDisk();
        await shared.makeDirectory('/lock');
        const people = new Town();
        people.kill(99);
        await takeLock(shared, '/lock', people.process(99));
        let [holding, most] = [0, 0];
        const slow: Pick<Disk, 'list' | 'create' | 'remove'> = {
          list: (path) => scheduler.schedule(Promise.resolve(), 'list').then(() => shared.list(path)),
          create: (path, bytes) =>
            scheduler.schedule(Promise.resolve(), 'create').then(() => shared.create(path, bytes)),
          remove: (path) => scheduler.schedule(Promise.resolve(), 'remove').then(() => shared.remove(path)),
        };
        const all = Array.from({ length: contenders }, async (_, at) => {
          const lock = await takeLock(slow as Disk, '/lock', people.process(at + 1));
          if (!lock.held) return;
          holding += 1;
          most = Math.max(most, holding);
          await scheduler.schedule(Promise.resolve(), 'work');
          holding -= 1;
          await lock.release();
        });
        await scheduler.waitFor(Promise.all(all));
        expect(most).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('processes of this machine', () => {
  test('this process is alive, its pid at another start is not, and neither is one that has ended', async () => {
    const { self } = nodeProcesses;
    expect(nodeProcesses.state(self)).toBe('alive');
    expect(nodeProcesses.state({ ...self, started: 'never' })).toBe('dead');
    expect(nodeProcesses.state({ ...self, machine: 'elsewhere' })).toBe('unknown');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(nodeProcesses.state({ ...self, pid: child.pid ?? 0 })).toBe('dead');
  });
});

describe('real processes', () => {
  let base: string;
  let script: string;
  beforeAll(async () => {
    base = await mkdtemp(`${tmpdir()}/vallum-lock-`);
    script = await bundleChild('lock-child.ts', base);
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  function child(mode: string, dir: string): { readonly process: ChildProcess; readonly said: Promise<string> } {
    const process_ = spawn(process.execPath, [script, mode, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = once(process_.stdout, 'data').then(([data]) => String(data));
    return { process: process_, said };
  }

  test('four that fight for it are never inside together', async () => {
    const dir = await mkdtemp(`${base}/fight-`);
    const said = await Promise.all([1, 2, 3, 4].map(() => child('fight', dir).said));
    const turns = said.map((text) => JSON.parse(text) as { inside: number; collisions: number });
    expect(turns.map(({ collisions }) => collisions)).toEqual([0, 0, 0, 0]);
    expect(turns.reduce((sum, { inside }) => sum + inside, 0)).toBeGreaterThan(4);
  });

  test('one that is killed while it holds the lock leaves it free', async () => {
    const dir = await mkdtemp(`${base}/kill-`);
    const holder = child('hold', dir);
    expect(await holder.said).toContain('held');
    expect(await takeLock(nodeDisk, dir, nodeProcesses)).toEqual({ held: false, by: `process ${holder.process.pid}` });
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
    await writeFile(`${dir}/unrelated`, '');
    expect((await takeLock(nodeDisk, dir, nodeProcesses)).held).toBe(true);
    expect(await readdir(dir)).toHaveLength(2);
  });
});
