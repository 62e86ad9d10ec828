// The serving gate over a real project: the verdict of its ledger, a model store beside it, and what an attacker, an owner or a
// broken disk does to either. Every route opens only under what the project's people signed.
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '@vallum/core';
import { diskHasher, evidenceType, nodeDisk } from '@vallum/core';
import { REVOCATION_TYPE, VERDICT_TYPE } from '@vallum/trust';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Io } from '../../packages/cli/src/answer.js';
import { gateCommand } from '../../packages/cli/src/commands/check.js';
import { gatewayCanaryCommand } from '../../packages/cli/src/commands/gateway-canary.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../../packages/cli/src/project/log.js';
import { approvedFiles, writeIntegrity } from '../../packages/cli/src/project/serving-evidence.js';
import type { ServingReader } from '../../packages/cli/src/project/serving-verdict.js';
import { servingReader } from '../../packages/cli/src/project/serving-verdict.js';
import { openSession } from '../../packages/cli/src/project/session.js';
import { askUpstream } from '../../packages/gateway/src/serving/edge/ask-upstream.js';
import { lookAtModel } from '../../packages/gateway/src/serving/integrity-look.js';
import type { VerdictPass } from '../../packages/gateway/src/serving/looks.js';
import { serveModel } from '../../packages/gateway/src/serving/testing/models.js';
import { RouteWatch } from '../../packages/gateway/src/serving/watch-route.js';
import { StoreWatch } from '../../packages/gateway/src/serving/watch-store.js';
import { schemaProblems } from '../cli/schemas.js';
import { DEPLOY, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

let project: TinyProject;
let kept = '';
let store = '';
let later = 0;

beforeAll(async () => {
  project = await makeTinyProject();
  await release(project);
  await gateCommand(project.io('runner'), 'v1', DEPLOY);
  kept = mkdtempSync(join(tmpdir(), 'vallum-serving-'));
  cpSync(project.root, join(kept, 'project'), { recursive: true });
  cpSync(project.keys, join(kept, 'keys'), { recursive: true });
});
afterAll(() => {
  project.remove();
  rmSync(kept, { recursive: true });
});
beforeEach(() => {
  later = 0;
  rmSync(project.root, { recursive: true });
  rmSync(project.keys, { recursive: true });
  cpSync(join(kept, 'project'), project.root, { recursive: true });
  cpSync(join(kept, 'keys'), project.keys, { recursive: true });
  store = mkdtempSync(join(tmpdir(), 'vallum-served-'));
  cpSync(join(project.root, 'models/v1'), store, { recursive: true });
});
afterEach(() => rmSync(store, { recursive: true }));

const at = (path: string): string => join(project.root, path);
const io = (person: Parameters<TinyProject['io']>[0] = 'runner', disk: Disk = nodeDisk): Io => ({
  ...project.io(person),
  disk,
  clock: () => new Date(Date.now() + later),
});
const reader = (disk?: Disk): ServingReader => servingReader(io('runner', disk), 'v1');

async function passed(from = reader()): Promise<VerdictPass> {
  const look = await from.deployLook();
  if (look.kind !== 'pass') throw new Error(`${look.kind}: ${look.reason}`);
  return look;
}

function watched(from = reader()): RouteWatch {
  const watch = new StoreWatch({
    disk: nodeDisk,
    clock: () => new Date(),
    folder: store,
    hasher: diskHasher(nodeDisk),
    except: ['model.sig'],
    approved: async (digest) => approvedFiles(await openSession(io()), 'v1', digest),
  });
  return new RouteWatch(
    { by: 'store', atExpiry: 'alert', everyMs: 1_000, graceMs: 3_600_000 },
    {
      clock: io().clock,
      verdict: () => from.deployLook(),
      integrity: (pass) => lookAtModel({ by: 'store', look: (expected) => watch.look(expected) }, pass),
      incident: () => undefined,
      verdictMs: 30_000,
      integrityMs: 30_000,
    },
  );
}

describe('the verdict of a project', () => {
  test('is the signed one of the version', async () => {
    const pass = await passed();
    const [statement] = await statementsOf(VERDICT_TYPE, pass.statement);
    expect(statement).toMatchObject({
      subject: [{ digest: { sha256: pass.subject } }],
      predicate: { action: 'deploy' },
    });
    expect(await servingReader(io(), 'v2').deployLook()).toMatchObject({ kind: 'not-proven' });
    expect(await servingReader(io(), 'no-such').deployLook()).toMatchObject({ kind: 'not-proven' });
  });

  test('is read once while nothing changes, and again when something does or a minute has gone', async () => {
    let opened = 0;
    const counting: Disk = {
      ...nodeDisk,
      read: (path, limit) => {
        if (path.includes('/ledger/tile/')) opened += 1;
        return nodeDisk.read(path, limit);
      },
    };
    const from = reader(counting);
    await passed(from);
    expect(opened).toBeGreaterThan(0);
    opened = 0;
    for (let look = 0; look < 5; look += 1) await passed(from);
    expect(opened).toBe(0);
    later = 61_000;
    await passed(from);
    expect(opened).toBeGreaterThan(0);
    opened = 0;
    await revokeCommand(io('approver'), undefined, { subject: (await passed()).subject, reason: 'it has a backdoor' });
    expect(await from.deployLook()).toMatchObject({ kind: 'revoked' });
    expect(opened).toBeGreaterThan(0);
  });

  test.each(['statement', 'evidence', 'key', 'subject', 'tool'])('is void when its %s was revoked', async (what) => {
    const from = reader();
    const pass = await passed(from);
    const [verdict] = await statementsOf(VERDICT_TYPE, pass.statement);
    const reason = 'it was made by somebody else';
    const [evidence = ''] = verdict?.predicate['evidence'] as string[];
    const revoke = (statement: string | undefined, options: object): Promise<unknown> =>
      revokeCommand(io('approver'), statement, { reason, ...options });
    if (what === 'statement') await revoke(pass.statement, {});
    if (what === 'evidence') await revoke(evidence, {});
    if (what === 'key') await revoke(undefined, { key: verdict?.keyid });
    if (what === 'subject') await revoke(undefined, { subject: pass.subject });
    if (what === 'tool') await revoke(undefined, { tool: '0.1.0' });
    expect(await from.deployLook()).toEqual({
      kind: 'revoked',
      reason: expect.stringContaining(reason) as string,
    });
  });

  test('is void when a later one refuses the version', async () => {
    const from = reader();
    await passed(from);
    writeFileSync(at('models/v1/model.json'), '{}');
    expect((await gateCommand(io(), 'v1', DEPLOY)).exit).toBe(1);
    expect(await from.deployLook()).toMatchObject({ kind: 'refused' });
  });

  test('does not count before its own date, or by people whom nobody pinned', async () => {
    later = -86_400_000;
    expect(await reader().deployLook()).toMatchObject({ kind: 'not-proven' });
    later = 0;
    rmSync(join(project.keys, 'runner/pins.json'));
    expect(await reader().deployLook()).toMatchObject({ kind: 'not-proven' });
  });

  test('is unreachable without ledger, trust file or project, and back with them', async () => {
    for (const path of ['.vallum/ledger', 'trust.json', 'vallum.yaml', '']) {
      const from = reader();
      await passed(from);
      const whole = at(path).replace(/\/$/, '');
      renameSync(whole, `${whole}-aside`);
      expect(await from.deployLook(), path).toMatchObject({ kind: 'unreachable' });
      renameSync(`${whole}-aside`, whole);
      await passed(from);
    }
  });

  test('stays void when the folder is put back to before the revocation', async () => {
    const from = reader();
    const { statement } = await passed(from);
    const old = mkdtempSync(join(tmpdir(), 'vallum-old-'));
    const putBack = (): void => {
      rmSync(at('.vallum'), { recursive: true });
      cpSync(old, at('.vallum'), { recursive: true });
    };
    cpSync(at('.vallum'), old, { recursive: true });
    try {
      await revokeCommand(io('approver'), statement, { reason: 'it was decided too early' });
      expect(await from.deployLook()).toMatchObject({ kind: 'revoked' });
      // It waited in the inbox, and is gone; who saw it remembers.
      putBack();
      expect(await from.deployLook()).toMatchObject({ kind: 'revoked' });
      await revokeCommand(io('approver'), statement, { reason: 'it was decided too early' });
      // The holder of the ledger enters it; then the ledger itself shows the rollback, to a new gateway too.
      await gateCommand(io(), 'v1', DEPLOY);
      putBack();
      const rolledBack = { kind: 'not-proven', reason: expect.stringContaining('rolled back') as string };
      expect(await from.deployLook()).toMatchObject({ kind: 'revoked' });
      expect(await reader().deployLook()).toEqual(rolledBack);
    } finally {
      rmSync(old, { recursive: true });
    }
  });

  test('is not proven when the envelope of a revocation is lost', async () => {
    await revokeCommand(io('approver'), undefined, { tool: '9.9.9', reason: 'another tool, of no concern here' });
    await passed();
    const [lost] = await statementsOf(REVOCATION_TYPE);
    for (const name of readdirSync(at('.vallum/statements'), { recursive: true, encoding: 'utf8' }))
      if (name.includes(lost?.id.slice(2) ?? '?')) rmSync(at(`.vallum/statements/${name}`));
    expect(await reader().deployLook()).toEqual({
      kind: 'not-proven',
      reason: expect.stringContaining('a revocation in the ledger cannot be read') as string,
    });
  });
});

async function statementsOf(
  type: string,
  id?: string,
): Promise<readonly { id: string; keyid: string; predicate: Record<string, unknown>; subject: unknown }[]> {
  const session = await openSession(io());
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    return statements
      .filter(({ statement }) => statement.predicateType === type)
      .filter((one) => id === undefined || one.id === id)
      .map(({ id, keyid, statement: { predicate, subject } }) => ({ id, keyid, predicate, subject }));
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

describe('a route with a model store', () => {
  test('serves the approved model, closes for a swapped file and names it, and opens after another look', async () => {
    const route = watched();
    await route.look();
    expect(route.gate).toMatchObject({ open: true });
    const approved = readFileSync(join(store, 'model.onnx'));
    writeFileSync(join(store, 'model.onnx'), Buffer.from(approved).fill(0, 0, 16));
    await route.look();
    expect(route.gate).toEqual({ open: false, reason: expect.stringContaining('model.onnx (changed)') as string });
    writeFileSync(join(store, 'model.onnx'), approved);
    expect(route.gate.open).toBe(false);
    await route.look();
    expect(route.gate.open).toBe(true);
  });

  test('names the swapped file at its first look, from the project', async () => {
    writeFileSync(join(store, 'model.json'), '{}');
    const route = watched();
    await route.look();
    expect(route.gate).toEqual({ open: false, reason: expect.stringContaining('model.json (changed)') as string });
  });

  test('closes at the look after a revocation', async () => {
    const route = watched();
    await route.look();
    await revokeCommand(io('approver'), (await passed()).statement, { reason: 'it was decided too early' });
    const { raised } = await route.look();
    expect(route.gate).toEqual({ open: false, reason: expect.stringContaining('decided too early') as string });
    expect(raised.map(({ code }) => code)).toEqual(['route-closed']);
  });

  test('goes on without the ledger for the grace, then closes; a new gateway never opens', async () => {
    const route = watched();
    await route.look();
    rmSync(at('.vallum/ledger'), { recursive: true });
    await route.look();
    expect(route.gate.open).toBe(true);
    const fresh = watched();
    await fresh.look();
    expect(fresh.gate.open).toBe(false);
    const { validUntil } = route.state.pass as VerdictPass;
    later = (validUntil === null ? 0 : Date.parse(validUntil) - Date.now()) + 3_600_001;
    await route.look();
    expect(route.gate).toEqual({ open: false, reason: expect.stringContaining('grace') as string });
  });
});

const PROMOTE = { action: 'promote' };

describe('integrity.check in the ledger', () => {
  const facts = async (look: Parameters<typeof lookAtModel>[1] | undefined) => {
    const { subject } = look ?? (await passed());
    return {
      subject: { name: 'spam-filter@v1', digest: { sha256: subject } },
      by: 'store' as const,
      gateway: 'edge',
      route: 'oip/spam-filter',
    };
  };

  test('is signed by the gateway, fits its schema, and can be asked for', async () => {
    const session = await openSession(io());
    const match = { kind: 'match' as const, subject: (await passed()).subject, files: 5 };
    writeFileSync(
      at('vallum.yaml'),
      `${readFileSync(at('vallum.yaml'), 'utf8')}requirements: [{ id: running, kind: integrity.check, actions: [promote], fix: "look at the gateway" }]\n`,
    );
    expect((await gateCommand(io(), 'v1', PROMOTE)).exit).toBe(2);
    const report = await writeIntegrity(session, { ...(await facts(undefined)), look: match });
    expect(report).toMatchObject({ outcome: 'pass', statement: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    const [written] = await statementsOf(evidenceType('integrity.check'));
    expect(schemaProblems('urn:vallum:schema:integrity.check:v1', written?.predicate ?? {})).toEqual([]);
    expect((await gateCommand(io(), 'v1', PROMOTE)).exit).toBe(0);
    await writeIntegrity(session, {
      ...(await facts(undefined)),
      look: { kind: 'mismatch', reason: 'swapped', files: ['a (new)'] },
    });
    expect((await gateCommand(io(), 'v1', PROMOTE)).exit).toBe(1);
    await writeIntegrity(session, { ...(await facts(undefined)), look: match });
    expect((await gateCommand(io(), 'v1', PROMOTE)).exit).toBe(0);
  });

  test('is not written without a key that may say it', async () => {
    const session = await openSession(io('approver'));
    const look = { kind: 'match' as const, subject: (await passed()).subject };
    expect(await writeIntegrity(session, { ...(await facts(undefined)), look })).toMatchObject({
      how: 'not-run',
      reason: { code: 'no-key' },
    });
    expect(await statementsOf(evidenceType('integrity.check'))).toEqual([]);
  });
});

describe('vallum gateway canary', () => {
  const inputs = { schema: 'vallum/canary-inputs/v1', requests: [{ method: 'POST', path: '/infer', body: { x: 2 } }] };
  const options = (url: string): Parameters<typeof gatewayCanaryCommand>[2] => {
    writeFileSync(join(store, 'inputs.json'), JSON.stringify(inputs));
    return {
      upstream: url,
      inputs: join(store, 'inputs.json'),
      output: join(store, 'canary.json'),
      tolerance: '1e-4',
      ignore: ['/id'],
    };
  };

  test('signs what the approved model answers; a gateway finds another one, and a revoked canary does not count', async () => {
    const model = await serveModel(3);
    const upstream = askUpstream({ url: model.url, timeoutMs: 10_000 });
    try {
      const answer = await gatewayCanaryCommand(io(), 'v1', options(model.url));
      expect(answer).toMatchObject({ exit: 0, json: { exchanges: 1, target: 'spam-filter@v1' } });
      const from = reader();
      const pass = await passed(from);
      const source = {
        by: 'canary' as const,
        canary: async () => from.canary(readFileSync(join(store, 'canary.json'))),
        ask: upstream.ask,
      };
      expect(await lookAtModel(source, pass)).toEqual({ kind: 'match', subject: pass.subject });
      model.weight = 4;
      expect(await lookAtModel(source, pass)).toMatchObject({ kind: 'mismatch' });
      await revokeCommand(io('approver'), undefined, {
        key: (await statementsOf(VERDICT_TYPE, pass.statement))[0]?.keyid ?? '',
        reason: 'the key of the runner was lost',
      });
      await from.deployLook();
      expect(await lookAtModel(source, pass)).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringContaining('was lost') as string,
      });
    } finally {
      await upstream.close();
      await model.close();
    }
  });

  test('refuses what would be no canary', async () => {
    const model = await serveModel(3);
    try {
      const given = options(model.url);
      const refused = (
        change: Partial<typeof given>,
        code: string,
        person: 'runner' | 'approver' = 'runner',
        version = 'v1',
      ) =>
        expect(gatewayCanaryCommand(io(person), version, { ...given, ...change }), code).rejects.toThrow(
          expect.objectContaining({ code }),
        );
      await refused({ ignore: [] }, 'CANARY_UNSTEADY');
      await refused({}, 'ACT_NO_ROLE', 'approver');
      await refused({}, 'CANARY_VERDICT', 'runner', 'v2');
      await refused({ tolerance: '2' }, 'CANARY_TOLERANCE');
      await refused({ upstream: 'ftp://127.0.0.1' }, 'CANARY_UPSTREAM');
      await refused({ output: given.inputs }, 'OUT_EXISTS');
      model.status = 404;
      await refused({}, 'CANARY_ANSWER');
      writeFileSync(given.inputs, '{"schema":"vallum/canary-inputs/v1","requests":[]}');
      await refused({}, 'CANARY_INPUTS');
    } finally {
      await model.close();
    }
  });
});
