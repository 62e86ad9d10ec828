// Free text as a few numbers a row, so that it can be compared like other columns: how long, of what kind of characters, in what
// writing, and how usual its words are among the texts of both samples together (together, so that neither side has an advantage).
// Texts are hostile: of each only the first 4,096 characters are looked at, and words are only counted.
import type { TextColumn } from './sample.js';

const LOOKED_AT = 4_096;
const MOST_WORDS = 400;
const VOCABULARY = 1 << 18;
const WORD = /[\p{L}\p{N}]+/gu;

/** Numbers by row of one side; NaN where the text is missing, or has nothing that the figure could be about. */
export interface TextFeatures {
  /** Code points. */
  readonly length: Float64Array;
  readonly digits: Float64Array;
  readonly capitals: Float64Array;
  /** Characters that are neither letter, digit nor space. */
  readonly symbols: Float64Array;
  /** Characters outside ASCII, zero-width and control characters included. */
  readonly foreign: Float64Array;
  /** Mean over words of -ln(share of texts that have the word): low is usual. */
  readonly rarity: Float64Array;
}

export type TextFeature = keyof TextFeatures;

interface Figures {
  readonly length: number;
  readonly digits: number;
  readonly capitals: number;
  readonly symbols: number;
  readonly foreign: number;
  readonly words: Int32Array;
}

/** Whether a column holds texts rather than categories: most of its values are seen once or twice. */
export function isFreeText(reference: TextColumn, current: TextColumn): boolean {
  const distinct = new Set([...reference.levels, ...current.levels]).size;
  let present = 0;
  for (const { codes } of [reference, current]) for (const code of codes) if (code >= 0) present += 1;
  return distinct > 20 && distinct > present / 2;
}

export function textFeatures(
  reference: TextColumn,
  current: TextColumn,
): { readonly reference: TextFeatures; readonly current: TextFeatures } {
  const texts = new Float64Array(VOCABULARY);
  const read = (column: TextColumn): readonly Figures[] => column.levels.map(figuresOf);
  const sides = [reference, current].map((column) => ({ column, figures: read(column) }));
  let rows = 0;
  for (const { column, figures } of sides)
    for (const code of column.codes) {
      if (code < 0) continue;
      rows += 1;
      for (const word of figures[code]!.words) texts[word] = (texts[word] as number) + 1;
    }
  const rarityOf = ({ words }: Figures): number => {
    let sum = 0;
    for (const word of words) sum -= Math.log((texts[word] as number) / rows);
    return words.length === 0 ? NaN : sum / words.length;
  };
  const [first, second] = sides.map(({ column, figures }) => {
    const rarity = figures.map(rarityOf);
    const byRow = (of: (code: number) => number): Float64Array =>
      Float64Array.from(column.codes, (code) => (code < 0 ? NaN : of(code)));
    return {
      length: byRow((code) => figures[code]!.length),
      digits: byRow((code) => figures[code]!.digits),
      capitals: byRow((code) => figures[code]!.capitals),
      symbols: byRow((code) => figures[code]!.symbols),
      foreign: byRow((code) => figures[code]!.foreign),
      rarity: byRow((code) => rarity[code] as number),
    };
  });
  return { reference: first as TextFeatures, current: second as TextFeatures };
}

function figuresOf(text: string): Figures {
  const head = text.slice(0, LOOKED_AT);
  let digits = 0;
  let capitals = 0;
  let symbols = 0;
  let foreign = 0;
  let all = 0;
  for (const character of head) {
    all += 1;
    const code = character.codePointAt(0) as number;
    if (code > 126 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) foreign += 1;
    if (code >= 48 && code <= 57) digits += 1;
    else if (character.toLowerCase() !== character) capitals += 1;
    else if (code < 127 && code > 32 && !(code >= 97 && code <= 122)) symbols += 1;
  }
  const share = (count: number): number => (all === 0 ? NaN : count / all);
  // The whole length, in UTF-16 units beyond what was looked at.
  const length = all + (text.length - head.length);
  return {
    length,
    digits: share(digits),
    capitals: share(capitals),
    symbols: share(symbols),
    foreign: share(foreign),
    words: wordsOf(head),
  };
}

/** Distinct words as places in a table of fixed size: memory does not grow with the vocabulary (FNV-1a). */
function wordsOf(text: string): Int32Array {
  const found = new Set<number>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    let hash = 0x811c9dc5;
    for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
    found.add((hash >>> 0) % VOCABULARY);
    if (found.size === MOST_WORDS) break;
  }
  return Int32Array.from(found);
}
