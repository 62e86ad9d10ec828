// Rows whose label looks wrong: naive Bayes over hashed words, each row judged by a model trained on the other folds.
// It finds careless labels (reference: out-of-fold confidence, AUC 0.99 on label noise) and says nothing about poisoning:
// on backdoors the same signal ranks the wrong way round (AUC 0.27). It is therefore a remark here and never called more.
import { pause } from '@vallum/core';
import type { Flagged, PlacedRow } from './flagged.js';
import { textOf } from './flagged.js';

const BITS = 16;
const SIZE = 1 << BITS;
const WORD = /[\p{L}\p{N}$!']{2,24}/gu;
const BATCH = 100;

interface Counts {
  /** Rows that hold the word, by hash. */
  readonly words: Uint32Array;
  rows: number;
}

/**
 * Rows that the other folds would label differently, the clearest first.
 * @param folds at least 2; rows are dealt to folds in turn
 */
export async function findLabelNoise(
  rows: readonly PlacedRow[],
  labels: readonly string[],
  folds: number,
  signal: AbortSignal,
): Promise<readonly Flagged[]> {
  const known = rows.filter(({ row }) => labels.includes(row.label));
  const hashed: Uint32Array[] = [];
  const table = Array.from({ length: folds }, () => labels.map(emptyCounts));
  for (const [index, { row }] of known.entries()) {
    if (index % BATCH === 0) await pause(signal);
    const words = hashWords(textOf(row));
    hashed.push(words);
    add(table[index % folds]?.[labels.indexOf(row.label)], words);
  }
  const doubtful: (Flagged & { readonly margin: number })[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const others = labels.map((_, label) => sum(table.flatMap((row, at) => (at === fold ? [] : (row[label] ?? [])))));
    const total = others.reduce((all, counts) => all + counts.rows, 0);
    for (let index = fold; index < known.length; index += folds) {
      if (Math.floor(index / folds) % BATCH === 0) await pause(signal);
      const placedRow = known[index];
      const words = hashed[index];
      if (placedRow === undefined || words === undefined) continue;
      const scores = others.map((counts) => logLikelihood(counts, words, total));
      const best = scores.indexOf(Math.max(...scores));
      const given = labels.indexOf(placedRow.row.label);
      if (best === given) continue;
      const margin = (scores[best] ?? 0) - (scores[given] ?? 0);
      doubtful.push({ ...placedRow, margin, why: `labelled ${placedRow.row.label}, reads like ${labels[best] ?? ''}` });
    }
  }
  return doubtful.sort((a, b) => b.margin - a.margin);
}

function emptyCounts(): Counts {
  return { words: new Uint32Array(SIZE), rows: 0 };
}

function add(counts: Counts | undefined, words: Uint32Array): void {
  if (counts === undefined) return;
  counts.rows += 1;
  for (const word of words) counts.words[word] = (counts.words[word] ?? 0) + 1;
}

function sum(parts: readonly Counts[]): Counts {
  const total = emptyCounts();
  for (const { words, rows } of parts) {
    total.rows += rows;
    for (let index = 0; index < SIZE; index += 1) total.words[index] = (total.words[index] ?? 0) + (words[index] ?? 0);
  }
  return total;
}

/**
 * Only words that are there count: in mail absence says little. Every word is taken as seen once more, shared between
 * the labels by their size; with one whole row each, words that nobody saw would all speak for the smaller label.
 */
function logLikelihood({ words, rows }: Counts, present: Uint32Array, total: number): number {
  if (rows === 0) return Number.NEGATIVE_INFINITY;
  let score = Math.log(rows);
  for (const word of present) score += Math.log(((words[word] ?? 0) + rows / total) / (rows + 1));
  return score;
}

/** Distinct words as FNV-1a hashes of 16 bits. */
function hashWords(text: string): Uint32Array {
  const hashes = new Set<number>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
    hashes.add((hash >>> 0) & (SIZE - 1));
  }
  return Uint32Array.from(hashes);
}
