// A writer that dies at every single call to the disk, in memory: the call is not begun, half done, or done without an
// answer; then the power fails, or does not. Nothing acknowledged may be lost. (crash-process.test.ts kills processes.)
import { generateKey } from '@vallum/trust';
import { expect, test } from 'vitest';
import { readCheckpointFile } from './log/committed.js';
import { readCheckpoint } from './note/checkpoint.js';
import { MemoryDisk, type DeathMode } from './testing/memory-disk.js';
import { logLosses, workOnLog, type Logged } from './testing/entry-workload.js';
import { Town } from './testing/places.js';
import { losses } from './testing/survivors.js';
import { prepare, work, type Acknowledged, type Worker, type WorkloadName } from './testing/workload.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');

async function prepared(name: WorkloadName, holds: boolean): Promise<MemoryDisk> {
  const disk = new MemoryDisk(holds);
  await disk.makeDirectory('/p');
  await disk.sync('/');
  await prepare({ disk, base: '/p', key, author, processes: new Town().process(1) }, name);
  return disk.afterPowerLoss();
}

async function died(before: MemoryDisk, name: WorkloadName, call: number, mode: DeathMode) {
  const disk = before.copy();
  const town = new Town();
  const acknowledged: Acknowledged[] = [];
  disk.dieAt({ call, mode });
  const worker: Worker = { disk, base: '/p', key, author, processes: town.process(2) };
  await work(worker, name, (what) => acknowledged.push(what)).catch(() => undefined);
  town.kill(2);
  return { disk, town, acknowledged };
}

test.each([
  ['everyWay', true],
  ['everyWay', false],
  ['acrossTiles', true],
] as const)(
  '%s, files held open: %s: no death at any call loses what was acknowledged',
  async (name, holds) => {
    const before = await prepared(name, holds);
    const whole = await died(before, name, Infinity, 'before');
    const points = whole.disk.calls;
    console.log(`${name}: ${points} calls that change the disk, each died at in 3 ways, each with and without power`);
    expect(points).toBeGreaterThan(40);
    expect(whole.acknowledged.filter(({ kind }) => kind === 'entered').length).toBeGreaterThan(3);
    for (let call = 1; call <= points; call += 1)
      for (const mode of ['before', 'torn', 'after'] as const) {
        const { disk, town, acknowledged } = await died(before, name, call, mode);
        expect(disk.isDead, `call ${call} ${mode}`).toBe(true);
        const rest = { base: '/p', key, author, processes: town.process(3) };
        const kept = [...(await rootBefore(before)), ...acknowledged];
        const again = disk.copy();
        expect(await losses({ ...rest, disk: again }, kept), `call ${call} ${mode}`).toEqual([]);
        if (name !== 'acrossTiles')
          expect(await losses({ ...rest, disk: again.afterPowerLoss() }, kept), `later, ${call} ${mode}`).toEqual([]);
        expect(await losses({ ...rest, disk: disk.afterPowerLoss() }, kept), `power, ${call} ${mode}`).toEqual([]);
      }
  },
  240_000,
);

const LOG = 'a log of raw entries, files held open: %s: no death at any call loses what was acknowledged or proven';
test.each([true, false])(LOG, { timeout: 240_000 }, async (holds) => {
  const before = new MemoryDisk(holds);
  await before.makeDirectory('/p');
  await before.sync('/');
  const run = async (call: number, mode: DeathMode) => {
    const [disk, town] = [before.afterPowerLoss(), new Town()];
    const said: Logged[] = [];
    disk.dieAt({ call, mode });
    await workOnLog({ disk, base: '/p', key, processes: town.process(2) }, (what) => said.push(what)).catch(() => 0);
    town.kill(2);
    return { disk, said, rest: { base: '/p', key, processes: town.process(3) } };
  };
  const { disk: whole, said: all } = await run(Infinity, 'before');
  console.log(`entry log: ${whole.calls} calls that change the disk`);
  expect([whole.calls > 30, all.length]).toEqual([true, 258]);
  for (let call = 1; call <= whole.calls; call += 1)
    for (const mode of ['before', 'torn', 'after'] as const) {
      const { disk, said, rest } = await run(call, mode);
      expect(disk.isDead, `call ${call} ${mode}`).toBe(true);
      const again = disk.copy();
      expect(await logLosses({ ...rest, disk: again }, said), `call ${call} ${mode}`).toEqual([]);
      expect(await logLosses({ ...rest, disk: again.afterPowerLoss() }, said), `later, ${call} ${mode}`).toEqual([]);
      expect(await logLosses({ ...rest, disk: disk.afterPowerLoss() }, said), `power, ${call} ${mode}`).toEqual([]);
    }
});

async function rootBefore(disk: MemoryDisk): Promise<readonly Acknowledged[]> {
  const text = await readCheckpointFile(disk, '/p/.vallum/ledger');
  return text === undefined ? [] : [{ kind: 'root', ...readCheckpoint(text) }];
}
