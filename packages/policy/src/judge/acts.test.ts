// What people do, as a verdict sees it: revocations, approvals that bind a name, waivers.
import { sha256 } from '@vallum/core';
import type { Statement } from '@vallum/core';
import { buildWaiver, buildWaiverApproval } from '@vallum/trust';
import type { RevocationTarget } from '@vallum/trust';
import { describe, expect, it } from 'vitest';
import { all, by, revoke, scanWith, short, verdictOf, wrong } from '../testing/say.js';
import {
  approval,
  approved,
  EARLIER,
  evidence,
  idOf,
  keys,
  log,
  metric,
  MODEL,
  OTHER,
  robust,
  RULES,
  run,
  scan,
  scanned,
  tested,
  world,
} from '../testing/world.js';
import type { Person, Said } from '../testing/world.js';
import { judge } from './judge.js';

describe('revocation', () => {
  const tool = { type: 'tool', name: 'vallum', version: '0.1.0' } as const;
  const targets: readonly (readonly [string, RevocationTarget, string])[] = [
    ['of the statement', { type: 'statement', id: idOf(scanned) }, 'not-proven scan:revoked'],
    ['of the key', { type: 'key', keyid: keys.runner.keyid }, 'not-proven scan:revoked robust:revoked'],
    ['of the tool version', tool, 'not-proven scan:revoked robust:revoked approval:revoked'],
    ['of the ruleset', { type: 'ruleset', digest: RULES }, 'not-proven scan:revoked robust:revoked approval:revoked'],
    [
      'of the subject',
      { type: 'subject', digest: MODEL.digest.sha256 },
      'not-proven verdict:revoked scan:revoked robust:revoked approval:revoked',
    ],
    ['of another statement', { type: 'statement', id: sha256('x') }, 'pass'],
    ['of another tool version', { ...tool, version: '0.2.0' }, 'pass'],
  ];
  it.each(targets)('%s', (_, target, expected) => {
    expect(verdictOf([...all, revoke(target)])).toBe(expected);
    // It holds wherever it stands in the log, for later statements too.
    expect(verdictOf([revoke(target), ...all])).toBe(expected);
    expect(verdictOf([...all, revoke(target, 'stranger')])).toBe('pass');
    expect(verdictOf([...all, revoke(target, 'runner')])).toBe('pass');
    expect(verdictOf([...all, revoke(target, 'revoker', new Date('2025-01-01'))])).toBe('pass');
  });

  it('never falls back to the run before', () => {
    const second = scanWith({ finishedAt: '2026-06-01T11:00:00Z' });
    const fail = scanWith({ outcome: 'fail' });
    expect(verdictOf([...all, second, revoke({ type: 'statement', id: idOf(second) })])).toBe(
      'not-proven scan:revoked',
    );
    expect(verdictOf([...all, second, revoke({ type: 'statement', id: idOf(scanned) })])).toBe('pass');
    expect(verdictOf([fail, ...all, revoke({ type: 'statement', id: idOf(scanned) })])).toBe('not-proven scan:revoked');
  });

  it('of a statement is healed by a new run, of a ruleset it is not', () => {
    const again = scanWith({ finishedAt: '2026-06-01T11:00:00Z' });
    expect(verdictOf([...all, revoke({ type: 'statement', id: idOf(scanned) }), again])).toBe('pass');
    const verdict = judge(world(log(...all, revoke({ type: 'ruleset', digest: RULES }), again)));
    expect(verdict.result).toBe('not-proven');
    expect(verdict.reasons[0]?.fix).toMatch(/replace/);
  });

  it('holds when the clock is set back, and cannot be revoked', () => {
    const revocation = revoke({ type: 'statement', id: idOf(scanned) }, 'revoker', new Date('2026-06-20'));
    expect(verdictOf([...all, revocation])).toBe('not-proven scan:revoked');
    expect(verdictOf([...all, revocation, revoke({ type: 'statement', id: idOf(revocation) })])).toBe(
      'not-proven scan:revoked',
    );
  });

  it('that cannot be understood leaves everything open, if its key may revoke', () => {
    const odd: Statement = {
      ...(revoke({ type: 'subject', digest: RULES })[1] as Statement),
      predicate: { target: 'all' },
    };
    expect(verdictOf([...all, by('revoker', odd)])).toBe('not-proven verdict:unreadable');
    expect(verdictOf([...all, by('runner', odd)])).toBe('pass');
  });

  it('of the policy bundle or of its key leaves everything open', () => {
    const bundle = { id: sha256('bundle'), keyid: keys.owner.keyid };
    expect(verdictOf([...all], { bundle })).toBe('pass');
    expect(verdictOf([...all, revoke({ type: 'statement', id: bundle.id })], { bundle })).toBe(
      'not-proven verdict:revoked',
    );
    expect(verdictOf([...all, revoke({ type: 'key', keyid: bundle.keyid })], { bundle })).toBe(
      'not-proven verdict:revoked',
    );
  });
});

