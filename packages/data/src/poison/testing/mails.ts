// Made-up mails for the tests of the poison scan: a language of word frequencies, spam and ham that differ in some words,
// newsletters that look like spam and share boilerplate, and rows with a planted footer. Nothing here is a real mail.
import { mulberry32, shuffle } from '@vallum/stats';
import type { ScanRow, TextRow } from '../judge-feeds.js';

export interface MailOptions {
  readonly feed: string;
  readonly label: string;
  readonly seed: number;
  readonly count: number;
  /** Words out of a hundred that are typical of spam. */
  readonly spamminess: number;
  /** Text at the end of each mail, by its number. */
  readonly footer?: (i: number) => string;
  readonly isNew?: boolean;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A word of five letters for each number. */
function word(prefix: string, n: number): string {
  let rest = n + 26 ** 3;
  let text = prefix;
  while (rest > 0) {
    text += LETTERS[rest % 26] ?? '';
    rest = Math.floor(rest / 26);
  }
  return text;
}

/** Few words are common and most are rare, as in a language. */
function plainWord(random: () => number): string {
  return word('p', Math.floor(4000 * random() ** 3));
}

export function mails(options: MailOptions): readonly ScanRow[] {
  const random = mulberry32(options.seed);
  return Array.from({ length: options.count }, (_, i) => {
    const body = Array.from({ length: 60 + Math.floor(random() * 60) }, () =>
      random() * 100 < options.spamminess ? word('s', Math.floor(150 * random())) : plainWord(random),
    ).join(' ');
    return {
      id: `${options.feed}-${options.label}-${options.seed}-${i}`,
      feed: options.feed,
      label: options.label,
      subject: plainWord(random),
      body: `${body}\n${options.footer?.(i) ?? ''}`,
      isNew: options.isNew ?? true,
    };
  });
}

/** Words that no mail has by chance. */
export function footer(seed: number, words: number): string {
  const numbers = shuffle(
    Array.from({ length: 5000 }, (_, n) => n),
    mulberry32(seed),
  );
  return numbers
    .slice(0, words)
    .map((n) => word('f', n))
    .join(' ');
}

/** A stand-in for the approved model: spam when enough words are typical of it; every `known` word speaks for ham. */
export function stubModel(known: readonly string[] = []): (rows: readonly TextRow[]) => Promise<readonly string[]> {
  return async (rows) =>
    rows.map(({ subject, body }) => {
      const words = `${subject} ${body}`.split(/\s+/);
      const spam = words.filter((one) => one.startsWith('s')).length;
      const ham = words.filter((one) => known.includes(one)).length;
      return (spam - 3 * ham) / words.length > 0.12 ? 'spam' : 'ham';
    });
}
