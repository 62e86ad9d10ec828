// What becomes of a look as evidence: only a hashed store ever passes.
import { sha256 } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { integrityIdentity, planIntegrityCheck } from './integrity-check.js';
import type { IntegrityLook } from './looks.js';

const subject = { name: 'm@v1', digest: { sha256: sha256('model') } };
const MATCH: IntegrityLook = { kind: 'match', subject: sha256('model'), files: 2 };
const run = (
  by: 'store' | 'canary' | 'declared',
  look: IntegrityLook,
): ReturnType<ReturnType<typeof planIntegrityCheck>['run']> =>
  planIntegrityCheck({ subject, by, gateway: 'edge', route: 'oip/m', look }).run({
    signal: new AbortController().signal,
    progress: () => undefined,
  });

describe('integrity.check', () => {
  const rows: readonly (readonly ['store' | 'canary' | 'declared', IntegrityLook, string, string | undefined])[] = [
    ['store', MATCH, 'pass', undefined],
    ['canary', MATCH, 'inconclusive', 'canary-proves-no-digest'],
    ['declared', { kind: 'not-asked' }, 'inconclusive', 'declared-only'],
    ['declared', MATCH, 'inconclusive', 'declared-only'],
    ['store', { kind: 'not-asked' }, 'inconclusive', 'not-looked'],
    ['store', { kind: 'unreadable', reason: 'denied' }, 'inconclusive', 'store-unreadable'],
    ['canary', { kind: 'unreadable', reason: 'forged' }, 'inconclusive', 'canary-unusable'],
    ['canary', { kind: 'unanswered', reason: 'busy' }, 'inconclusive', 'canary-unanswered'],
    ['store', { kind: 'mismatch', reason: 'swapped', files: ['a (changed)'] }, 'fail', undefined],
    ['canary', { kind: 'mismatch', reason: 'differs' }, 'fail', undefined],
  ];
  it.each(rows)('%s, %j: %s %s', async (by, look, outcome, code) => {
    const result = await run(by, look);
    expect([result.outcome, result.reason?.code]).toEqual([outcome, code]);
  });

  it('names each file that differs', async () => {
    const { findings } = await run('store', { kind: 'mismatch', reason: 'x', files: ['a (changed)', 'b/c (new)'] });
    expect(findings.map(({ rule, severity, location }) => [rule, severity, location])).toEqual([
      ['VLM-INT-001', 'critical', { file: 'a' }],
      ['VLM-INT-001', 'critical', { file: 'b/c' }],
    ]);
    expect((await run('canary', { kind: 'mismatch', reason: 'x' })).findings[0]?.rule).toBe('VLM-INT-002');
  });

  it('speaks about the approved bytes whatever the gateway is called', () => {
    const task = planIntegrityCheck({ subject, by: 'store', gateway: 'edge', route: 'oip/m', look: MATCH });
    const { kind, version, rules, inputs } = integrityIdentity(subject);
    expect(task).toMatchObject({ kind, version, rules, inputs, subject });
  });
});