describe('the name', () => {
  const elsewhere = by('approver', evidence('approval.record', {}, OTHER));
  const rows: readonly (readonly [string, readonly Said[], string])[] = [
    ['approved as other bytes', [elsewhere], 'refused approval:approved-bytes-changed'],
    ['approved as other bytes after these', [approved, elsewhere], 'refused approval:approved-bytes-changed'],
    ['approved as these bytes after others', [elsewhere, approved], 'pass'],
    [
      'other bytes, approval revoked',
      [approved, elsewhere, revoke({ type: 'statement', id: idOf(elsewhere) })],
      'pass',
    ],
    ['other bytes by a self-made key', [approved, by('stranger', elsewhere[1])], 'pass'],
    ['other bytes by a key without the role', [approved, by('runner', elsewhere[1])], 'pass'],
    [
      'other bytes under another name',
      [approved, by('approver', evidence('approval.record', {}, { ...OTHER, name: 'x@v2' }))],
      'pass',
    ],
    [
      'other bytes, dated after the clock',
      [approved, by('approver', evidence('approval.record', { finishedAt: '2026-06-02' }, OTHER))],
      'refused approval:approved-bytes-changed',
    ],
    [
      'other bytes, not approved',
      [approved, by('approver', evidence('approval.record', { outcome: 'fail' }, OTHER))],
      'pass',
    ],
    ['never approved', [], 'not-proven approval:missing'],
    ['approved by the author', [by('author', approved[1])], 'not-proven approval:self-approved'],
    [
      'approved by the author and by another',
      [approved, by('author', evidence('approval.record', { startedAt: '2026-06-01' }))],
      'pass',
    ],
  ];
  it.each(rows)('%s', (_, said, expected) => {
    expect(verdictOf([scanned, tested, ...said])).toBe(expected);
  });

  it('needs to know the author', () => {
    expect(verdictOf([...all], { authors: [] })).toBe('not-proven approval:author-unknown');
    expect(verdictOf([...all, elsewhere], { authors: [] })).toBe('refused approval:approved-bytes-changed');
  });

  it('is refused also where no approval is asked for, but not when the approval is left out', () => {
    expect(verdictOf([...all, elsewhere], { requirements: [scan, robust] })).toBe(
      'refused approval.record:approved-bytes-changed',
    );
    expect(verdictOf([...all, elsewhere], { except: ['approval.record'] })).toBe('pass');
  });

  it('stays open where an approval is lost, also where none is asked for', () => {
    const statements = log(...all, elsewhere);
    const [gone] = statements.slice(-1);
    const entry = {
      index: gone!.index,
      id: gone!.id,
      keyid: gone!.keyid,
      type: gone!.statement.predicateType,
      subject: OTHER.digest.sha256,
      outcome: 'pass',
    };
    const asked = { requirements: [scan, robust] };
    const lost = (said: readonly Said[], change: Partial<typeof entry> = {}): string =>
      verdictOf(said, { ...asked, unreadable: [{ ...entry, ...change }] });
    const open = 'not-proven approval.record:unreadable';
    expect(short(judge(world(statements, asked)))).toBe('refused approval.record:approved-bytes-changed');
    expect(lost([...all])).toBe(open);
    expect(lost([scanned, tested])).toBe(open);
    expect(lost([scanned, tested], { subject: sha256('another model') })).toBe(open);
    // The approval in force is newer; the lost one was revoked, or comes from a key that approves nothing.
    expect(lost([...all], { index: -1 })).toBe('pass');
    expect(lost([...all, revoke({ type: 'statement', id: entry.id })])).toBe('pass');
    expect(lost([...all], { keyid: keys.runner.keyid })).toBe('pass');
    expect(verdictOf([scanned, tested], { ...asked, unreadable: [entry], except: ['approval.record'] })).toBe('pass');
  });

  it('can be pinned to a digest', () => {
    expect(verdictOf([...all], { pinned: MODEL.digest.sha256 })).toBe('pass');
    expect(verdictOf([...all], { pinned: OTHER.digest.sha256 })).toBe('refused verdict:pinned-digest');
  });

  it('says when something that the approval saw was revoked since', () => {
    const seeing = by('approver', evidence('approval.record', { parameters: { saw: [idOf(scanned)] } }));
    const again = scanWith({ finishedAt: '2026-06-01T11:00:00Z' });
    const verdict = judge(world(log(scanned, tested, seeing, revoke({ type: 'statement', id: idOf(scanned) }), again)));
    expect(short(verdict)).toBe('pass');
    expect(verdict.notes).toEqual([expect.stringContaining(idOf(scanned).slice(0, 12))]);
    expect(judge(world(log(scanned, tested, seeing, again))).notes).toEqual([]);
  });
});

