// Compares two tables whose rows have a name: same name, same row. Exact, a part of all names at a time.
import { DigestMap, inPass } from '../tables/digest-map.js';
import type { Row, Walk } from './sides.js';
import { walkRows } from './sides.js';
import type { Tally } from './tally.js';

const AMBIGUOUS = 1;
const MET = 2;

export interface Ambiguous {
  old: number;
  new: number;
}

/** @param changedRow told of each changed key, to look at its columns later */
export async function compareByKey(
  before: Walk,
  after: Walk,
  tally: Tally,
  passes: number,
  changedKey: (key: Uint32Array) => void,
): Promise<Ambiguous> {
  const ambiguous = { old: 0, new: 0 };
  for (let pass = 0; pass < passes; pass += 1)
    await onePass(before, after, tally, { pass, passes, ambiguous, changedKey });
  return ambiguous;
}

interface Part {
  readonly pass: number;
  readonly passes: number;
  readonly ambiguous: Ambiguous;
  readonly changedKey: (key: Uint32Array) => void;
}

async function onePass(
  before: Walk,
  after: Walk,
  tally: Tally,
  { pass, passes, ambiguous, changedKey }: Part,
): Promise<void> {
  const keys = new DigestMap();
  /** By entry: content and label of the old row. */
  const contents = new Words(4);
  const labels = new Words(1);
  const part = (work: (row: Row) => void) => (row: Row) => {
    if (inPass(row.key, pass, passes)) work(row);
  };
  const doing = passes === 1 ? '' : ` (part ${pass + 1} of ${passes})`;
  await walkRows(
    before,
    part((row) => {
      tally.seen('old', row);
      const { slot, isNew } = keys.enter(row.key, keys.size);
      if (isNew) {
        contents.push(row.content);
        labels.push([row.label]);
      } else keys.mark(slot, AMBIGUOUS);
    }),
    `reading the old version${doing}`,
  );
  // Keys that stand twice in the new version have to be known before one of them is paired.
  const ofNew = new DigestMap();
  await walkRows(
    after,
    part((row) => {
      tally.seen('new', row);
      const { slot, isNew } = ofNew.enter(row.key, 0);
      if (!isNew) ofNew.mark(slot, AMBIGUOUS);
    }),
    `reading the new version${doing}`,
  );
  await walkRows(
    after,
    part((row) => {
      const slot = keys.find(row.key);
      const twice = ofNew.markAt(ofNew.find(row.key)) === AMBIGUOUS;
      if (twice || (slot >= 0 && keys.markAt(slot) === AMBIGUOUS)) {
        ambiguous.new += 1;
        if (slot >= 0) keys.mark(slot, AMBIGUOUS);
        return;
      }
      if (slot < 0) {
        tally.add('added', row);
        return;
      }
      keys.mark(slot, MET);
      const entry = keys.rowAt(slot);
      const isChanged = !contents.equal(entry, row.content);
      const from = labels.at(entry);
      if (isChanged) {
        tally.add('changed', row);
        changedKey(row.key);
      }
      if (from !== row.label) {
        tally.add('relabelled', row);
        tally.relabel(from, row);
      }
      if (!isChanged && from === row.label) tally.add('same', row);
    }),
    `comparing rows${doing}`,
  );
  await walkRows(
    before,
    part((row) => {
      const mark = keys.markAt(keys.find(row.key));
      if (mark === AMBIGUOUS) ambiguous.old += 1;
      else if (mark !== MET) tally.add('removed', row);
    }),
    `looking for removed rows${doing}`,
  );
}

/** A growing list of a few 32-bit words each. */
export class Words {
  readonly #width: number;
  #words: Uint32Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#words = new Uint32Array(1024 * width);
  }

  push(words: ArrayLike<number>): void {
    if ((this.#size + 1) * this.#width > this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(words, this.#size * this.#width);
    this.#size += 1;
  }

  at(entry: number, word = 0): number {
    return this.#words[entry * this.#width + word] ?? 0;
  }

  equal(entry: number, words: Uint32Array): boolean {
    for (let word = 0; word < this.#width; word += 1) if (this.at(entry, word) !== words[word]) return false;
    return true;
  }
}
