// From findings to a new feed: what a decision binds, which one counts, and that nothing disappears in silence.
import type { Finding } from '@vallum/core';
import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDecisions } from './apply-decisions.js';
import { decisionPredicate, readChoice, readDecision } from './decision.js';
import type { ReviewDecision } from './decision.js';
import { foldDecisions } from './fold-decisions.js';
import { reviewQueue } from './queue.js';
import type { QueueItem, ReviewRow } from './queue.js';

const finding = (row: string, severity: Finding['severity'], rule = 'poison.row'): Finding => ({
  rule,
  severity,
  message: `${rule} about ${row}`,
  location: { feed: 'list', row },
  atlas: [],
  cve: [],
  cwe: [],
  fix: 'look',
});
const ROWS: readonly ReviewRow[] = ['a', 'b', 'c', 'd'].map((id) => ({ id, label: 'ham', content: `text of ${id}` }));
const feeds = (rows = ROWS) => new Map([['list', rows]]);
const queue = reviewQueue(
  [finding('b', 'high'), finding('a', 'low', 'poison.odd'), finding('b', 'critical', 'poison.x')],
  feeds(),
);
/** As if the scan had named every row. */
const scope = (rows: readonly ReviewRow[] = ROWS) => ({
  items: reviewQueue(
    rows.map(({ id }) => finding(id, 'low')),
    feeds(rows),
  ).items,
  labels: ['ham', 'spam'],
});
const decide = (item: QueueItem, choice: string, index: number) => ({
  index,
  decision: {
    item: item.id,
    feed: item.feed,
    row: item.row,
    content: item.content,
    choice: readChoice(choice),
    who: 'ann',
    why: 'seen',
    createdAt: '2026-02-03T04:05:06Z',
  },
});
const [b, a] = queue.items as [QueueItem, QueueItem];

describe('the queue', () => {
  it('has one item a row, the worst first, with all its reasons', () => {
    expect(queue.items.map(({ row }) => row)).toEqual(['b', 'a']);
    expect(b.reasons.map(({ severity }) => severity)).toEqual(['critical', 'high']);
  });

  it('says which findings speak of rows that are not there', () => {
    expect(reviewQueue([finding('z', 'high')], feeds()).unknown).toEqual([{ feed: 'list', row: 'z' }]);
  });

  it.each([{ label: 'spam' }, { content: 'text of B' }])('gives a touched row another id: %j', (change) => {
    const touched = ROWS.map((row) => (row.id === 'b' ? { ...row, ...change } : row));
    expect(reviewQueue([finding('b', 'high')], feeds(touched)).items[0]!.id).not.toBe(b.id);
  });
});

describe('folding decisions', () => {
  it('lets the latest by ledger index win, whatever the order of the list', () => {
    const folded = foldDecisions(queue.items, [decide(b, 'drop', 9), decide(b, 'keep', 3)]);
    expect(folded.decided.map(({ by }) => by.decision.choice.action)).toEqual(['drop']);
    expect(folded.open.map(({ row }) => row)).toEqual(['a']);
  });

  it('calls a decision about earlier content stale, and leaves the row open', () => {
    const touched = ROWS.map((row) => (row.id === 'b' ? { ...row, content: 'changed' } : row));
    const now = reviewQueue([finding('b', 'high')], feeds(touched));
    const folded = foldDecisions(now.items, [decide(b, 'keep', 1)]);
    expect([folded.decided.length, folded.open.length, folded.stale.length]).toEqual([0, 1, 1]);
  });

  it('does not believe an item id that is not that of its row', () => {
    const forged = { index: 1, decision: { ...decide(a, 'keep', 1).decision, item: b.id } };
    const folded = foldDecisions(queue.items, [forged]);
    expect([folded.decided.length, folded.mismatched.length]).toEqual([0, 1]);
    expect(applyDecisions('list', ROWS, [forged], scope()).unknown).toHaveLength(1);
  });
});

