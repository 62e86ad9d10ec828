// Over random logs: nobody without a role changes a verdict to pass, and nothing becomes pass by taking something away.
import { buildRevocation, buildWaiver, buildWaiverApproval } from '@vallum/trust';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidence, idOf, keys, log, metric, MODEL, OTHER, world } from '../testing/world.js';
import type { Person, Said } from '../testing/world.js';
import type { JudgeInput, LedgerStatement } from './input.js';
import { judge } from './judge.js';

const DATE = new Date('2026-06-01T11:00:00Z');
const trusted: readonly Person[] = ['runner', 'second', 'approver', 'owner', 'author', 'revoker'];
const kinds = ['artifact.scan', 'robustness.report', 'approval.record'] as const;
const waiver = buildWaiver(
  {
    requirement: 'robust',
    subject: MODEL,
    accepts: { metric: 'evasion-rate', bound: 0.6 },
    reason: 'x',
    until: '2026-12-31',
  },
  DATE,
);

const statement = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        kind: fc.constantFrom(...kinds),
        pass: fc.boolean(),
        high: fc.constantFrom(0.1, 0.5),
        words: fc.constantFrom(5, 9),
        expires: fc.boolean(),
        other: fc.boolean(),
      })
      .map(({ kind, pass, high, words, expires, other }) =>
        evidence(
          kind,
          {
            outcome: pass ? 'pass' : 'fail',
            ...(kind === 'robustness.report' ? { metrics: [metric(high)], parameters: { words } } : {}),
            expiresAt: expires ? '2026-06-01T11:00:00Z' : null,
          },
          other ? OTHER : MODEL,
        ),
      ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...kinds).map((kind) => evidence(kind)) },
  { weight: 1, arbitrary: fc.constant(waiver) },
  { weight: 1, arbitrary: fc.constant(buildWaiverApproval(idOf(['owner', waiver]), DATE)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...kinds)
      .map((kind) => buildRevocation({ type: 'statement', id: idOf(['runner', evidence(kind)]) }, 'x', DATE)),
  },
  { weight: 1, arbitrary: fc.constant(buildRevocation({ type: 'key', keyid: keys.second.keyid }, 'x', DATE)) },
);

function saidBy(people: readonly Person[]): fc.Arbitrary<Said> {
  return fc.tuple(fc.constantFrom(...people), statement);
}

const resultOf = (statements: readonly LedgerStatement[], change: Partial<JudgeInput> = {}): string =>
  judge(world(statements, change)).result;

/** Random logs pass too rarely, so half of them end in a clean run. */
const clean: readonly Said[] = kinds.map(
  (kind) => [kind === 'approval.record' ? 'approver' : 'runner', evidence(kind)] as const,
);
const logs = fc
  .tuple(fc.array(saidBy(trusted), { maxLength: 6 }), fc.boolean())
  .map(([said, ends]) => log(...said, ...(ends ? clean : [])));

describe('any log', () => {
  it('with statements by a key without a role: the verdict stays the same', () => {
    fc.assert(
      fc.property(
        logs,
        fc.array(saidBy(['stranger', 'late']), { maxLength: 4 }),
        fc.nat(),
        (statements, strange, at) => {
          const position = statements.length === 0 ? 0 : at % statements.length;
          const added = log(...strange).map((one, index) => ({ ...one, index: position + 0.1 * (index + 1) }));
          expect(judge(world([...statements, ...added])).result).toBe(resultOf(statements));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('with an envelope taken away, its entry left: never turns into pass', () => {
    let passes = 0;
    fc.assert(
      fc.property(logs, fc.nat(), (statements, pick) => {
        const before = resultOf(statements);
        if (before === 'pass') passes += 1;
        const taken = statements[pick % Math.max(1, statements.length)];
        if (taken === undefined || before === 'pass') return;
        const outcome = taken.statement.predicate['outcome'];
        const entry = {
          index: taken.index,
          id: taken.id,
          keyid: taken.keyid,
          type: taken.statement.predicateType,
          subject: taken.statement.subject[0]!.digest.sha256,
          outcome: typeof outcome === 'string' ? outcome : null,
        };
        const left = statements.filter((one) => one !== taken);
        expect(resultOf(left, { unreadable: [entry] })).not.toBe('pass');
      }),
      { numRuns: 800 },
    );
    expect(passes).toBeGreaterThan(20);
  });

  it('with evidence removed that is the only one of its kind: never passes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(saidBy(['stranger', 'late', 'revoker']), { maxLength: 4 }),
        (kind, noise) => {
          const left = clean.filter(([, said]) => said.predicateType !== evidence(kind).predicateType);
          expect(resultOf(log(...left, ...noise))).not.toBe('pass');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same verdict in whatever order the list comes', () => {
    fc.assert(
      fc.property(logs, fc.func(fc.double({ noNaN: true })), (statements, rank) => {
        const shuffled = [...statements].sort((a, b) => rank(a.id) - rank(b.id));
        expect(judge(world(shuffled))).toEqual(judge(world(statements)));
      }),
      { numRuns: 100 },
    );
  });
});
