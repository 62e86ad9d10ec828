// Compares two tables whose rows have no name: as multisets of contents. Rows that are equal apart from the label are paired
// first with their equals; what is left over on both sides is relabelled, and only then added or removed. Exact, a part of
// all contents at a time, so that memory does not grow with the tables.
import { DigestMap, inPass } from '../tables/digest-map.js';
import type { Row, Walk } from './sides.js';
import { walkRows } from './sides.js';
import type { Tally } from './tally.js';
import { SEVERAL } from './tally.js';

export async function compareByContent(before: Walk, after: Walk, tally: Tally, passes: number): Promise<void> {
  for (let pass = 0; pass < passes; pass += 1) await onePass(before, after, tally, pass, passes);
}

async function onePass(before: Walk, after: Walk, tally: Tally, pass: number, passes: number): Promise<void> {
  /** Old rows of a content that were not met yet in the new version; the row of an entry is their label. */
  const contents = new DigestMap();
  /** The same of a content with its label. */
  const labelled = new DigestMap();
  /** New rows that were met, to be left out when the rest is told apart. */
  const met = new DigestMap();
  const full = new Uint32Array(4);
  const part = (work: (row: Row) => void) => (row: Row) => {
    if (!inPass(row.key, pass, passes)) return;
    full.set(row.key);
    // The label has a number of its own, so that adding it keeps different pairs apart but for one in 2^96.
    full[0] = (full[0] ?? 0) ^ Math.imul(row.label + 1, 0x9e3779b1);
    work(row);
  };
  const doing = passes === 1 ? '' : ` (part ${pass + 1} of ${passes})`;
  await walkRows(
    before,
    part((row) => {
      tally.seen('old', row);
      const { slot, isNew } = contents.enter(row.key, row.label, 1);
      if (!isNew) {
        contents.mark(slot, contents.markAt(slot) + 1);
        if (contents.rowAt(slot) !== row.label) contents.setRow(slot, MANY_LABELS);
      }
      count(labelled, full, 1);
    }),
    `reading the old version${doing}`,
  );
  await walkRows(
    after,
    part((row) => {
      tally.seen('new', row);
      if (!take(labelled, full)) return;
      take(contents, row.key);
      count(met, full, 1);
      tally.add('same', row);
    }),
    `reading the new version${doing}`,
  );
  await walkRows(
    after,
    part((row) => {
      if (take(met, full)) return;
      const slot = contents.find(row.key);
      if (slot < 0 || contents.markAt(slot) === 0) {
        tally.add('added', row);
        return;
      }
      contents.mark(slot, contents.markAt(slot) - 1);
      tally.add('relabelled', row);
      const from = contents.rowAt(slot);
      tally.relabel(from === MANY_LABELS ? SEVERAL : from, row);
    }),
    `telling new rows apart${doing}`,
  );
  await walkRows(
    before,
    part((row) => {
      if (take(contents, row.key)) tally.add('removed', row);
    }),
    `looking for removed rows${doing}`,
  );
}

/** A label number that none has. */
const MANY_LABELS = 2 ** 40;

function count(map: DigestMap, digest: Uint32Array, by: number): void {
  const { slot, isNew } = map.enter(digest, 0, by);
  if (!isNew) map.mark(slot, map.markAt(slot) + by);
}

/** Takes one of them away; false where none is left. */
function take(map: DigestMap, digest: Uint32Array): boolean {
  const slot = map.find(digest);
  const left = slot < 0 ? 0 : map.markAt(slot);
  if (left > 0) map.mark(slot, left - 1);
  return left > 0;
}
