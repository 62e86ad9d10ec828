// Each way in which a version is not sealed, and each way in which nobody at all gets in, fails; the clean twin passes.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ControlResult, Planned } from '@vallum/core';
import { isBlocked, nodeDisk } from '@vallum/core';
import type { VaultAct } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keys } from '../format/testing/sealed.js';
import { headerName } from '../store/object-name.js';
import type { SealedTree } from '../store/seal-tree.js';
import type { Place } from '../store/testing/place.js';
import { ID, makePlace, sealAt } from '../store/testing/place.js';
import { VaultLog } from '../store/vault-log.js';
import type { AccessPolicyOptions, NobodyAsks } from './plan-access-policy.js';
import { planAccessPolicy } from './plan-access-policy.js';
import type { DataEncryptionOptions } from './plan-data-encryption.js';
import { planDataEncryption } from './plan-data-encryption.js';

const context = { signal: new AbortController().signal, progress: () => undefined };

function run(planned: Planned): Promise<ControlResult> {
  if (isBlocked(planned)) throw new Error(planned.blocked.message);
  return planned.run(context);
}

const rulesOf = ({ findings }: ControlResult): readonly string[] => findings.map(({ rule }) => rule);

describe('data.encryption', () => {
  let place: Place;
  let sealed: SealedTree;
  let active: string;
  beforeEach(async () => {
    place = makePlace();
    place.put({ 'm/a': 'a', 'm/model.sig': 'signed' });
    sealed = await sealAt(place, 'm', { detached: ['model.sig'] });
    ({ active } = await keys.status());
  });
  afterEach(() => place.remove());

  const file = (suffix: string): string => `${place.vault}/${ID}.${suffix}`;
  const actOf = (act: VaultAct['act']): VaultAct => ({
    act,
    object: ID,
    kind: 'model',
    subject: {
      name: headerName({ project: 'p', kind: 'model', name: 'v1' }),
      digest: { sha256: sealed.header.digest },
    },
    commitment: sealed.commitment,
    bytes: sealed.header.bytes,
    who: 'eve',
    why: 'a reason',
    createdAt: '2026-11-22T00:00:00Z',
  });
  const plan = (more: Partial<DataEncryptionOptions> = {}): Promise<Planned> =>
    planDataEncryption({
      disk: nodeDisk,
      project: 'p',
      vault: place.vault,
      declared: [{ kind: 'model', name: 'v1', path: place.at('m'), detached: ['model.sig'] }],
      log: new VaultLog([actOf('seal')]),
      keys: { active, retired: [] },
      ...more,
    });
  const judged = async (more: Partial<DataEncryptionOptions> = {}): Promise<ControlResult> => run(await plan(more));

  test('passes, and shows the plaintext beside it; without that there is nothing to show', async () => {
    expect(await judged()).toMatchObject({ outcome: 'pass', findings: [{ rule: 'VLM-VLT-007', severity: 'medium' }] });
    rmSync(place.at('m'), { recursive: true });
    const alone = await judged();
    expect([alone.outcome, rulesOf(alone)]).toEqual(['pass', []]);
    expect(alone.metrics).toContainEqual({ id: 'plaintext-copies', value: 0, unit: 'contents' });
  });

  test('a signature may change, the weights may not', async () => {
    place.put({ 'm/model.sig': 'signed again' });
    expect((await judged()).outcome).toBe('pass');
    place.put({ 'm/a': 'b' });
    expect(await judged()).toMatchObject({
      outcome: 'fail',
      findings: [{ message: expect.stringContaining('changed') as string }, {}],
    });
  });

  test.each<[string, string, () => Partial<DataEncryptionOptions>]>([
    ['nothing is sealed', 'VLM-VLT-001', () => ({ vault: place.at('none') })],
    [
      'a file is cut off',
      'VLM-VLT-002',
      () => {
        writeFileSync(file('sealed'), readFileSync(file('sealed')).subarray(0, -1));
        return {};
      },
    ],
    [
      'a key file is lost',
      'VLM-VLT-002',
      () => {
        rmSync(file('key'));
        return {};
      },
    ],
    ['the key is retired', 'VLM-VLT-003', () => ({ keys: { active: 'kek-next', retired: [active] } })],
    ['the key is of another ring', 'VLM-VLT-003', () => ({ keys: { active: 'kek-other', retired: [] } })],
    [
      'the keyring calls a key active that was rotated away',
      'VLM-VLT-003',
      () => ({ log: new VaultLog([actOf('seal'), { ...actOf('rotate'), kind: 'key', object: active }]) }),
    ],
    ['nobody recorded it', 'VLM-VLT-004', () => ({ log: new VaultLog([]) })],
    [
      'another one was recorded',
      'VLM-VLT-004',
      () => ({ log: new VaultLog([{ ...actOf('seal'), commitment: 'ff'.repeat(32) }]) }),
    ],
    ['its record was revoked', 'VLM-VLT-004', () => ({ log: new VaultLog([{ ...actOf('seal'), revoked: 'x' }]) })],
    ['it was shredded', 'VLM-VLT-005', () => ({ log: new VaultLog([actOf('seal'), actOf('shred')]) })],
    [
      'plaintext lies in the vault',
      'VLM-VLT-006',
      () => {
        copyFileSync(place.at('m/a'), `${place.vault}/a`);
        return {};
      },
    ],
  ])('%s: %s', async (_, rule, spoil) => {
    const result = await judged(spoil());
    expect(result.outcome).toBe('fail');
    expect(rulesOf(result)).toContain(rule);
  });

  test('keys that nobody can name prove nothing', async () => {
    expect(await judged({ keys: { unreadable: 'permission denied' } })).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'keys-unreadable' },
    });
  });

  test('a rotation or a change makes earlier evidence stale', async () => {
    const subject = async (more: Partial<DataEncryptionOptions> = {}): Promise<unknown> => {
      const planned = await plan(more);
      return isBlocked(planned) ? planned : [planned.subject, planned.inputs];
    };
    const before = await subject();
    expect(await subject()).toEqual(before);
    expect(await subject({ keys: { active: 'kek-next', retired: [active] } })).not.toEqual(before);
    expect(await subject({ log: new VaultLog([actOf('seal'), actOf('shred')]) })).not.toEqual(before);
    expect(await subject({ log: new VaultLog([{ ...actOf('seal'), revoked: 'x' }]) })).not.toEqual(before);
    place.put({ 'm/a': 'b' });
    expect(await subject()).not.toEqual(before);
  });
});

