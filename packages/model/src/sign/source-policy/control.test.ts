// The control by itself: what blocks it, what it says about itself, and that it does not judge what changed under it.
import { appendFileSync } from 'node:fs';
import { digestDirectory, digestTree, isBlocked, nodeDisk, sha256 } from '@vallum/core';
import type { Planned, Task } from '@vallum/core';
import { afterAll, describe, expect, it } from 'vitest';
import { alice, believed, trust } from '../../provenance/testing/world.js';
import { modelFolder, removeFolders } from '../testing/fixtures.js';
import type { SourcePolicyOptions } from './control.js';
import { planSourcePolicy } from './control.js';

afterAll(removeFolders);

const subject = { name: 'filter@v1', digest: { sha256: sha256('v1') } };
const ORIGIN = 'https://models.example.org/bert/';
const allowed = [{ origin: ORIGIN }];
const context = { signal: new AbortController().signal, progress: () => undefined };

const plan = (options: Partial<SourcePolicyOptions>): Promise<Planned> =>
  planSourcePolicy({ disk: nodeDisk, subject, allowed, feeds: [], believed, seen: [], ...options });

function task(planned: Planned): Task {
  if (isBlocked(planned)) throw new Error(planned.blocked.message);
  return planned;
}

describe('planSourcePolicy', () => {
  it('is blocked, and names the file, when a source cannot be read', async () => {
    const dir = `${modelFolder({ 'model.bin': 'x' })}/nowhere`;
    expect(await plan({ base: { name: 'bert', dir, origin: ORIGIN } })).toMatchObject({
      kind: 'source.policy',
      blocked: { code: 'SOURCE_UNREADABLE', file: dir },
    });
    const feeds = [{ name: 'mails', dir: modelFolder({ 'feed.json': '{}' }), origin: ORIGIN }];
    expect(await plan({ feeds })).toMatchObject({ blocked: { file: `${feeds[0]?.dir ?? ''}/rows.jsonl` } });
  });

  it('is blocked by a list that allows one place twice: the second would say who has to sign', async () => {
    const dir = modelFolder({ 'model.bin': 'x' });
    const base = { name: 'bert', dir, origin: ORIGIN };
    const twice = [{ origin: ORIGIN, signer: { principal: 'alice' } }, { origin: ORIGIN.replace(/\/$/, '') }];
    for (const list of [twice, [...twice].reverse()])
      expect(await plan({ base, allowed: list })).toMatchObject({ blocked: { code: 'SOURCE_POLICY' } });
  });

  it('passes with pinned bytes from an allowed origin, and tells them', async () => {
    const dir = modelFolder({ 'model.bin': 'x' });
    const digest = digestDirectory(await digestTree(nodeDisk, dir));
    const rows = sha256('{}\n');
    const feeds = [
      { name: 'mails', dir: modelFolder({ 'feed.json': '{}', 'rows.jsonl': '{}\n' }), origin: ORIGIN, digest: rows },
    ];
    const planned = task(await plan({ base: { name: 'bert', dir, origin: ORIGIN, digest }, feeds }));
    expect(planned.inputs.map(({ name }) => name)).toEqual([
      'the base model "bert"',
      'the feed "mails"',
      'feed.json of the feed "mails"',
      'source policy',
    ]);
    expect(await planned.run(context)).toMatchObject({
      outcome: 'pass',
      findings: [],
      metrics: [
        { id: 'sources', value: 2 },
        { id: 'sources-refused', value: 0 },
      ],
    });
    // The file of a signature is not part of the bytes.
    appendFileSync(`${dir}/model.sig`, 'x');
    expect((await planned.run(context)).outcome).toBe('pass');
    appendFileSync(`${dir}/model.bin`, 'y');
    expect(await planned.run(context)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'subject-changed' } });
  });

  it('refuses bytes that nobody pinned, and tells their digest', async () => {
    const dir = modelFolder({ 'model.bin': 'x' });
    const digest = digestDirectory(await digestTree(nodeDisk, dir));
    const found = await task(await plan({ base: { name: 'bert', dir, origin: ORIGIN } })).run(context);
    expect(found).toMatchObject({ outcome: 'fail', findings: [{ rule: 'VLM-SRC-003' }] });
    expect(found.findings[0]?.message).toContain(digest);
  });

  it('has other inputs once a pinned signer may no longer attest', async () => {
    const dir = modelFolder({ 'model.bin': 'x' });
    const base = { name: 'bert', dir, origin: ORIGIN };
    const pinned = [{ origin: ORIGIN, signer: { principal: 'alice' } }];
    const at = async (change: Partial<SourcePolicyOptions>): Promise<unknown> =>
      task(await plan({ base, allowed: pinned, ...change })).inputs.at(-1);
    const now = await at({});
    expect(await at({})).toEqual(now);
    expect(await at({ believed: { ...believed, now: new Date('2027-06-01') } })).not.toEqual(now);
    const revoked = ({ keyid }: { readonly keyid: string }): string | undefined =>
      keyid === alice.keyid ? 'stolen' : undefined;
    expect(await at({ believed: { trust, now: believed.now, revoked } })).not.toEqual(now);
    expect(await at({ allowed: [...pinned, { origin: 'https://a.example/' }] })).not.toEqual(now);
  });
});
