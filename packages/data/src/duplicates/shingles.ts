// A row as a set of 32-bit marks, so that the likeness of two rows is the share of marks that they have in common (Jaccard):
// the five-character pieces of a text (Broder 1997), or the cells of a row of numbers.
import type { Values } from '@vallum/formats';

export const PIECE = 5;
/** Of a longer text, these many characters count: copies begin alike. */
export const MAX_CHARACTERS = 4000;

/** Small letters, one blank between words; what is left when a copy was only laid out anew. */
export function normalText(text: string): string {
  // Cut before anything is replaced: the text may be megabytes of blanks.
  return text
    .slice(0, MAX_CHARACTERS * 2)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS);
}

/** Sorted, each once; none for a text that is shorter than a piece. */
export function textMarks(text: string): Uint32Array {
  const normal = normalText(text);
  const count = normal.length - PIECE + 1;
  if (count < 1) return new Uint32Array();
  const marks = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) {
    let mark = 0x811c9dc5;
    for (let next = 0; next < PIECE; next += 1) mark = Math.imul(mark ^ normal.charCodeAt(at + next), 0x01000193);
    marks[at] = mixed(mark);
  }
  return distinct(marks);
}

/** Numbers in steps of this many standard deviations are one cell: a copy with a little noise keeps most of its cells. */
const STEP = 0.25;

export interface NumberColumn {
  readonly index: number;
  readonly deviation: number;
  /** Its least value. */
  readonly min: number;
}

/**
 * One mark a cell that says something: not where the value is missing or the least of its column, which in sparse data (images,
 * counts, one column a category) is the background that all rows have in common.
 */
export function cellMarks(columns: readonly NumberColumn[], batch: readonly Values[], row: number): Uint32Array {
  const marks = new Uint32Array(columns.length);
  let size = 0;
  for (const [at, { index, deviation, min }] of columns.entries()) {
    const values = batch[index];
    if (values === undefined || values.type === 'text' || values.missing?.[row] === 1) continue;
    const value = values.values[row] ?? min;
    if (value === min) continue;
    const cell = Math.round(value / (STEP * deviation)) | 0;
    marks[size] = mixed(Math.imul(cell, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b));
    size += 1;
  }
  return distinct(marks.subarray(0, size));
}

function distinct(marks: Uint32Array): Uint32Array {
  marks.sort();
  let size = 0;
  for (const [at, mark] of marks.entries()) if (at === 0 || mark !== marks[size - 1]) marks[size++] = mark;
  return marks.slice(0, size);
}

/** Finaliser of MurmurHash3 (Appleby, public domain): every bit in decides every bit out. */
export function mixed(value: number): number {
  let mark = value ^ (value >>> 16);
  mark = Math.imul(mark, 0x85ebca6b);
  mark = Math.imul(mark ^ (mark >>> 13), 0xc2b2ae35);
  return (mark ^ (mark >>> 16)) >>> 0;
}

/** Share of marks that two sorted sets have in common. */
export function likeness(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [left, right] = [a[i] ?? 0, b[j] ?? 0];
    if (left === right) shared += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
}
