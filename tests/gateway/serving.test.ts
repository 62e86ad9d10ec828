// A gateway in front of a project's model: it serves under the project's verdict only, closes within one look when the store or
// the verdict changes, and says so as evidence in the project's ledger.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '@vallum/core';
import { evidenceType, nodeDisk, sha256 } from '@vallum/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateCommand } from '../../packages/cli/src/commands/check.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../../packages/cli/src/project/log.js';
import { writeIntegrity } from '../../packages/cli/src/project/serving-evidence.js';
import { servingReader } from '../../packages/cli/src/project/serving-verdict.js';
import { openSession } from '../../packages/cli/src/project/session.js';
import { GatewayHome, pause, until } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, probabilities, startUpstream } from '../support/gateway-upstreams.js';
import { DEPLOY, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const EVERY_SECONDS = 0.5;
const PATH = { path: '/v2/models/spam/infer' };

let project: TinyProject;
let store: string;
let model: ModelUpstream;
let home: GatewayHome;

beforeAll(async () => {
  project = await makeTinyProject();
  await release(project);
  store = mkdtempSync(join(tmpdir(), 'vallum-store-'));
  cpSync(join(project.root, 'models/v1'), store, { recursive: true });
  model = await startUpstream(probabilities);
  const serving = { by: 'store', project: project.root, version: 'v1', folder: store };
  home = new GatewayHome({
    serving: { everySeconds: EVERY_SECONDS },
    upstreams: { model: { url: model.url } },
    // As much as `gateway.config` asks for.
    routes: [
      {
        model: 'spam',
        protocol: 'oip',
        upstream: 'model',
        serving,
        limits: { requests: { limit: 1_000 }, lifetime: 10_000 },
        output: { round: 2 },
      },
    ],
    events: { file: 'events.jsonl' },
  });
});
afterAll(async () => {
  await home.end();
  await model.close();
  rmSync(store, { recursive: true });
  project.remove();
});

const statusOf = async ({ rest }: Running, key: string): Promise<number> => (await ask(rest, key, PATH)).status;
const reasonOf = async (gateway: Running): Promise<string> => (await gateway.status()).routes[0]?.gate?.reason ?? '';

interface Told {
  readonly outcome: unknown;
  readonly subject: string;
}

async function evidence(kind: string): Promise<readonly Told[]> {
  const session = await openSession(project.io('runner'));
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    return statements
      .filter(({ statement }) => statement.predicateType === evidenceType(kind))
      .map(({ statement: { predicate, subject } }) => ({
        outcome: predicate['outcome'],
        subject: subject[0]?.name ?? '',
      }));
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

it('serves under a verdict only, closes when the model is swapped or revoked, and leaves evidence', async () => {
  const key = await home.key('web');
  const gateway = await home.start({ workers: 2, env: { VALLUM_KEYS: join(project.keys, 'runner') } });
  expect(await statusOf(gateway, key)).toBe(503);
  expect(await reasonOf(gateway)).not.toBe('');

  // `release` approved it; nobody had asked the gate yet.
  await until(async () => {
    // A verdict that meets the gateway while it writes its evidence waits in the inbox for the next one who writes.
    expect((await gateCommand(project.io('runner'), 'v1', DEPLOY)).exit).toBe(0);
    await pause(2_000 * EVERY_SECONDS);
    return (await statusOf(gateway, key)) === 200;
  });
  await gateway.said(/oip\/spam: open under the verdict [0-9a-f]{12}/);

  const file = join(store, 'model.onnx');
  const approved = readFileSync(file);
  const before = model.arrived.length;
  writeFileSync(file, Buffer.from(approved).fill(0, 0, 16));
  const swap = await until(async () => (await statusOf(gateway, key)) === 503);
  console.log(`closed ${swap.toFixed(0)} ms after the swap; it looks every ${EVERY_SECONDS * 1_000} ms`);
  expect(await reasonOf(gateway)).toContain('model.onnx (changed)');
  const arrived = model.arrived.length;
  expect(arrived).toBeGreaterThanOrEqual(before);
  for (let times = 0; times < 5; times += 1) expect(await statusOf(gateway, key)).toBe(503);
  expect(model.arrived).toHaveLength(arrived);

  writeFileSync(file, approved);
  await until(async () => (await statusOf(gateway, key)) === 200);

  const reason = 'it was trained on stolen mails';
  const look = await servingReader(project.io('runner'), 'v1').deployLook();
  await revokeCommand(project.io('approver'), undefined, { subject: look.kind === 'pass' ? look.subject : '', reason });
  const revoked = await until(async () => (await statusOf(gateway, key)) === 503);
  console.log(`closed ${revoked.toFixed(0)} ms after the revocation`);
  expect(await reasonOf(gateway)).toContain(reason);
  // What is written beside the looks may take a moment; stopping waits for it.
  await pause(EVERY_SECONDS * 1_000);
  expect((await gateway.stop()).code).toBe(0);

  const integrity = await evidence('integrity.check');
  expect(integrity.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['pass', 'fail']));
  expect(new Set(integrity.map(({ subject }) => subject))).toEqual(new Set(['spam-filter@v1']));
  expect((await evidence('gateway.config')).map(({ outcome }) => outcome)).toContain('pass');
  expect((await evidence('gateway.events')).map(({ outcome }) => outcome)).toContain('pass');
  const events = readFileSync(home.path('events.jsonl'), 'utf8');
  expect([/model\.onnx/.test(events), events.includes(reason)]).toEqual([true, true]);
  const closed = (await home.decisions()).filter(({ code }) => code === 'not-served');
  expect(closed.length).toBeGreaterThan(0);
  expect(closed.every(({ principal }) => principal === 'web')).toBe(true);
});

it('leaves no verdict waiting that came while its evidence was written', async () => {
  const inbox = join(project.root, '.vallum/inbox');
  let waited: readonly string[] = [];
  let isAsked = false;
  // Somebody asks the gate just when the evidence has the ledger.
  const disk = new Proxy(nodeDisk, {
    get:
      (all, name: keyof Disk) =>
      async (path: string, ...more: unknown[]) => {
        if (!isAsked && name === 'stat' && path.includes('/.vallum/statements/')) {
          isAsked = true;
          await gateCommand(project.io('runner'), 'v1', DEPLOY);
          waited = readdirSync(inbox);
        }
        return (all[name] as (...words: unknown[]) => unknown)(path, ...more);
      },
  });
  const session = await openSession({ ...project.io('runner'), disk });
  await writeIntegrity(session, {
    subject: { name: 'spam-filter@v1', digest: { sha256: sha256('model') } },
    by: 'store',
    gateway: 'door',
    route: 'spam',
    look: { kind: 'match', subject: sha256('model'), files: 5 },
  });
  expect(waited).toHaveLength(1);
  expect(readdirSync(inbox)).toEqual([]);
});