describe('applying decisions', () => {
  it('makes new rows and lists what was left out and changed, with who and why', () => {
    const applied = applyDecisions('list', ROWS, [decide(b, 'drop', 4), decide(a, 'relabel:spam', 5)], scope());
    expect(applied.rows.map(({ id, label }) => `${id} ${label}`)).toEqual(['a spam', 'c ham', 'd ham']);
    expect(applied.dropped).toEqual([{ row: 'b', content: b.content, who: 'ann', why: 'seen', index: 4 }]);
    expect(applied.relabelled[0]).toMatchObject({ row: 'a', from: 'ham', to: 'spam' });
  });

  it('applies nothing to a row that changed since', () => {
    const touched = ROWS.map((row) => (row.id === 'b' ? { ...row, content: 'changed' } : row));
    const applied = applyDecisions('list', touched, [decide(b, 'drop', 4)], scope(touched));
    expect([applied.rows.length, applied.stale.length]).toEqual([4, 1]);
  });

  it('applies nothing to a row that the scan does not name, however well it is signed', () => {
    const { items, labels } = scope();
    const one = decide(b, 'drop', 4);
    const applied = applyDecisions('list', ROWS, [one], { items: items.filter(({ id }) => id !== b.id), labels });
    expect([applied.rows, applied.unknown.map(({ row }) => row)]).toEqual([ROWS, ['b']]);
  });

  it('refuses a label that the project does not have, unless it was decided anew', () => {
    const eggs = decide(b, 'relabel:eggs', 4);
    expect(() => applyDecisions('list', ROWS, [eggs], scope())).toThrow(
      expect.objectContaining({ code: 'REVIEW_CHOICE' }),
    );
    expect(applyDecisions('list', ROWS, [eggs, decide(b, 'keep', 5)], scope()).rows).toEqual(ROWS);
  });

  it('accounts for every row, and leaves other feeds alone', () => {
    const choice = fc.constantFrom('keep', 'drop', 'relabel:spam');
    const items = reviewQueue(
      ROWS.map(({ id }) => finding(id, 'low')),
      feeds(),
    ).items;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), choice, fc.nat(20)), { maxLength: 12 }), (list) => {
        const decisions = list.map(([at, text, index]) => decide(items[at]!, text, index));
        const extra: ReviewRow = { id: 'e', label: 'ham', content: 'never dropped' };
        const { rows, dropped } = applyDecisions('list', [...ROWS, extra], decisions, scope());
        expect([...rows.map(({ id }) => id), ...dropped.map(({ row }) => row)].sort()).toEqual([
          'a',
          'b',
          'c',
          'd',
          'e',
        ]);
        expect(applyDecisions('other', ROWS, decisions, scope()).rows).toEqual(ROWS);
      }),
    );
  });

  it('refuses to make an empty feed', () => {
    expect(() => applyDecisions('list', [ROWS[1]!], [decide(b, 'drop', 1)], scope())).toThrow(
      expect.objectContaining({ code: 'REVIEW_EMPTY' }),
    );
  });
});

describe('the predicate', () => {
  const { decision } = decide(b, 'relabel:spam', 1);
  const bytes = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json));

  it('reads back as it was written', () => {
    expect(readDecision(bytes(decisionPredicate(decision)))).toEqual(decision);
  });

  it.each<[string, object]>([
    ['an unknown key', { note: 1 }],
    ['another schema', { schema: 'vallum/data-review/v2' }],
    ['an empty reason', { why: ' ' }],
    ['no time', { createdAt: 'today' }],
    ['a long reason', { why: 'x'.repeat(2001) }],
    ['a decision that is none', { decision: 'delete' }],
    ['an empty label', { decision: 'relabel:' }],
    ['a label that moves the cursor', { decision: 'relabel:a\u001b[2J' }],
    ['a false digest', { item: 'abc' }],
    ['a name that is not text', { who: 7 }],
  ])('refuses %s', (_, change) => {
    expect(() => readDecision(bytes({ ...decisionPredicate(decision), ...change }))).toThrow(
      expect.objectContaining({ code: 'REVIEW_DECISION' }),
    );
  });

  it('meets any bytes with a decision or its own error', () => {
    const attempt = (input: Uint8Array): ReviewDecision | string => {
      try {
        return readDecision(input);
      } catch (error) {
        if (error instanceof VallumError) return error.code;
        throw error;
      }
    };
    const meets = (input: Uint8Array): void => {
      expect(attempt(input)).toBe('REVIEW_DECISION');
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), meets));
    fc.assert(fc.property(fc.json(), (json) => meets(Buffer.from(json))));
    const valid = bytes(decisionPredicate(decision));
    const broken = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(broken, ([at, byte]) => {
        const input = Uint8Array.from(valid, (old, i) => (i === at ? byte : old));
        const read = attempt(input);
        expect(typeof read === 'string' ? read : read.item.length).toEqual(expect.toBeOneOf(['REVIEW_DECISION', 64]));
      }),
    );
  });
});