const asked = (action: string, allow: boolean): NobodyAsks => ({
  action,
  about: 'p@v1',
  ask: () => Promise.resolve({ allow, policies: ['x'] }),
});

describe('access.policy', () => {
  const clean: AccessPolicyOptions = {
    project: 'p',
    basis: { policy: 'x' },
    actions: ['open', 'export'],
    wildcards: () => Promise.resolve([]),
    questions: ['open', 'export'].map((action) => asked(action, false)),
    openAsStranger: () => Promise.resolve({ reached: 'nothing', code: 'ACT_UNKNOWN' }),
  };
  const judged = async (more: Partial<AccessPolicyOptions> = {}): Promise<ControlResult> =>
    run(await planAccessPolicy({ ...clean, ...more }));

  test('passes when nobody gets in', async () => {
    const result = await judged();
    expect([result.outcome, result.findings]).toEqual(['pass', []]);
    expect(result.metrics).toContainEqual({ id: 'probes-refused', value: 3, unit: 'questions' });
  });

  test.each<[string, string, Partial<AccessPolicyOptions>]>([
    ['a policy is for everybody', 'VLM-ACC-001', { wildcards: () => Promise.resolve([{ name: 'x', action: 'open' }]) }],
    [
      'nobody may export',
      'VLM-ACC-002',
      {
        questions: [asked('open', false), asked('export', true)],
      },
    ],
    ['a stranger is recorded', 'VLM-ACC-003', { openAsStranger: () => Promise.resolve({ reached: 'record' }) }],
    ['a stranger is served', 'VLM-ACC-003', { openAsStranger: () => Promise.resolve({ reached: 'release' }) }],
  ])('%s: %s', async (_, rule, more) => {
    const result = await judged(more);
    expect([result.outcome, rulesOf(result)]).toEqual(['fail', [rule]]);
  });
});