describe('waivers', () => {
  const failing = by('runner', run({ words: 5, seed: 1 }, 0.5));
  const ask = {
    requirement: 'robust',
    subject: MODEL,
    accepts: { metric: 'evasion-rate', bound: 0.6 },
    reason: 'two stages',
    until: '2026-12-31',
  };
  const asked = (change: Partial<Parameters<typeof buildWaiver>[0]> = {}, who: Person = 'owner', at = EARLIER): Said =>
    by(who, buildWaiver({ ...ask, ...change }, new Date(at)));
  const granted = (waiver: Said, who: Person = 'approver', at = EARLIER): Said =>
    by(who, buildWaiverApproval(idOf(waiver), new Date(at)));
  const both = (change: Partial<Parameters<typeof buildWaiver>[0]> = {}): readonly Said[] => [
    asked(change),
    granted(asked(change)),
  ];
  const rest = [scanned, failing, approved];
  const refused = 'refused robust:out-of-bounds';

  it('let a failing figure pass up to their bound, and show in the verdict', () => {
    const verdict = judge(world(log(...rest, ...both())));
    expect(short(verdict)).toBe('pass');
    expect(verdict.waivers).toEqual([
      {
        requirement: 'robust',
        id: idOf(asked()),
        approval: idOf(granted(asked())),
        owner: 'owner',
        approver: 'approver',
        accepts: ask.accepts,
        bound: 0.5,
        reason: ask.reason,
        until: ask.until,
      },
    ]);
    expect(judge(world(log(...rest, ...both({ until: '2026-06-10' })))).validUntil).toBe('2026-06-10T00:00:00.000Z');
  });

  const rows: readonly (readonly [string, readonly Said[]])[] = [
    ['without approval', [asked()]],
    ['approved by its owner', [asked(), granted(asked(), 'owner')]],
    ['approved by a key without the role', [asked(), granted(asked(), 'runner')]],
    ['approved by a self-made key', [asked(), granted(asked(), 'stranger')]],
    ['asked for by a self-made key', [asked({}, 'stranger'), granted(asked({}, 'stranger'))]],
    ['approved after now', [asked(), granted(asked(), 'approver', '2026-06-02')]],
    ['asked for after now', [asked({}, 'owner', '2026-06-02'), granted(asked({}, 'owner', '2026-06-02'))]],
    ['at its end', both({ until: '2026-06-01T12:00:00Z' })],
    ['for another requirement', both({ requirement: 'scan' })],
    ['for other bytes', both({ subject: OTHER })],
    ['for another figure', both({ accepts: { metric: 'clean-accuracy', bound: 0.6 } })],
    ['with a bound that is passed', both({ accepts: { metric: 'evasion-rate', bound: 0.49 } })],
    ['for a reason', both({ accepts: { reason: 'out-of-bounds' } })],
    ['that was revoked', [...both(), revoke({ type: 'statement', id: idOf(asked()) })]],
    ['whose approval was revoked', [...both(), revoke({ type: 'statement', id: idOf(granted(asked())) })]],
    ['whose owner’s key was revoked', [...both(), revoke({ type: 'key', keyid: keys.owner.keyid })]],
  ];
  it.each(rows)('do not count %s', (_, said) => {
    expect(verdictOf([...rest, ...said])).toBe(refused);
  });

  it('cover "at least" down to their bound', () => {
    const requirements = [scan, { ...robust, metric: { id: 'evasion-rate', atLeast: 0.9 } }, approval];
    const report = by(
      'runner',
      run({ words: 5, seed: 1 }, 0, {
        metrics: [metric(1, { value: 0.9, interval: { low: 0.8, high: 1, level: 0.95, method: 'x' } })],
      }),
    );
    const accepts = (bound: number): readonly Said[] => both({ accepts: { metric: 'evasion-rate', bound } });
    expect(verdictOf([scanned, report, approved, ...accepts(0.8)], { requirements })).toBe('pass');
    expect(verdictOf([scanned, report, approved, ...accepts(0.81)], { requirements })).toBe(refused);
  });

  it('cover a failing outcome only when the control says that this figure is the cause', () => {
    const because = (code: string): Said =>
      by('runner', run({ words: 5, seed: 1 }, 0.5, { outcome: 'fail', reason: { code, message: 'x' } }));
    expect(verdictOf([scanned, because('evasion-rate'), approved, ...both()])).toBe('pass');
    expect(verdictOf([scanned, because('crash'), approved, ...both()])).toBe('refused robust:crash');
  });

  it('cover one reason that the kind calls waivable, and no other', () => {
    const open = (code: string): Said => scanWith({ outcome: 'inconclusive', reason: { code, message: 'x' } });
    const accepts = (reason: string): readonly Said[] => both({ requirement: 'scan', accepts: { reason } });
    expect(verdictOf([open('no-predecessor'), tested, approved, ...accepts('no-predecessor')])).toBe('pass');
    expect(verdictOf([open('no-predecessor'), tested, approved])).toBe('not-proven scan:no-predecessor');
    expect(verdictOf([open('no-predecessor'), tested, approved, ...accepts('timeout')])).toBe(
      'not-proven scan:no-predecessor',
    );
    expect(verdictOf([open('control-threw'), tested, approved, ...accepts('control-threw')])).toBe(
      'not-proven scan:control-threw',
    );
  });

  it('never cover missing, stale, untrusted, expired or revoked evidence, nor a figure without a bound', () => {
    const covering = [...both(), ...both({ requirement: 'scan', accepts: { reason: 'missing' } })];
    for (const [name, instead] of wrong)
      if (!name.includes('clusive'))
        expect(verdictOf([...instead, tested, approved, ...covering]), name).not.toBe('pass');
    expect(verdictOf([...rest, ...covering, revoke({ type: 'statement', id: idOf(failing) })])).toBe(
      'not-proven robust:revoked',
    );
    const bare = by(
      'runner',
      run({ words: 5, seed: 1 }, 0, { metrics: [{ id: 'evasion-rate', value: 0.5, unit: 'share', n: 9 }] }),
    );
    expect(verdictOf([scanned, bare, approved, ...covering])).toBe('not-proven robust:no-interval');
  });

  it('of a failing run do not cover the broken run after it', () => {
    const broke = by(
      'runner',
      run({ words: 5, seed: 1 }, 0.1, { outcome: 'inconclusive', reason: { code: 'control-threw', message: 'x' } }),
    );
    expect(verdictOf([...rest, broke, ...both()])).toBe('not-proven robust:control-threw');
  });
});
