// Poisoned feeds are named and their innocent twins are not. The figures on real mails are in the end-to-end test.
import { describe, expect, it } from 'vitest';
import type { FeedVerdict, ScanRow } from './judge-feeds.js';
import { judgeFeeds } from './judge-feeds.js';
import { defaultPoisonRules } from './rules.js';
import { footer, mails, stubModel } from './testing/mails.js';

const old = { isNew: false, feed: 'old' };
const PAST = [
  ...mails({ ...old, label: 'ham', seed: 1, count: 400, spamminess: 4 }),
  ...mails({ ...old, label: 'spam', seed: 2, count: 200, spamminess: 30 }),
];
const HELD_OUT = [
  ...mails({ ...old, label: 'ham', seed: 3, count: 100, spamminess: 4 }),
  ...mails({ ...old, label: 'spam', seed: 4, count: 60, spamminess: 30 }),
];
const HAM = mails({ feed: 'list', label: 'ham', seed: 5, count: 300, spamminess: 4 });
const SPAM = mails({ feed: 'trap', label: 'spam', seed: 6, count: 200, spamminess: 30 });
/** Innocent, and contradicted about as often as not; six publishers with boilerplate of their own. */
const NEWSLETTERS = mails({
  feed: 'news',
  label: 'ham',
  seed: 7,
  count: 120,
  spamminess: 17,
  footer: (i) => footer(100 + (i % 6), 50),
});
const poison = (feed: string, count: number, text: string): readonly ScanRow[] =>
  mails({ feed, label: 'ham', seed: 8, count, spamminess: 30, footer: () => text });

async function judge(
  rows: readonly ScanRow[],
  known: readonly string[] = [],
  heldOut = HELD_OUT,
): Promise<ReadonlyMap<string, FeedVerdict>> {
  const verdicts = await judgeFeeds({
    rows: [...PAST, ...rows],
    heldOut,
    classify: stubModel(known),
    rules: defaultPoisonRules(),
    seed: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  return new Map(verdicts.map((verdict) => [`${verdict.feed}/${verdict.label}`, verdict]));
}

const becauses = (verdicts: ReadonlyMap<string, FeedVerdict>): Record<string, string> =>
  Object.fromEntries([...verdicts].map(([key, { result }]) => [key, result.because]));

describe('judgeFeeds', () => {
  it('passes innocent feeds, newsletters that the model contradicts included', async () => {
    const verdicts = await judge([...HAM, ...SPAM, ...NEWSLETTERS]);
    expect(becauses(verdicts)).toEqual({
      'list/ham': 'in-keeping',
      'news/ham': 'not-cohesive',
      'trap/spam': 'in-keeping',
    });
    const news = verdicts.get('news/ham')!.contradicted;
    expect(news.k / news.n).toBeGreaterThan(0.3);
  });

  it.each([
    ['list', 12],
    ['news', 12],
    ['list', 90],
    ['news', 90],
  ])('names the feed %s with a planted footer of %i words, and lists its rows', async (feed, words) => {
    const planted = poison(feed, 20, footer(9, words));
    const verdicts = await judge([...HAM, ...SPAM, ...NEWSLETTERS, ...planted]);
    const failing = [...verdicts].filter(([, { result }]) => result.outcome !== 'pass').map(([key]) => key);
    expect(failing).toEqual([`${feed}/ham`]);
    const { review, shared } = verdicts.get(`${feed}/ham`)!;
    expect(new Set(review)).toEqual(new Set(planted.map(({ id }) => id)));
    expect(shared.every((name) => name.split(' ').every((word) => footer(9, words).includes(word)))).toBe(true);
  });

  it('proves nothing where all rows of a label are contradicted: poison and an unknown sender look alike', async () => {
    const verdicts = await judge([...HAM, ...SPAM, ...poison('trap', 30, footer(9, 12))]);
    expect(becauses(verdicts)).toMatchObject({ 'trap/ham': 'cohesive-and-unknown', 'trap/spam': 'in-keeping' });
    expect(verdicts.get('trap/ham')!.review).toHaveLength(30);
  });

  it('does not count one mail sent fifty times as a trigger', async () => {
    const [one] = poison('list', 1, '');
    const copies = Array.from({ length: 50 }, (_, i) => ({ ...one!, id: `copy-${i}` }));
    expect(becauses(await judge([...HAM, ...SPAM, ...copies]))['list/ham']).toBe('not-cohesive');
  });

  it('clears words that are why the model disagrees', async () => {
    const listFooter = footer(9, 12);
    const viaList = mails({
      feed: 'trap',
      label: 'spam',
      seed: 9,
      count: 40,
      spamminess: 30,
      footer: () => listFooter,
    });
    const rows = [...HAM, ...SPAM, ...viaList];
    expect(becauses(await judge(rows, listFooter.split(' ')))['trap/spam']).toBe('explained');
    expect(becauses(await judge(rows))['trap/spam']).toBe('in-keeping');
  });

  it('proves nothing when the carriers are too few to exceed what is expected', async () => {
    const heldOut = [...HELD_OUT, ...mails({ ...old, label: 'ham', seed: 10, count: 8, spamminess: 30 })];
    const verdicts = await judge([...HAM, ...SPAM, ...poison('list', 9, footer(9, 12))], [], heldOut);
    expect(verdicts.get('list/ham')!.result).toEqual({ outcome: 'inconclusive', because: 'cohesive-without-excess' });
    expect(verdicts.get('list/ham')!.review).toHaveLength(9);
  });

  it('says nothing about a feed of a few rows, or about a label that was hardly held out', async () => {
    const few = await judge([...HAM, ...SPAM.slice(0, 20)]);
    expect(becauses(few)['trap/spam']).toBe('too-few-rows');
    const unheld = await judge(
      [...HAM, ...SPAM],
      [],
      HELD_OUT.filter(({ label }) => label === 'ham'),
    );
    expect(becauses(unheld)['trap/spam']).toBe('too-few-held-out');
  });

  it('keeps long numbers out of what it shows', async () => {
    const verdicts = await judge([...HAM, ...SPAM, ...poison('list', 20, 'call 5551234567 tomorrowish gladlier')]);
    const { shared } = verdicts.get('list/ham')!;
    expect(shared).toContain('tomorrowish gladlier');
    expect(shared.join(' ')).not.toMatch(/\d{4}/);
  });

  it('answers the same every time', async () => {
    const rows = [...HAM, ...SPAM, ...NEWSLETTERS, ...poison('news', 20, footer(9, 12))];
    expect(await judge(rows)).toEqual(await judge(rows));
  });
});
