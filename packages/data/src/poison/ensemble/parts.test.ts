// The parts of the ensemble on their own: the bound, levels, copies, hidden characters, conformal p.
import { mulberry32 } from '@vallum/stats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copySets, simHash } from './bursts.js';
import { findHiddenTriggers } from './hidden-characters.js';
import { levelsOf } from './levels.js';
import { lookAtFeeds } from './look-at-feeds.js';
import { countTests, unexplained } from './residual.js';
import { conformalP } from './row-scores.js';
import { defaultEnsembleRules } from './rules.js';

const RULES = defaultEnsembleRules();
const signal = new AbortController().signal;

describe('the tail bound', () => {
  it('is n ln(1 / mean) when all carriers have the label', () => {
    expect(unexplained(10, 10, 2)).toBeCloseTo(10 * Math.log(5), 12);
    expect(unexplained(2, 10, 2)).toBe(0);
  });

  it('is at least the true probability, for unequal chances too', () => {
    const random = mulberry32(1);
    const shares = Array.from({ length: 20 }, () => 0.6 * random());
    const expected = shares.reduce((sum, share) => sum + share);
    const counts = Array.from({ length: 4000 }, () => shares.filter((share) => random() < share).length);
    for (let k = Math.ceil(expected); k <= 14; k += 1) {
      const seen = counts.filter((count) => count >= k).length / counts.length;
      expect(Math.exp(-unexplained(k, 20, expected))).toBeGreaterThan(seen);
    }
  });
});

describe('which tests count', () => {
  it('leaves out sets that could not be significant, whatever their labels', () => {
    // The best score is 3.53 a carrier; ln(10 x 20 / 0.001) = 12.2 needs four.
    expect(countTests(Uint32Array.of(...Array<number>(10).fill(40)), 20, RULES)).toEqual({ least: 4, tests: 200 });
    // With a million sets of four, four carriers cannot do, and the sets of four are then no tests.
    const many = new Uint32Array(1e5).fill(4);
    many.fill(9, 0, 10);
    expect(countTests(many, 20, RULES)).toEqual({ least: 5, tests: 200 });
  });

  it('ends where there is nothing to test', () => {
    expect(countTests(new Uint32Array(), 3, RULES)).toEqual({ least: 4, tests: 3 });
  });
});

describe('levels', () => {
  it('keeps the most frequent value apart from what is close to it', () => {
    const values = Float64Array.of(0, 0, 0, 0.001, 0.5, 1);
    expect([...levelsOf({ rows: 6, columns: 1, values }, 8)]).toEqual([0, 0, 0, 1, 5, 8]);
  });

  it('bears a constant column', () => {
    expect([...levelsOf({ rows: 3, columns: 1, values: Float64Array.of(2, 2, 2) }, 8)]).toEqual([0, 0, 0]);
  });
});

describe('conformal p', () => {
  it('counts the null that is at least as odd, and is never 0', () => {
    const sorted = Float64Array.of(0.1, 0.2, 0.2, 0.9);
    expect([0, 0.2, 0.5, 1].map((value) => conformalP(sorted, value))).toEqual([1, 4 / 5, 2 / 5, 1 / 5]);
  });
});

describe('copies', () => {
  const sentence = (seed: number, words = 60): string[] => {
    const random = mulberry32(seed);
    return Array.from({ length: words }, () => `w${Math.floor(random() * 5000)}`);
  };

  it('finds exact copies, and near ones that differ in a word of many', () => {
    const long = sentence(1, 2000);
    const near = long.map((word, i) => (i === 200 ? 'changed' : word));
    const texts = [long, long, near, long].map((words) => words.join(' '));
    const others = Array.from({ length: 200 }, (_, i) => sentence(i + 50).join(' '));
    expect(copySets([...texts, ...others], RULES)).toEqual([[0, 1, 2, 3]]);
  });

  it('leaves rows with hardly any words alone', () => {
    expect(simHash('two words', 4)).toBeUndefined();
    expect(copySets(['hi', 'hi', 'hi', 'hi', 'hi'], RULES)).toEqual([]);
  });

  it('bears any bytes as text', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 }), (texts) => {
        const sets = copySets(
          texts.map((bytes) => Buffer.from(bytes).toString('utf8')),
          RULES,
        ).flat();
        expect(new Set(sets).size).toBe(sets.length);
      }),
    );
  });
});

describe('hidden characters', () => {
  const rows = (count: number, label: string, suffix: string, from = 0) =>
    Array.from({ length: count }, (_, i) => ({
      id: `${label}${from + i}`,
      feed: 'list',
      label,
      text: `an honest sentence ${from + i}${suffix}`,
    }));

  it.each([
    ['a zero-width space', '\u200b', 'without width'],
    ['a tag character', '\u{e0041}', 'tag characters'],
    ['a turned direction', '\u202e', 'direction'],
    ['a Cyrillic a in a Latin word', ' p\u0430ypal', 'mix alphabets'],
    ['a character for private use', '\ue123', 'private use'],
  ])('%s in some rows of one label is named, with its rows', (_, hidden, name) => {
    const found = findHiddenTriggers(
      [...rows(300, 'spam', ''), ...rows(180, 'ham', ''), ...rows(20, 'ham', hidden, 500)],
      RULES,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ label: 'ham', of: 200, what: expect.stringContaining(name) as string });
    expect(found[0]!.rows).toHaveLength(20);
  });

  it('is silent where both labels have it alike, and where whole words are of another alphabet', () => {
    const both = ['ham', 'spam'].flatMap((label) => [...rows(150, label, ''), ...rows(15, label, '\u200b', 500)]);
    const russian = [...rows(150, 'spam', ''), ...rows(30, 'ham', ' \u043f\u0440\u0438\u0432\u0435\u0442')];
    expect(findHiddenTriggers(both, RULES)).toEqual([]);
    expect(findHiddenTriggers(russian, RULES)).toEqual([]);
  });

  it('makes a suspicion, and never calls copies with two labels poison', async () => {
    const trigger = await lookAtFeeds(
      [...rows(300, 'spam', ''), ...rows(180, 'ham', ''), ...rows(20, 'ham', '\u200b', 500)],
      RULES,
      signal,
    );
    expect(trigger.suspected).toBe(true);
    expect(
      trigger.findings.filter(({ location }) => location.row !== undefined && location.feed === 'list'),
    ).not.toEqual([]);
    const text = 'the very same words in each and every one of these rows';
    const copies = Array.from({ length: 6 }, (_, i) => ({
      id: `${i}`,
      feed: 'list',
      label: i < 3 ? 'ham' : 'spam',
      text,
    }));
    const disagree = await lookAtFeeds(copies, RULES, signal);
    expect([disagree.suspected, disagree.findings[0]!.rule]).toEqual([false, 'poison.copies-disagree']);
    expect(disagree.findings.map(({ message }) => message).join()).not.toMatch(/poisoned/);
  });
});
