// What is killed or full: a worker and the primary end by kill -9 under load, the disk takes no more. No answer that somebody
// received is missing in the records, the others go on, and nobody is served by what is left of a gateway.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Load } from '../support/gateway-load.js';
import { GatewayHome, NO_VERDICT, until } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, probabilities, startUpstream } from '../support/gateway-upstreams.js';

let model: ModelUpstream;
let home: GatewayHome;
beforeEach(async () => {
  model = await startUpstream(probabilities);
  home = new GatewayHome(settings());
});
afterEach(async () => {
  await home.end();
  await model.close();
});

const settings = (more: object = {}): Record<string, unknown> => ({
  upstreams: { model: { url: model.url } },
  routes: [{ model: 'digits', protocol: 'oip', upstream: 'model', serving: NO_VERDICT }],
  records: { durable: 'before' },
  ...more,
});

/** Of the answers, those that the records do not know; and how often one stands there twice. */
async function missing({ answers }: Load, state?: string): Promise<{ missing: number; twice: number }> {
  const ids = (await home.decisions(state)).map(({ id }) => id);
  const known = new Set(ids);
  // Equal refusals of one second share an entry; what was let in has its own.
  const allowed = answers.filter(({ status }) => status === 200);
  return { missing: allowed.filter(({ decision }) => !known.has(decision)).length, twice: ids.length - known.size };
}

/** One that ended and that nobody has buried yet does not run. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('kill -9', () => {
  it('of a worker under load: the other one goes on, a new one comes, no received answer is unrecorded', async () => {
    const key = await home.key('web');
    const gateway = await home.start({ workers: 2 });
    const load = new Load(gateway.restPort, key);
    await until(() => load.count(200) > 200);
    const [victim = 0, other = 0] = gateway.workers();
    process.kill(victim, 'SIGKILL');
    await gateway.said(new RegExp(`the worker ${victim} ended and another one takes its place`));
    const before = load.count(200);
    await until(() => load.count(200) > before + 200);
    await until(async () => (await gateway.status()).workers === 2, 30_000);
    expect(gateway.workers()).toContain(other);
    expect(gateway.workers()).not.toContain(victim);
    await load.end();
    expect((await gateway.stop()).code).toBe(0);
    console.log(
      `${load.count(200)} answers, ${load.failures.length} connections broke: ${[...new Set(load.failures)].join(', ')}`,
    );
    expect(load.answers.map(({ status }) => status)).not.toContain(503);
    expect(load.failures.length).toBeLessThan(20);
    expect(await missing(load)).toEqual({ missing: 0, twice: 0 });
  });

  it('of the primary under load: workers stop serving and end, and it starts again with all that it had answered', async () => {
    const key = await home.key('web');
    const gateway = await home.start({ workers: 2 });
    const load = new Load(gateway.restPort, key);
    await until(() => load.count(200) > 200);
    const workers = gateway.workers();
    await gateway.kill('SIGKILL');
    const took = await until(() => !workers.some(isRunning));
    console.log(`workers ended ${took.toFixed(0)} ms after their primary`);
    await load.end();
    await expect(ask(gateway.rest, key)).rejects.toThrow();
    const { size } = new Set((await home.decisions()).map(({ id }) => id));
    expect(await missing(load)).toEqual({ missing: 0, twice: 0 });

    const again = await home.start();
    expect((await again.status()).records.size).toBeGreaterThanOrEqual(size);
    expect((await ask(again.rest, key)).status).toBe(200);
  });

  it('of the primary cuts what was on its way: nobody could record it any more', async () => {
    const silent = await startUpstream(() => undefined);
    try {
      home.write({ ...settings(), upstreams: { model: { url: silent.url } } });
      const key = await home.key('web');
      const gateway = await home.start();
      const cut = expect(ask(gateway.rest, key)).rejects.toThrow();
      await until(() => silent.arrived.length === 1);
      await gateway.kill('SIGKILL');
      await cut;
      await expect(ask(gateway.rest, key)).rejects.toThrow();
    } finally {
      await silent.close();
    }
  });
});

const mounts = spawnSync('sh', [
  '-c',
  'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && umount $d; r=$?; rmdir $d; exit $r',
]);

describe.skipIf(mounts.status !== 0)('a full disk (skipped where a tmpfs cannot be mounted)', () => {
  it('turns requests away until there is room again, and loses no record of an answer', async () => {
    const small = home.path('small');
    mkdirSync(small);
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]);
    try {
      home.write(settings({ state: 'small/state' }));
      const key = await home.key('web');
      const gateway = await home.start();
      const load = new Load(gateway.restPort, key, 4);
      await until(() => load.count(200) > 100);
      try {
        writeFileSync(`${small}/filler`, Buffer.alloc(8 * 1024 * 1024));
      } catch {
        // As meant: the rest did not fit.
      }
      await gateway.said(/records cannot be kept, requests are refused/);
      await until(() => load.count(503) > 20);
      expect((await gateway.status()).records.ready).toBe(false);
      expect((await ask(gateway.rest, key)).status).toBe(503);
      rmSync(`${small}/filler`);
      await gateway.said(/records are kept again/, 20_000);
      const before = load.count(200);
      await until(() => load.count(200) > before + 100);
      await load.end();
      expect((await gateway.stop()).code).toBe(0);
      expect(load.failures).toEqual([]);
      expect(await missing(load, 'small/state')).toEqual({ missing: 0, twice: 0 });
    } finally {
      await home.stopAll();
      spawnSync('umount', ['-l', small]);
    }
  });
});
