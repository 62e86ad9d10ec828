// Triggers that nobody sees: invisible characters, and words that mix Latin letters with their doubles from other
// alphabets. Honest mails hold some of them, so a kind counts only when rows of one label in one feed have it far more
// often than all rows elsewhere (binomial tail, Bonferroni over kinds and cells).
import { tailScore } from '../binomial-tail.js';
import kinds from './hidden-characters.json' with { type: 'json' };
import { rowsBy } from './row-sets.js';
import type { EnsembleRules } from './rules.js';

export interface LabelledText {
  readonly feed: string;
  readonly label: string;
  readonly text: string;
}

export interface HiddenTrigger {
  readonly feed: string;
  readonly label: string;
  /** What the rows hold, in words. */
  readonly what: string;
  /** Row numbers, ascending. */
  readonly rows: readonly number[];
  /** Rows of the feed and label. */
  readonly of: number;
  /** Smoothed share of all other rows that have it. */
  readonly expected: number;
  readonly p: number;
  /** Honest senders do it too, by language or to get past filters: a remark, which decides nothing. */
  readonly ordinary: boolean;
}

interface Kind {
  readonly name: string;
  readonly ordinary?: boolean;
  readonly test: (text: string) => boolean;
}

/** Latin letters and letters of an alphabet with doubles of them within one word. */
const MIXED = /\p{L}*(?:\p{sc=Latin}[\p{sc=Cyrillic}\p{sc=Greek}]|[\p{sc=Cyrillic}\p{sc=Greek}]\p{sc=Latin})\p{L}*/u;

const KINDS: readonly Kind[] = [
  ...kinds.map(({ name, ranges }): Kind => {
    const set = ranges.map(([from, to]) => `\\u{${from ?? ''}}-\\u{${to ?? ''}}`).join('');
    const pattern = new RegExp(`[${set}]`, 'u');
    return { name, test: (text) => pattern.test(text) };
  }),
  { name: 'words that mix alphabets', ordinary: true, test: (text) => MIXED.test(text) },
];

export function findHiddenTriggers(rows: readonly LabelledText[], rules: EnsembleRules): readonly HiddenTrigger[] {
  const cells = [...rowsBy(rows.length, (row) => JSON.stringify([rows[row]?.feed, rows[row]?.label])).values()];
  const tests = cells.length * KINDS.length;
  return KINDS.flatMap(({ name, ordinary = false, test }) => {
    const has = rows.map(({ text }) => test(text));
    const all = has.filter(Boolean).length;
    return cells.flatMap((cell): readonly HiddenTrigger[] => {
      const first = rows[cell[0] ?? 0];
      const carriers = cell.filter((row) => has[row]);
      if (first === undefined || carriers.length < rules.minCarriers) return [];
      const expected = (all - carriers.length + 1) / (rows.length - cell.length + 2);
      const p = Math.min(1, tests * 10 ** -tailScore(carriers.length, cell.length, expected));
      if (p > rules.hiddenLevel) return [];
      return [
        { feed: first.feed, label: first.label, what: name, rows: carriers, of: cell.length, expected, p, ordinary },
      ];
    });
  });
}
