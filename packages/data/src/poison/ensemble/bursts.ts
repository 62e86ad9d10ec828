// Copies of one row, exact or nearly so: the cheapest way to a large share. SimHash (Charikar, STOC 2002) over shingles of
// words, 64 bits in two halves; candidates share one of four 16-bit quarters, so copies that differ in up to three bits are
// all found (pigeonhole) and the number of bits is checked exactly. Rows that an attacker rewrites more than that are not.
import { rowsBy } from './row-sets.js';
import type { EnsembleRules } from './rules.js';

const WORD = /[\p{L}\p{N}]{1,30}/gu;
/** Characters of a row that are hashed. */
const MAX_TEXT = 100_000;
/** Rows that share a quarter of the hash and are compared with one another; beyond, only their exact hash counts. */
const MAX_BUCKET = 400;

/** Sets of rows that are copies of one another, the largest first; rows with fewer words than a shingle are left out. */
export function copySets(
  texts: readonly string[],
  { shingle, nearBits, minCarriers }: EnsembleRules,
): readonly (readonly number[])[] {
  const hashes = texts.map((text) => simHash(text, shingle));
  const parent = Uint32Array.from(texts, (_, row) => row);
  const rootOf = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const join = (rows: readonly number[], alike: (a: number, b: number) => boolean): void => {
    for (const [i, a] of rows.entries())
      for (const b of rows.slice(i + 1)) if (rootOf(a) !== rootOf(b) && alike(a, b)) parent[rootOf(b)] = rootOf(a);
  };
  for (const rows of rowsBy(texts.length, (row) => hashes[row]?.join(' ')).values())
    for (const row of rows) parent[row] = rows[0] as number;
  for (let quarter = 0; quarter < 4; quarter += 1)
    for (const rows of rowsBy(texts.length, (row) => quarterOf(hashes[row], quarter)).values()) {
      const heads = rows.filter((row) => parent[row] === row);
      if (heads.length <= MAX_BUCKET) join(heads, (a, b) => bitsApart(hashes[a], hashes[b]) <= nearBits);
    }
  return [...rowsBy(texts.length, (row) => (hashes[row] === undefined ? undefined : rootOf(row))).values()]
    .filter((rows) => rows.length >= minCarriers)
    .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

type Hash = readonly [number, number];

export function simHash(text: string, shingle: number): Hash | undefined {
  const words = text.slice(0, MAX_TEXT).toLowerCase().match(WORD) ?? [];
  if (words.length < shingle) return undefined;
  const weights = new Int32Array(64);
  for (let i = 0; i + shingle <= words.length; i += 1) {
    const part = words.slice(i, i + shingle).join(' ');
    for (const [half, seed] of [0x811c9dc5, 0x9747b28c].entries()) {
      const hash = mixed(part, seed);
      for (let bit = 0; bit < 32; bit += 1) {
        const at = half * 32 + bit;
        weights[at] = (weights[at] as number) + ((hash >>> bit) & 1 ? 1 : -1);
      }
    }
  }
  return [packed(weights, 0), packed(weights, 32)];
}

function packed(weights: Int32Array, from: number): number {
  let bits = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((weights[from + bit] as number) > 0) bits |= 1 << bit;
  return bits >>> 0;
}

/** FNV-1a, then the finaliser of MurmurHash3, for FNV's high bits mix badly on short texts. */
function mixed(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function quarterOf(hash: Hash | undefined, quarter: number): number | undefined {
  if (hash === undefined) return undefined;
  return ((hash[quarter >> 1] as number) >>> (16 * (quarter & 1))) & 0xffff;
}

function bitsApart(a: Hash | undefined, b: Hash | undefined): number {
  if (a === undefined || b === undefined) return 64;
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

function ones(value: number): number {
  let bits = 0;
  for (let left = value; left !== 0; left &= left - 1) bits += 1;
  return bits;
}
