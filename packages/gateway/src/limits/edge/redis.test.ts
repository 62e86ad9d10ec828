// Two gateways as processes of their own and a real redis-server: budgets and revocations are shared, and what holds without it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf } from '../gcra.js';
import { Revocations } from '../revocations.js';
import { bundleChild, end, freePort, hasRedis, startGateway, startRedis } from '../testing/redis-server.js';
import type { Gateway } from '../testing/redis-server.js';
import { limitsOf, routeWith } from '../testing/routes.js';
import { redisLeaseSource, redisLifetimeShare, retellLifetimes } from './redis-lease-source.js';
import { RedisLink } from './redis-link.js';
import { RedisRevocations } from './redis-revocations.js';

let folder: string;
let port: number;
let server: ChildProcess;
let script: string;

const url = (): string => `redis://127.0.0.1:${port}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so. @returns milliseconds that it took */
async function until(isSo: () => Promise<boolean>, mostMs = 5_000): Promise<number> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > mostMs) throw new Error(`not so within ${mostMs} ms`);
    await pause(10);
  }
  return performance.now() - from;
}

describe.skipIf(!hasRedis)('a cluster with a real redis-server (skipped where there is none)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/vallum-limits-`);
    script = await bundleChild(folder);
    port = await freePort();
    server = await startRedis(port, folder);
  });
  afterAll(async () => {
    await end(server);
    await rm(folder, { recursive: true, force: true });
  });

  async function withGateways(work: (one: Gateway, two: Gateway) => Promise<void>): Promise<void> {
    const gateways = [startGateway(script, url(), 'one'), startGateway(script, url(), 'two')] as const;
    try {
      await work(...gateways);
    } finally {
      for (const { process } of gateways) await end(process);
    }
  }

  it('shares budgets and revocations between two processes', async () => {
    await withGateways(async (one, two) => {
      const taken = await Promise.all([one, two].map((gateway) => gateway.ask({ do: 'take', times: 150 })));
      const admitted = taken.map((codes) => (codes as { admitted?: number }).admitted ?? 0);
      // 100 at once and 100 an hour: together one budget, of which both had some.
      expect(admitted[0]! + admitted[1]!).toBeLessThanOrEqual(101);
      expect(admitted[0]! + admitted[1]!).toBeGreaterThanOrEqual(90);

      expect(await two.ask({ do: 'isRevoked', principal: 'mallory' })).toBe(false);
      expect(await one.ask({ do: 'revoke', principal: 'mallory' })).toBe(null);
      expect(await one.ask({ do: 'isRevoked', principal: 'mallory' })).toBe(true);
      const took = await until(async () => (await two.ask({ do: 'isRevoked', principal: 'mallory' })) === true);
      console.log(`a revocation was seen by the other process after ${took.toFixed(0)} ms`);
      expect(await two.ask({ do: 'isRevoked', principal: 'alice' })).toBe(false);
    });
  });

  it('is refused or goes on alone when redis is killed, and shares again when it is back', async () => {
    await withGateways(async (one, two) => {
      const late = (route: string): Record<string, unknown> => ({ do: 'take', route, times: 1, principal: 'late' });
      expect(await one.ask(late('closed'))).toEqual({ admitted: 1 });
      expect(await one.ask(late('local'))).toEqual({ admitted: 1 });
      await end(server);
      const fresh = { do: 'take', times: 120, principal: 'fresh' };
      await until(async () => 'unavailable' in ((await one.ask({ ...late('closed'), principal: 'x' })) as object));
      expect(await one.ask({ ...fresh, route: 'closed' })).toEqual({ unavailable: 120 });
      for (const gateway of [one, two]) {
        await until(
          async () => 'unavailable' in ((await gateway.ask({ ...late('closed'), principal: 'x' })) as object),
        );
        expect(await gateway.ask({ ...fresh, route: 'local' })).toEqual({ admitted: 100, 'over-limit': 20 });
      }
      expect(await one.ask({ do: 'revoke', principal: 'eve' })).toEqual({ failed: 'REVOCATION_NOT_SHARED' });
      expect(await one.ask({ do: 'isRevoked', principal: 'eve' })).toBe(true);

      server = await startRedis(port, folder);
      await until(async () => 'admitted' in ((await one.ask({ ...late('closed'), principal: 'y' })) as object));
      await until(async () => 'admitted' in ((await two.ask({ ...late('closed'), principal: 'z' })) as object));
      const taken = await Promise.all([one, two].map((gateway) => gateway.ask({ ...fresh, principal: 'again' })));
      const admitted = taken.map((codes) => (codes as { admitted?: number }).admitted ?? 0);
      expect(admitted[0]! + admitted[1]!).toBeLessThanOrEqual(101);
      // What was revoked meanwhile, and what the store forgot, is told to the others.
      const took = await until(async () => (await two.ask({ do: 'isRevoked', principal: 'eve' })) === true);
      console.log(`a revocation of the outage was seen by the other process ${took.toFixed(0)} ms after recovery`);
    });
  });

  it('decides in the store as in memory, holds what is lent, and takes back no more than that', async () => {
    const route = routeWith({ requests: { limit: 1, per: 'day', burst: 100 }, bytes: { limit: 1_000, burst: 10 } });
    const link = new RedisLink({ url: url() });
    await link.start();
    const options = { link, prefix: 'test', limitsOf: limitsOf(route) };
    const source = redisLeaseSource(options, 'a');
    const other = redisLeaseSource(options, 'b');
    const ask = { principal: 'p', route: route.id, dimension: 'requests', need: 1, want: 1, left: 0 } as const;
    expect(bucketOf(route.settings.limits.requests!).burst).toBe(100);
    expect(await source.lease([ask])).toEqual([{ kind: 'granted', tokens: 5, lifeMs: 15_000 }]);
    // 4 come back, a claim of more does not.
    expect(await source.lease([{ ...ask, need: 99, left: 1e9 }])).toEqual([
      { kind: 'granted', tokens: 99, lifeMs: 15_000 },
    ]);
    const [empty] = await other.lease([ask]);
    expect(empty).toMatchObject({ kind: 'empty' });
    expect(empty?.kind === 'empty' && empty.retryAfterMs).toBeGreaterThan(80_000_000);
    expect(await other.lease([{ ...ask, left: 1e9 }])).toMatchObject([{ kind: 'empty' }]);
    expect(
      await other.lease([
        { ...ask, need: 101 },
        { ...ask, need: NaN },
      ]),
    ).toEqual([{ kind: 'never' }, { kind: 'never' }]);
    // A bucket that is full again counts what somebody holds.
    const bytes = { ...ask, dimension: 'bytes', need: 1, want: 5 } as const;
    expect(await source.lease([bytes])).toMatchObject([{ kind: 'granted', tokens: 5 }]);
    await pause(50);
    expect(await other.lease([{ ...bytes, need: 7 }])).toMatchObject([{ kind: 'empty' }]);
    expect(await other.lease([{ ...bytes, need: 6 }])).toMatchObject([{ kind: 'granted', tokens: 6 }]);
    const keys = (await link.command(['KEYS', 'test:lease:*'])) as string[];
    for (const key of keys) expect(Number(await link.command(['PTTL', key]))).toBeGreaterThan(0);
    link.close();
  });

  it('adds lifetimes of gateways up, and they survive a store that lost its state', async () => {
    const link = new RedisLink({ url: url() });
    await link.start();
    const claim = (own: number): { key: string; own: number; limit: number } => ({ key: 'k', own, limit: 1_000 });
    const one = redisLifetimeShare({ link, prefix: 'test' }, 'one');
    const two = redisLifetimeShare({ link, prefix: 'test' }, 'two');
    expect(await one.claim([claim(600)])).toEqual([0]);
    expect(await two.claim([claim(500)])).toEqual([600]);
    // Only 400 were left, and that is what stands there.
    expect(await one.claim([claim(700)])).toEqual([400]);
    expect(await two.claim([claim(400)])).toEqual([600]);
    await link.command(['FLUSHALL']);
    await retellLifetimes(one, [['k', 600]]);
    expect(await two.claim([claim(400)])).toEqual([600]);
    link.close();
  });

  it('does not wait for a store that hangs', async () => {
    const link = new RedisLink({ url: url(), timeoutMs: 100 });
    await link.start();
    const states: boolean[] = [];
    const told = new RedisLink({ url: url(), timeoutMs: 100, onState: (isUp) => states.push(isUp) });
    await told.start();
    server.kill('SIGSTOP');
    try {
      await expect(told.command(['PING'])).rejects.toMatchObject({ code: 'REDIS_GONE' });
      await expect(told.command(['PING'])).rejects.toThrow('a moment ago');
      await expect(link.command(['PING'])).rejects.toThrow('within 100 ms');
    } finally {
      server.kill('SIGCONT');
    }
    await until(async () => (await told.command(['PING']).catch(() => undefined)) === 'PONG');
    expect(states).toEqual([true, false, true]);
    link.close();
    told.close();
  });

  it('reads what was revoked before it began, and keeps it when the store is emptied', async () => {
    const link = new RedisLink({ url: url() });
    await link.start();
    const first = new RedisRevocations({ link, prefix: 'r', revocations: new Revocations() });
    await first.start();
    for (let n = 0; n < 30; n += 1) await first.revoke({ kind: 'credential', id: `key ${n}` });
    await expect(first.revoke({ kind: 'credential', id: '' })).rejects.toMatchObject({ code: 'REVOCATION_ID' });
    await link.command(['SADD', 'r:revoked:ids', 'nonsense', `c:${'x'.repeat(2_000)}`]);
    const revocations = new Revocations();
    const told: number[] = [];
    const options = {
      link,
      prefix: 'r',
      revocations,
      onRevoked: (fresh: readonly unknown[]) => told.push(fresh.length),
    };
    const second = new RedisRevocations(options);
    await second.start();
    await until(async () => revocations.size === 30);
    expect(revocations.isRevoked({ principal: 'key 3', credential: 'none' })).toBe(false);
    expect(revocations.isRevoked({ principal: 'p', credential: 'key 3' })).toBe(true);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(30);
    // A message that nobody published is found by asking.
    await link.command(['SADD', 'r:revoked:ids', 'p:unheard']);
    await link.command(['INCR', 'r:revoked:epoch']);
    const took = await until(async () => revocations.isRevoked({ principal: 'unheard', credential: 'none' }));
    console.log(`a revocation without a message was seen after ${took.toFixed(0)} ms`);
    await link.command(['FLUSHALL']);
    await pause(1_200);
    expect(revocations.size).toBe(31);
    first.close();
    second.close();
    link.close();
  });
});

it('starts without a store, and says that it is gone', async () => {
  const link = new RedisLink({ url: `redis://127.0.0.1:${await freePort()}` });
  await link.start();
  await expect(link.command(['PING'])).rejects.toMatchObject({ code: 'REDIS_GONE' });
  link.close();
});
