import { sha256 } from '@vallum/core';
import { generateKey, readEnvelope, signStatement, VERDICT_TYPE } from '@vallum/trust';
import { describe, expect, it } from 'vitest';
import { judge } from './judge/judge.js';
import { all } from './testing/say.js';
import { log, MODEL, NOW, trust, world } from './testing/world.js';
import { verdictStatement } from './verdict-statement.js';

const basis = {
  policy: sha256('policy'),
  trust: trust.digest,
  ledger: { origin: 'test', size: 3, root: sha256('root') },
  decidedAt: NOW.toISOString(),
};

describe('verdictStatement', () => {
  it('can be signed and read back with all that it rests on', () => {
    const verdict = judge(world(log(...all.slice(1))));
    const { statement } = readEnvelope(signStatement(verdictStatement(verdict, basis), generateKey('ci', 'ed25519')));
    const { subject, ...rest } = verdict;
    expect(statement.subject).toEqual([subject]);
    expect(statement.predicateType).toBe(VERDICT_TYPE);
    expect(statement.predicate).toEqual({ ...rest, ...basis });
    expect(verdict.result).toBe('not-proven');
  });

  it('says nothing about a subject whose digest is not known', () => {
    const verdict = judge(world(log(...all), { subject: { name: MODEL.name } }));
    expect(() => verdictStatement(verdict, basis)).toThrow(
      expect.objectContaining({ code: 'VERDICT_SUBJECT', errorClass: 'unproven' }),
    );
  });
});
