// What changes under a running gateway: API keys and the signed policies. All workers follow, connections stay, and what does
// not validate, or is signed by nobody who may, changes nothing and is told.
import { Agent } from 'node:http';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { DEFAULT_POLICY } from '@vallum/policy';
import { readTrust } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policySign } from '../../packages/cli/src/commands/policy.js';
import { trustInit } from '../../packages/cli/src/commands/trust.js';
import { askOver } from '../support/gateway-load.js';
import { childrenOf, GatewayHome, ioOf, NO_VERDICT, pause, until } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, probabilities, startUpstream } from '../support/gateway-upstreams.js';

const ROUTES = [{ model: 'digits', protocol: 'oip', upstream: 'model', serving: NO_VERDICT }];

let model: ModelUpstream;
let home: GatewayHome;
beforeEach(async () => {
  model = await startUpstream(probabilities);
  home = new GatewayHome({ upstreams: { model: { url: model.url } }, routes: ROUTES });
});
afterEach(async () => {
  await home.end();
  await model.close();
});

/** Connections to every worker: new ones go round. */
class Connections {
  readonly #agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  readonly #port: number;
  /** Connections that were opened. */
  opened = 0;

  constructor({ restPort }: Running) {
    this.#port = restPort;
    for (const agent of this.#agents) {
      const open = agent.createConnection.bind(agent);
      agent.createConnection = (...words) => {
        this.opened += 1;
        return open(...words);
      };
    }
  }

