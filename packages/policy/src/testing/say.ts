// Short forms for tables of verdicts.
import type { Statement } from '@vallum/core';
import { sha256 } from '@vallum/core';
import type { RevocationTarget } from '@vallum/trust';
import { buildRevocation } from '@vallum/trust';
import type { JudgeInput } from '../judge/input.js';
import { judge } from '../judge/judge.js';
import type { Verdict } from '../verdict.js';
import type { Person, Said } from './world.js';
import { approved, EARLIER, evidence, log, MODEL, OTHER, predicate, scanned, tested, world } from './world.js';

export const all: readonly Said[] = [scanned, tested, approved];

/** `refused robust:out-of-bounds scan:missing` */
export function short(verdict: Verdict): string {
  return [verdict.result, ...verdict.reasons.map((reason) => `${reason.requirement}:${reason.code}`)].join(' ');
}

export function verdictOf(said: readonly Said[], change: Partial<JudgeInput> = {}): string {
  return short(judge(world(log(...said), change)));
}

export function revoke(target: RevocationTarget, who: Person = 'revoker', at = new Date(EARLIER)): Said {
  return [who, buildRevocation(target, 'leaked', at)];
}

export function by(who: Person, statement: Statement<object>): Said {
  return [who, statement];
}

export function scanWith(change: Parameters<typeof evidence>[1]): Said {
  return by('runner', evidence('artifact.scan', change));
}

/** Scan statement that is wrong in one way, in place of the clean one. */
export const wrong: readonly (readonly [string, readonly Said[], string])[] = [
  ['no evidence', [], 'not-proven scan:missing'],
  ['a key that is not enrolled', [by('stranger', scanned[1])], 'not-proven scan:untrusted'],
  ['a key without the role', [by('approver', scanned[1])], 'not-proven scan:untrusted'],
  ['a key outside its window', [by('late', scanned[1])], 'not-proven scan:untrusted'],
  ['a date after now', [scanWith({ finishedAt: '2026-06-01T12:00:01Z' })], 'not-proven scan:not-yet'],
  [
    'other bytes of the same name',
    [by('runner', evidence('artifact.scan', {}, OTHER))],
    'not-proven scan:stale-subject',
  ],
  ['another input', [scanWith({ inputs: [MODEL] })], 'not-proven scan:stale-inputs'],
  [
    'another version of the control',
    [scanWith({ tool: { ...predicate('artifact.scan').tool, control: '2' } })],
    'not-proven scan:stale-control',
  ],
  [
    'another ruleset',
    [scanWith({ tool: { ...predicate('artifact.scan').tool, rules: { sha256: sha256('old') } } })],
    'not-proven scan:stale-rules',
  ],
  ['its expiry', [scanWith({ expiresAt: '2026-06-01T12:00:00Z' })], 'not-proven scan:expired'],
  ['an unknown outcome', [scanWith({ outcome: 'ok' as 'pass' })], 'not-proven scan:malformed'],
  ['no finish', [scanWith({ finishedAt: 'today' })], 'not-proven scan:malformed'],
  [
    'an inconclusive run',
    [scanWith({ outcome: 'inconclusive', reason: { code: 'timeout', message: 'slow' } })],
    'not-proven scan:timeout',
  ],
  ['a failing run', [scanWith({ outcome: 'fail' })], 'refused scan:failed'],
  [
    'another major version of the kind',
    [by('runner', { ...scanned[1], predicateType: 'urn:vallum:evidence:artifact.scan:v2' })],
    'not-proven scan:missing',
  ],
];
