// Good-word evasion (Lowd and Meek, CEAS 2005; MITRE ATLAS AML.T0015): a spammer who can only ask the filter appends words
// that its ham is full of. Words are ranked once, on the caught mails that are easiest to tip; then each caught mail gets
// the best words one by one, and keeps those that lower its score.
import { shuffle } from '@vallum/stats';
import type { TextFields } from './features.js';

export interface LabelledRow extends TextFields {
  readonly id: string;
  readonly label: string;
}

/** Probability of the positive label for each row. */
export type Predict = (rows: readonly TextFields[]) => Promise<readonly number[]>;

export interface AttackOptions {
  readonly predict: Predict;
  /** At or above it the mail is caught. */
  readonly threshold: number;
  /** Mails that the model catches now. */
  readonly targets: readonly LabelledRow[];
  /** Mails that the model lets through: where the words come from. */
  readonly sources: readonly TextFields[];
  /** Most words that may be appended. */
  readonly words: number;
  /** Words tried out, the most frequent of the sources. */
  readonly candidates: number;
  /** Caught mails on which each word is tried. */
  readonly probes: number;
  readonly random: () => number;
}

export interface AttackedMail {
  readonly id: string;
  /** Smallest number of words with which it passed; undefined when it was caught with all of them. */
  readonly wordsNeeded: number | undefined;
  readonly appended: readonly string[];
}

export interface Attack {
  readonly mails: readonly AttackedMail[];
  /** Best first. */
  readonly ranking: readonly string[];
  /** Mean log-odds of the targets with 0, 1, ... words appended. */
  readonly meanScore: readonly number[];
}

export function append(row: TextFields, words: readonly string[]): TextFields {
  return { subject: row.subject, body: `${row.body}\n${words.join(' ')}` };
}

/** Words tried on a mail for each word that it may keep: some share a hash bucket with one that is there already. */
const TURNS_PER_WORD = 4;
/** Log-odds at which a float32 probability is 1. */
const SATURATED = 16;
const WORD = /[a-z][a-z']{2,19}/g;

/** Words of the sources by the number of mails that use them; ties in alphabetical order. */
export function frequentWords(sources: readonly TextFields[], limit: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of sources)
    for (const word of new Set(textOf(row).match(WORD) ?? [])) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([word]) => word);
}

export async function goodWordAttack(options: AttackOptions): Promise<Attack> {
  const { predict, targets, threshold, words } = options;
  const before = await predict(targets);
  const candidates = shuffle(frequentWords(options.sources, options.candidates), options.random);
  const ranking = await rank(options, before, candidates);
  const mails = targets.map((row, i) => new Attempt(row, before[i] ?? 1));
  for (let turn = 0; turn < Math.min(ranking.length, words * TURNS_PER_WORD); turn += 1) {
    const word = ranking[turn] ?? '';
    const open = mails.filter((mail) => mail.kept.length < words && !mail.contains(word));
    const after = await predict(open.map((mail) => append(mail.row, [...mail.kept, word])));
    open.forEach((mail, i) => mail.answer(word, after[i] ?? 1));
  }
  return {
    ranking,
    mails: mails.map((mail) => mail.result(threshold)),
    meanScore: Array.from({ length: words + 1 }, (_, budget) => mean(mails.map((mail) => mail.scoreAt(budget)))),
  };
}

/** One mail under attack: a word that does not lower its score is taken back, and costs a query but no place. */
class Attempt {
  readonly row: LabelledRow;
  readonly kept: string[] = [];
  readonly #text: string;
  /** With 0, 1, ... words kept. */
  readonly #answers: number[];

  constructor(row: LabelledRow, before: number) {
    this.row = row;
    this.#text = textOf(row);
    this.#answers = [before];
  }

  contains(word: string): boolean {
    return this.#text.includes(word);
  }

  answer(word: string, probability: number): void {
    const last = logOdds(this.#answers.at(-1) ?? 1);
    // While the answer is saturated nothing can be seen, so the word is kept in good faith.
    if (logOdds(probability) >= last && last < SATURATED) return;
    this.kept.push(word);
    this.#answers.push(probability);
  }

  scoreAt(words: number): number {
    return logOdds(this.#answers[Math.min(words, this.kept.length)] ?? 1);
  }

  result(threshold: number): AttackedMail {
    const needed = this.#answers.findIndex((probability) => probability < threshold);
    const wordsNeeded = needed === -1 ? undefined : needed;
    return { id: this.row.id, wordsNeeded, appended: this.kept.slice(0, wordsNeeded) };
  }
}

/** Candidates that lower the score of the probes that lack them, by how much they do so. */
async function rank(
  options: AttackOptions,
  before: readonly number[],
  candidates: readonly string[],
): Promise<readonly string[]> {
  // The mails nearest to the threshold: far above it the probability saturates and tells nothing.
  const probes = options.targets
    .map((row, i) => ({ row, text: textOf(row), score: logOdds(before[i] ?? 1) }))
    .sort((a, b) => a.score - b.score)
    .slice(0, options.probes);
  const trials = candidates.flatMap((word) =>
    probes
      .filter(({ text }) => !text.includes(word))
      .map(({ row, score }) => ({ word, score, tried: append(row, [word]) })),
  );
  const after = await options.predict(trials.map(({ tried }) => tried));
  const drops = new Map<string, number[]>();
  trials.forEach(({ word, score }, i) => {
    const drop = score - logOdds(after[i] ?? 1);
    const known = drops.get(word);
    if (known === undefined) drops.set(word, [drop]);
    else known.push(drop);
  });
  return [...drops]
    .map(([word, values]) => ({ word, drop: mean(values) }))
    .filter(({ drop }) => drop > 0)
    .sort((a, b) => b.drop - a.drop)
    .map(({ word }) => word);
}

function textOf(row: TextFields): string {
  return `${row.subject}\n${row.body}`.toLowerCase();
}

/** Log-odds, held finite: a float32 probability rounds to 0 or 1 beyond about 17. */
export function logOdds(probability: number): number {
  const held = Math.min(1 - 1e-9, Math.max(1e-9, probability));
  return Math.log(held / (1 - held));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