  /** Of one question over each. */
  statuses(key: string): Promise<readonly number[]> {
    return Promise.all(this.#agents.map(async (agent) => (await askOver(agent, this.#port, key)).status));
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}

const all = (statuses: readonly number[], status: number): boolean => statuses.every((one) => one === status);

describe('API keys under a running gateway', () => {
  it('count, are rotated, and end on every worker within two seconds of being revoked', async () => {
    await home.key('somebody');
    const gateway = await home.start({ workers: 2 });
    const connections = new Connections(gateway);
    try {
      const first = (await home.keys('create', 'web', '--role', 'infer'))['key'] as string;
      await until(async () => all(await connections.statuses(first), 200), 3_000);
      const second = (await home.keys('rotate', 'web'))['key'] as string;
      await until(async () => all(await connections.statuses(second), 200), 3_000);
      expect(all(await connections.statuses(first), 200)).toBe(true);

      await home.keys('revoke', first.slice(4, 14), '--reason', 'seen in a log');
      const took = await until(async () => all(await connections.statuses(first), 401));
      console.log(`a revoked key was refused by both workers after ${took.toFixed(0)} ms`);
      expect(took).toBeLessThan(2_000);
      expect(all(await connections.statuses(second), 200)).toBe(true);
      expect(connections.opened).toBe(8);
    } finally {
      connections.close();
    }
  });

  it('that are revoked while a worker starts do not count in it', async () => {
    const key = await home.key('web');
    const gateway = await home.start({ workers: 2 });
    const [victim = 0, other = 0] = gateway.workers();
    process.kill(victim, 'SIGKILL');
    let fresh = 0;
    await until(() => {
      fresh = childrenOf(gateway.pid).find((pid) => pid !== victim && pid !== other) ?? 0;
      return fresh !== 0;
    });
    process.kill(fresh, 'SIGSTOP');
    await home.keys('revoke', key.slice(4, 14), '--reason', 'seen in a log');
    await until(async () => (await ask(gateway.rest, key, { headers: { connection: 'close' } })).status === 401);
    process.kill(fresh, 'SIGCONT');
    await until(async () => (await gateway.status()).workers === 2, 30_000);
    process.kill(other, 'SIGKILL');
    await gateway.said(new RegExp(`the worker ${other} ended`));
    const connections = new Connections(gateway);
    try {
      expect(await connections.statuses(key)).toEqual(Array.from({ length: 8 }, () => 401));
    } finally {
      connections.close();
    }
  });

  it('stay as they were when the file is broken, which is told once', async () => {
    const key = await home.key('web');
    const gateway = await home.start();
    const good = readFileSync(home.path('keys.json'));
    writeFileSync(home.path('keys.json'), good.subarray(0, good.length / 2), { mode: 0o600 });
    await gateway.said(/keys were not read again, the old ones hold/);
    expect((await ask(gateway.rest, key)).status).toBe(200);
    writeFileSync(home.path('keys.json'), good, { mode: 0o600 });
    await gateway.said(/the file of API keys was read again/);
    expect((await ask(gateway.rest, key)).status).toBe(200);
    expect(gateway.lines.filter((line) => line.includes('not read again'))).toHaveLength(1);
  });
});

describe('a signed policy bundle under a running gateway', () => {
  async function project(name: string): Promise<{ readonly folder: string; sign(cedar: object): Promise<void> }> {
    const folder = home.path(name);
    const keys = home.path(`${name}-keys`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'vallum.yaml'),
      'schema: vallum/project/v1\nproject: doors\nlabels: [a, b]\nfeeds: {}\nversions: {}\n',
    );
    await trustInit(ioOf(folder, keys));
    const sign = async (cedar: object): Promise<void> => {
      writeFileSync(join(folder, 'draft.json'), JSON.stringify({ ...DEFAULT_POLICY, cedar }));
      await policySign(ioOf(folder, join(keys, 'policy')), join(folder, 'draft.json'));
    };
    return { folder, sign };
  }
  const CEDAR = DEFAULT_POLICY.cedar as Readonly<Record<string, string>>;
  const NOT_MALLORY =
    'forbid (principal, action == Vallum::Action::"infer", resource) when { principal.name == "mallory" };';

  it('holds at once on all workers, keeps connections, and holds on when what follows does not count', async () => {
    const ours = await project('ours');
    const bundle = join(ours.folder, 'policy.json');
    const trust = join(ours.folder, 'trust.json');
    const root = readTrust(readFileSync(trust)).rootFingerprint;
    home.write({
      policy: { bundle, trust, root },
      upstreams: { model: { url: model.url } },
      routes: ROUTES,
    });
    const [alice, mallory] = [await home.key('alice'), await home.key('mallory')];
    const gateway = await home.start({ workers: 2 });
    const connections = new Connections(gateway);
    try {
      expect(all(await connections.statuses(mallory), 200)).toBe(true);
      const before = (await gateway.status()).policy;
      await ours.sign({ ...CEDAR, 'not-mallory': NOT_MALLORY });
      const took = await until(async () => all(await connections.statuses(mallory), 403));
      console.log(`a stricter bundle held on both workers after ${took.toFixed(0)} ms`);
      expect(all(await connections.statuses(alice), 200)).toBe(true);
      await gateway.said(/policies [0-9a-f]{12} hold from now on/);
      const { policy } = await gateway.status();
      expect(policy).not.toBe(before);

      // Signed by a policy owner whom nobody here enrolled: mallory might ask again.
      const strangers = await project('strangers');
      await strangers.sign(CEDAR);
      const good = readFileSync(bundle);
      cpSync(join(strangers.folder, 'policy.json'), bundle);
      await gateway.said(/policies were not read again, the old ones hold: .*not signed by an enrolled key/);
      // Ours, with one byte of its content changed.
      writeFileSync(
        bundle,
        good
          .toString()
          .replace(/"payload":\s*"(.)/, (text, one: string) => text.slice(0, -1) + (one === 'A' ? 'B' : 'A')),
      );
      // The same is not told twice; three looks go by.
      await pause(3_000);
      expect((await gateway.status()).policy).toBe(policy);
      // Nothing at all.
      writeFileSync(bundle, '');
      await until(() => gateway.lines.filter((line) => line.includes('policies were not read again')).length === 2);
      expect((await gateway.status()).policy).toBe(policy);
      expect(all(await connections.statuses(mallory), 403)).toBe(true);
      expect(all(await connections.statuses(alice), 200)).toBe(true);

      await ours.sign(CEDAR);
      await until(async () => all(await connections.statuses(mallory), 200));
      expect(connections.opened).toBe(8);
    } finally {
      connections.close();
    }
    await gateway.stop();
    const refused = (await home.decisions()).filter(({ code }) => code === 'forbidden');
    expect(refused.map(({ policies }) => policies)).toContainEqual(['not-mallory']);
  });

  it('that permits what Cedar cannot judge is refused, though its owner signed it', async () => {
    const ours = await project('ours');
    const bundle = join(ours.folder, 'policy.json');
    const trust = join(ours.folder, 'trust.json');
    const root = readTrust(readFileSync(trust)).rootFingerprint;
    home.write({ policy: { bundle, trust, root }, upstreams: { model: { url: model.url } }, routes: ROUTES });
    const key = await home.key('alice');
    const gateway = await home.start();
    const { policy } = await gateway.status();
    // `vallum policy sign` would not sign this; whoever holds the key can.
    const { buildPolicyBundle } = await import('@vallum/policy');
    const { readKeyFolder, signStatement } = await import('@vallum/trust');
    const { shippedKinds } = await import('../../packages/cli/src/catalog.js');
    const [owner] = await readKeyFolder(nodeDisk, home.path('ours-keys/policy'));
    if (owner === undefined) throw new Error('the policy owner has no key');
    const cedar = { 'forbid-nobody': 'forbid (principal, action, resource) when { principal.shoe > 44 };' };
    const draft = buildPolicyBundle({ ...DEFAULT_POLICY, cedar }, shippedKinds(), new Date());
    writeFileSync(bundle, signStatement(draft, owner));
    await gateway.said(/the old ones hold: the policies do not validate/);
    expect((await gateway.status()).policy).toBe(policy);
    expect((await ask(gateway.rest, key)).status).toBe(200);
  });
});
