// The JSON contract: what every command prints has a schema in docs/schemas that names each of its fields, and every
// statement that a check writes has the schema of its kind in the catalog.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import evidenceKinds from '@vallum/catalog/evidence-kinds.json' with { type: 'json' };
import { EVIDENCE_PREFIX, kindOf } from '@vallum/core';
import { readEnvelope, VERDICT_TYPE } from '@vallum/trust';
import { release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import type { Person, Place } from './command.js';
import { copyOf } from './command.js';
import { attestContract } from './contract/attest.js';
import type { Contract, Json } from './contract/contract.js';
import { dataContract } from './contract/data.js';
import { dataCheckContract } from './contract/data-check.js';
import { driftContract } from './contract/drift.js';
import { dataReviewContract } from './contract/data-review.js';
import { environmentContract } from './contract/environment.js';
import { gatewayContract } from './contract/gateway.js';
import { identityContract } from './contract/identity.js';
import { ledgerContract } from './contract/ledger.js';
import { monitorContract } from './contract/monitor.js';
import { holdLedger } from './held-ledger.js';
import { outputProblems, outputSchemas, schemaProblems } from './schemas.js';

const bases: TinyProject[] = [];
const places: Place[] = [];
const seen = new Set<string>();
let fresh: TinyProject;
let released: TinyProject;

beforeAll(async () => {
  fresh = await makeTinyProject();
  released = await makeTinyProject();
  bases.push(fresh, released);
  await release(released);
});
afterAll(() => {
  for (const base of bases) base.remove();
  for (const place of places) place.remove();
});

function copy(base: TinyProject): Place {
  const place = copyOf(base);
  places.push(place);
  return place;
}

/** Runs a command for its JSON, and holds it to its schema. */
async function json(place: Place, person: Person, args: readonly string[], exit: number): Promise<Json> {
  const ran = await place.inProcess(person, [...args, '--format', 'json']);
  const output = JSON.parse(ran.stdout) as Json;
  expect([args.join(' '), ran.exit, outputProblems(output)]).toEqual([args.join(' '), exit, []]);
  seen.add(String(output['schema']));
  return output;
}

function judge(printed: string): Json {
  const output = JSON.parse(printed) as Json;
  expect(outputProblems(output)).toEqual([]);
  seen.add(String(output['schema']));
  return output;
}

const waive = (requirement: string, accept: string): readonly string[] => [
  'waive',
  requirement,
  'v1',
  '--accept',
  accept,
  '--until',
  '2099-01-01',
  '--reason',
  'for the contract',
];

describe('what a command prints has a schema', () => {
  const contract: Contract = { place: (on) => copy(on === 'fresh' ? fresh : released), json, judge };
  ledgerContract(contract);
  identityContract(contract);
  attestContract(contract);
  dataContract(contract);
  dataCheckContract(contract);
  dataReviewContract(contract);
  driftContract(contract);
  monitorContract(contract);
  gatewayContract(contract);
  environmentContract(contract);

  test('from an empty folder to a team with keys', async () => {
    const place = copy(fresh);
    for (const name of ['vallum.yaml', 'trust.json', 'policy.json']) rmSync(join(place.project, name));
    renameSync(join(place.dir, 'keys'), join(place.dir, 'old-keys'));
    mkdirSync(join(place.dir, 'keys'), { mode: 0o700 });
    expect(await json(place, 'root', ['init'], 0)).toMatchObject({ models: ['v1', 'v2'] });
    const local = { standing: 'local', verdict: { local: true } };
    expect(await json(place, 'root', ['check', 'v1'], 1)).toMatchObject(local);
    const { root } = await json(place, 'root', ['trust', 'init'], 0);
    expect(await json(place, 'root', ['trust', 'show'], 0)).toMatchObject({ root });
    await json(place, 'root', ['trust', 'enrol', 'alice', '--roles', 'approve,revoke'], 0);
    await json(place, 'root', ['trust', 'pin', String(root)], 0);
    // The ledger of before, by a key that is not enrolled, is in nobody's way.
    expect(await json(place, 'runner', ['check', 'v1'], 1)).toMatchObject({ standing: 'pinned' });
    expect(await json(place, 'runner', ['ledger', 'fsck'], 0)).toMatchObject({ ok: true });
  });

  test('the way of a version: refused, waived, signed, not proven, approved, pass', async () => {
    const place = copy(fresh);
    await json(place, 'runner', ['check', 'v1'], 1);
    expect(await json(place, 'approver', ['approve', 'v1'], 1)).toMatchObject({ approved: false });
    for (const args of [waive('robustness.evasion', 'evasion-rate<=1'), waive('data.poison_scan', 'no-predecessor')]) {
      const asked = (await json(place, 'author', args, 0)) as { waivers: readonly { id: string; filed: object }[] };
      expect(asked.waivers.map(({ filed }) => filed)).toEqual([{ kind: 'inbox' }]);
      for (const { id } of asked.waivers) await json(place, 'approver', ['approve', id], 0);
    }
    await json(place, 'author', ['sign', 'models/v1'], 0);
    expect(await json(place, 'runner', ['verify', 'models/v1'], 0)).toMatchObject({ status: 'valid' });
    await json(place, 'runner', ['check', 'v1'], 2);
    expect(await json(place, 'approver', ['approve', 'v1'], 0)).toMatchObject({ approved: true });
    const gated = await json(place, 'runner', ['gate', 'v1', '--action', 'promote'], 0);
    expect(gated).toMatchObject({ controls: [], ledger: { recorded: true }, verdict: { result: 'pass' } });
  });

  test('what people take back, and the proof of it all', async () => {
    const place = copy(released);
    const { verdict } = (await json(place, 'runner', ['gate', 'v1'], 0)) as {
      verdict: { evidence: readonly string[] };
    };
    await json(place, 'runner', ['evidence', 'export', 'v1', '--out', 'v1.json'], 0);
    const verify = ['evidence', 'verify', 'v1.json', '--trust', 'trust.json'];
    expect(await json(place, 'runner', verify, 0)).toMatchObject({ unverified: [] });
    expect(await json(place, 'runner', ['ledger', 'fsck'], 0)).toMatchObject({ ok: true, problems: [] });
    const digest = 'a'.repeat(64);
    for (const target of [[verdict.evidence[0] ?? ''], ['--key', digest], ['--tool', '0.0.9'], ['--ruleset', digest]])
      await json(place, 'approver', ['revoke', ...target, '--reason', 'for the contract'], 0);
    await json(place, 'approver', ['revoke', '--subject', digest, '--reason', 'for the contract'], 0);
    await json(place, 'runner', ['gate', 'v1'], 2);
    const bundle = join(place.project, '.vallum/ledger/tile/entries/000.p');
    const [last] = readdirSync(bundle).sort((a, b) => Number(b) - Number(a));
    const bytes = readFileSync(join(bundle, last ?? ''));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(join(bundle, last ?? ''), bytes);
    expect(await json(place, 'runner', ['ledger', 'fsck'], 1)).toMatchObject({ ok: false });
    await json(place, 'runner', ['gate', 'v1'], 2);
  });

  test('policy, shown and signed again', async () => {
    const place = copy(fresh);
    const { requirements, cedar } = await json(place, 'policy', ['policy', 'show'], 0);
    writeFileSync(join(place.project, 'policy.yaml'), JSON.stringify({ requirements, cedar }));
    await json(place, 'policy', ['policy', 'sign', 'policy.yaml'], 0);
  });

  test('scans of one path and of several, with and without findings', async () => {
    const place = copy(fresh);
    expect(await json(place, 'runner', ['scan', 'models/v1'], 0)).toMatchObject({ outcome: 'pass' });
    // Protocol 0, inert here: nothing is ever loaded.
    writeFileSync(join(place.project, 'weights.pkl'), "cos\nsystem\n(S'true'\ntR.");
    expect(await json(place, 'runner', ['scan', 'weights.pkl'], 1)).toMatchObject({ outcome: 'fail' });
    const both = (await json(place, 'runner', ['scan', 'models/v1', 'weights.pkl'], 1)) as {
      files: { path: string }[];
    };
    expect(both.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['models/v1/model.onnx', 'weights.pkl']));
  });

  test('scans with a baseline and a policy', async () => {
    const place = copy(fresh);
    writeFileSync(join(place.project, 'weights.pkl'), "cos\nsystem\n(S'true'\ntR.");
    const seen = (await json(place, 'runner', ['scan', 'weights.pkl'], 1)) as { files: { sha256: string }[] };
    writeFileSync(join(place.project, 'baseline.json'), JSON.stringify(seen));
    const known = await json(place, 'runner', ['scan', 'weights.pkl', '--baseline', 'baseline.json'], 0);
    expect(known).toMatchObject({ summary: { accepted: 1 }, files: [{ accepted: [{ by: 'baseline' }] }] });
    const row = {
      rule: 'VLM-PKL-002',
      sha256: seen.files[0]?.sha256,
      reason: 'not what it does',
      expires: '2999-01-01',
    };
    const policy = { schema: 'vallum/scan-policy/v1', gate: 'critical', suppressions: [row] };
    writeFileSync(join(place.project, 'policy.yaml'), JSON.stringify(policy));
    const policed = await json(place, 'runner', ['scan', 'weights.pkl', '--policy', 'policy.yaml'], 1);
    expect(policed).toMatchObject({
      summary: { gate: 'critical', unusedSuppressions: [{ why: 'nothing-to-suppress' }] },
    });
  });

  test('files that are missing, changed or unsigned', async () => {
    const place = copy(released);
    appendFileSync(join(place.project, 'models/v1/README.md'), 'x');
    expect(await json(place, 'runner', ['verify', 'models/v1'], 1)).toMatchObject({ changed: ['README.md'] });
    await json(place, 'runner', ['check', 'v1'], 1);
    rmSync(join(place.project, 'models/v1/model.sig'));
    expect(await json(place, 'runner', ['verify', 'models/v1'], 2)).toMatchObject({ code: 'signature-absent' });
    rmSync(join(place.project, 'models/v1'), { recursive: true });
    rmSync(join(place.project, 'feeds/ham-feed'), { recursive: true });
    const blocked = (await json(place, 'runner', ['check', 'v1'], 2)) as { controls: readonly { how: string }[] };
    expect(blocked.controls.map(({ how }) => how)).toEqual(Array.from({ length: 8 }, () => 'blocked'));
  });

  test('nobody counts, nobody may run, and somebody else holds the ledger', async () => {
    const place = copy(released);
    expect(await json(place, 'stranger', ['check', 'v1'], 2)).toMatchObject({ standing: 'nobody', controls: [] });
    const byAuthor = (await json(place, 'author', ['check', 'v2'], 2)) as { controls: readonly { how: string }[] };
    expect(byAuthor.controls.map(({ how }) => how)).toContain('not-run');
    writeFileSync(join(place.project, '.vallum/inbox/note.txt'), 'hello');
    const { ledger } = (await json(place, 'runner', ['gate', 'v1'], 0)) as { ledger: { setAside: readonly unknown[] } };
    expect(ledger.setAside).toHaveLength(1);
    const letGo = await holdLedger(place);
    const held = await json(place, 'runner', ['gate', 'v1'], 0);
    await letGo();
    expect(held).toMatchObject({
      ledger: { recorded: false, heldBy: expect.stringMatching(/^process \d+$/) as string },
    });
  });

  test('errors', async () => {
    const place = copy(fresh);
    expect(await json(place, 'runner', ['check', 'v9'], 3)).toMatchObject({ code: 'TARGET_UNKNOWN', exit: 3 });
    expect(await json(place, 'runner', ['check', '--actoin', 'x'], 3)).toMatchObject({ code: 'USAGE', exit: 3 });
  });

  test('no schema was left without an output that it judged', () => {
    const parts = new Set(['common', 'verdict']);
    const names = outputSchemas.map(({ $id }) => $id.split(':')[3] ?? '').filter((name) => !parts.has(name));
    expect(names.map((name) => `vallum/${name}/v1`).filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe('a closed schema can fail', () => {
  const error = { schema: 'vallum/error/v1', code: 'USAGE', message: 'no', exit: 3 };
  test.each([
    ['a field that nobody wrote down', { ...error, extra: 1 }],
    ['a field of another type', { ...error, exit: '3' }],
    ['an unknown schema', { ...error, schema: 'vallum/error/v2' }],
  ])('%s', (_, output) => {
    expect(outputProblems(error)).toEqual([]);
    expect(outputProblems(output)).not.toEqual([]);
  });
});

test('every statement that was written has the schema of its kind', () => {
  const kinds = new Set<string>();
  for (const { project } of places) {
    const folder = join(project, '.vallum/statements');
    if (!existsSync(folder)) continue;
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.json')) continue;
      const { statement } = readEnvelope(readFileSync(join(folder, path)));
      const { predicateType, predicate, subject } = statement;
      if (predicateType === VERDICT_TYPE)
        expect(schemaProblems('urn:vallum:output:verdict:v1', { ...predicate, subject: subject[0] })).toEqual([]);
      const kind = kindOf(predicateType);
      if (kind === undefined) continue;
      expect([kind, schemaProblems(`urn:vallum:schema:${kind}:v1`, predicate)]).toEqual([kind, []]);
      kinds.add(predicateType.slice(EVIDENCE_PREFIX.length));
    }
  }
  const collected = evidenceKinds.kinds.filter(({ owner }) => owner === 'collector').map(({ id }) => `${id}:v1`);
  expect([...kinds].sort()).toEqual(collected.sort());
});
