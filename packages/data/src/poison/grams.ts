// Rows as sets of words and of neighbouring word pairs. The attacker writes the rows and knows this code, so words are
// interned exactly: with hashed ids a trigger could be built that collides with a common word and hides behind it.
import { pause } from '@vallum/core';

export interface RowGrams {
  /** Ids of the different words, ascending. */
  readonly words: Uint32Array;
  /** Ids of the different words and pairs that enough rows have, words first. */
  readonly grams: Uint32Array;
}

export interface GramIndex {
  readonly rows: readonly RowGrams[];
  /** Number of ids: words first, then the pairs that enough rows have. */
  readonly size: number;
  /** Inverse document frequency of a word, natural logarithm, by id of the word. */
  readonly idf: Float64Array;
  /** The word or the two words of an id. */
  name(id: number): string;
}

const WORD = /[\p{L}\p{N}$!']{1,30}/gu;
const BATCH = 500;
/** Pair key: first * 2^26 + second stays an exact double for up to 2^26 words. */
const SHIFT = 2 ** 26;

/** Words of a text in order. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** The text without these words (lower case); everything else stays. */
export function without(text: string, words: ReadonlySet<string>): string {
  return text.replace(WORD, (word) => (words.has(word.toLowerCase()) ? ' ' : word));
}

/** @param minRows pairs in fewer rows get no id */
export async function indexGrams(texts: readonly string[], minRows: number, signal: AbortSignal): Promise<GramIndex> {
  const ids = new Map<string, number>();
  const vocabulary: string[] = [];
  const sequences: Uint32Array[] = [];
  for (const [index, text] of texts.entries()) {
    if (index % BATCH === 0) await pause(signal);
    sequences.push(Uint32Array.from(wordsOf(text), (word) => intern(word, ids, vocabulary)));
  }
  const wordSets = sequences.map(different);
  const frequency = new Uint32Array(vocabulary.length);
  for (const words of wordSets) for (const word of words) frequency[word] = (frequency[word] ?? 0) + 1;
  const pairSets: (readonly number[])[] = [];
  const pairRows = new Map<number, number>();
  for (const [index, sequence] of sequences.entries()) {
    if (index % BATCH === 0) await pause(signal);
    const pairs = pairsOf(sequence, frequency, minRows);
    for (const pair of pairs) pairRows.set(pair, (pairRows.get(pair) ?? 0) + 1);
    pairSets.push(pairs);
  }
  const pairIds = new Map<number, number>();
  const pairKeys: number[] = [];
  for (const [key, rows] of pairRows)
    if (rows >= minRows) {
      pairIds.set(key, vocabulary.length + pairKeys.length);
      pairKeys.push(key);
    }
  const rows = wordSets.map((words, i) => ({
    words,
    grams: Uint32Array.from([
      ...words.filter((word) => (frequency[word] ?? 0) >= minRows),
      ...(pairSets[i] ?? []).flatMap((key) => pairIds.get(key) ?? []),
    ]),
  }));
  return {
    rows,
    size: vocabulary.length + pairKeys.length,
    idf: Float64Array.from(frequency, (rows) => Math.log((texts.length + 1) / (rows + 1))),
    name: (id) => {
      const key = pairKeys[id - vocabulary.length];
      if (key === undefined) return vocabulary[id] ?? '';
      return `${vocabulary[Math.floor(key / SHIFT)] ?? ''} ${vocabulary[key % SHIFT] ?? ''}`;
    },
  };
}

function intern(word: string, ids: Map<string, number>, vocabulary: string[]): number {
  const known = ids.get(word);
  if (known !== undefined) return known;
  ids.set(word, vocabulary.length);
  return vocabulary.push(word) - 1;
}

function different(sequence: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set(sequence)).sort();
}

/** A pair that many rows have consists of words that many rows have: the others need no key. */
function pairsOf(sequence: Uint32Array, frequency: Uint32Array, minRows: number): readonly number[] {
  const keys = new Set<number>();
  let before = -1;
  for (const word of sequence) {
    const usual = (frequency[word] ?? 0) >= minRows;
    if (usual && before >= 0) keys.add(before * SHIFT + word);
    before = usual ? word : -1;
  }
  return [...keys];
}
