// Two gateways and a real redis-server: one budget, one set of revocations, and what holds when the shared state is killed.
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { end, freePort, hasRedis, startRedis } from '../../packages/gateway/src/limits/testing/redis-server.js';
import { askOver } from '../support/gateway-load.js';
import { GatewayHome, NO_VERDICT, until } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, probabilities, startUpstream } from '../support/gateway-upstreams.js';

const BURST = 60;
const RATE = 2;

describe.skipIf(!hasRedis)('a cluster of two gateways (skipped without redis-server)', () => {
  let redis: ChildProcess;
  let port: number;
  let model: ModelUpstream;
  let homes: readonly GatewayHome[];
  let folder: string;

  beforeEach(async () => {
    model = await startUpstream(probabilities);
    port = await freePort();
    const route = { protocol: 'oip', upstream: 'model', serving: NO_VERDICT };
    const limits = { requests: { limit: RATE, burst: BURST }, concurrency: 1_000 };
    const settings = {
      cluster: { redis: `redis://127.0.0.1:${port}` },
      upstreams: { model: { url: model.url } },
      routes: [
        { ...route, model: 'digits', limits },
        { ...route, model: 'open', limits, withoutState: 'local' },
        { ...route, model: 'rare', limits: { lifetime: 30 } },
      ],
    };
    homes = [new GatewayHome(settings, 'north'), new GatewayHome(settings, 'south')];
    folder = homes[0]?.path('redis') ?? '';
    mkdirSync(folder);
    redis = await startRedis(port, folder);
  });
  afterEach(async () => {
    await Promise.all(homes.map((home) => home.end()));
    await end(redis);
    await model.close();
  });

  /** Keys are made in the first and carried to the second, as a file that is deployed. */
  async function keys(...principals: readonly string[]): Promise<readonly string[]> {
    const [north, south] = homes as [GatewayHome, GatewayHome];
    const made: string[] = [];
    for (const principal of principals) made.push(await north.key(principal));
    cpSync(north.path('keys.json'), south.path('keys.json'));
    cpSync(north.path('state/keys'), south.path('state/keys'), { recursive: true });
    return made;
  }
  const start = (): Promise<readonly Running[]> => Promise.all(homes.map((home) => home.start({ workers: 2 })));

  async function flood({ restPort }: Running, key: string, path: string, count: number): Promise<readonly number[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    const asked = Array.from({ length: count }, () => askOver(agent, restPort, key, path));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    agent.destroy();
    return statuses;
  }
  const let_in = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

  it('shares budgets of requests and of a lifetime', async () => {
    const [alice = ''] = await keys('alice');
    const gateways = await start();
    const from = performance.now();
    const both = await Promise.all(gateways.map((one) => flood(one, alice, '/v2/models/digits/infer', 100)));
    const seconds = (performance.now() - from) / 1_000;
    const [north = 0, south = 0] = both.map(let_in);
    console.log(`${north} + ${south} of 200 let in within ${seconds.toFixed(1)} s; burst ${BURST}, ${RATE} a second`);
    expect(north + south).toBeLessThanOrEqual(BURST + RATE * seconds + 1);
    expect(north + south).toBeGreaterThan(BURST / 2);
    expect(new Set(both.flat())).toEqual(new Set([200, 429]));

    const ever = await Promise.all(gateways.map((one) => flood(one, alice, '/v2/models/rare/infer', 40)));
    expect(let_in(ever.flat())).toBeLessThanOrEqual(30);
    expect(let_in(ever.flat())).toBeGreaterThanOrEqual(15);
  });

  it('refuses a key everywhere within a second of its revocation in one gateway', async () => {
    const [alice = '', bob = ''] = await keys('alice', 'bob');
    const gateways = await start();
    const all = async (key: string, status: number): Promise<boolean> =>
      (await Promise.all(gateways.flatMap((one) => [1, 2, 3, 4].map(() => ask(one.rest, key))))).every(
        (answer) => answer.status === status,
      );
    expect(await all(alice, 200)).toBe(true);
    await homes[0]?.keys('revoke', alice.slice(4, 14), '--reason', 'seen in a log');
    const took = await until(() => all(alice, 401));
    console.log(`a key that was revoked in one gateway was refused by both after ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(1_000);
    expect(await all(bob, 200)).toBe(true);

    // One that comes later hears of it too, though its own list still has the key.
    await gateways[1]?.stop();
    const late = await homes[1]?.start();
    expect((await ask(late?.rest ?? '', alice)).status).toBe(401);
    expect((await ask(late?.rest ?? '', bob)).status).toBe(200);
  });

  it('closes or goes on alone when the shared state is killed, as each route says, and shares again afterwards', async () => {
    const [alice = '', bob = ''] = await keys('alice', 'bob');
    const gateways = await start();
    const [north] = gateways as [Running, Running];
    const status = async (key: string, name: string): Promise<number> =>
      (await ask(north.rest, key, { path: `/v2/models/${name}/infer` })).status;
    expect([await status(alice, 'digits'), await status(alice, 'open')]).toEqual([200, 200]);
    await end(redis);
    await north.said(/the shared state of the cluster is away/);
    expect(await status(bob, 'digits')).toBe(503);
    const alone = await Promise.all(gateways.map((one) => flood(one, bob, '/v2/models/open/infer', 100)));
    for (const one of alone.map(let_in)) {
      expect(one).toBeGreaterThan(BURST / 2);
      expect(one).toBeLessThan(BURST + 40);
    }
    redis = await startRedis(port, folder);
    await until(async () => (await status(bob, 'digits')) === 200);
    expect(north.lines.filter((line) => line.includes('the shared state of the cluster is there'))).not.toEqual([]);
  });

  it('starts without the shared state, says so, and serves where it may', async () => {
    await end(redis);
    const [alice = ''] = await keys('alice');
    const [home] = homes as [GatewayHome, GatewayHome];
    const gateway = await home.start();
    await gateway.said(/the shared state of the cluster is away/);
    expect((await ask(gateway.rest, alice, { path: '/v2/models/digits/infer' })).status).toBe(503);
    expect((await ask(gateway.rest, alice, { path: '/v2/models/open/infer' })).status).toBe(200);
  });
});
