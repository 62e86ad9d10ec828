// Repeated rows of one table, and of one table in another: exact, with constant memory. The content of a row is what it says
// apart from its label, its id and its source; repeated with another label it is a contradiction.
import { pause } from '@vallum/core';
import type { Column, Table, Values } from '@vallum/formats';
import { cellAt, textOf } from '../tables/cells.js';
import { isMissingInCommon, typesOf } from '../tables/common-cell.js';
import { DigestMap, inPass, passesFor } from '../tables/digest-map.js';
import { Broken } from '../tables/finding.js';
import { RowDigester } from '../tables/row-digest.js';
import type { PassOptions } from '../rules/unique.js';

/** A column with more values is no label. */
const MAX_LABELS = 100_000;

export interface Repeated {
  /** Rows whose content was there before. */
  readonly rows: Broken;
  /** Of these, the ones with another label than the first of them; undefined for a label with too many values to be one. */
  readonly conflicts: Broken | undefined;
  /** Depends on every row: a seed that nobody could know who wrote only some of them. */
  readonly seed: number;
}

/** @param content names of the columns that say what the row is @param label its name, where there is one */
export async function findRepeatedContent(
  table: Table,
  rows: number,
  { content, label }: { readonly content: readonly string[]; readonly label: string | undefined },
  { signal, entries }: PassOptions = {},
): Promise<Repeated> {
  const names = label === undefined ? content : [...content, label];
  const digester = digesterFor(table.columns, content);
  const digest = new Uint32Array(4);
  const type = table.columns.find(({ name }) => name === label)?.type ?? 'text';
  const repeated = new Broken();
  const conflicts = new Broken();
  const labelNumbers = new Map<string, number>();
  let seed = 0;
  const passes = passesFor(rows, entries);
  for (let pass = 0; pass < passes; pass += 1) {
    const seen = new DigestMap();
    for await (const batch of table.batches({ columns: names, ...(signal === undefined ? {} : { signal }) })) {
      await pause(signal);
      digester.start(batch);
      const labels = label === undefined ? undefined : batch.columns[content.length];
      for (let row = 0; row < batch.rows; row += 1) {
        digester.digest(row, digest);
        if (pass === 0) seed = (seed + (digest[1] ?? 0)) | 0;
        if (!inPass(digest, pass, passes)) continue;
        const mark = labels === undefined ? 0 : labelNumber(labels, row, type, labelNumbers);
        const { slot, isNew } = seen.enter(digest, batch.start + row, mark);
        if (isNew) continue;
        repeated.add(batch.start + row, () => `row ${seen.rowAt(slot) + 1} again`);
        if (mark !== seen.markAt(slot))
          conflicts.add(batch.start + row, () => `row ${seen.rowAt(slot) + 1} with another label`);
      }
    }
  }
  return { rows: repeated, conflicts: labelNumbers.size > MAX_LABELS ? undefined : conflicts, seed };
}

/** Rows of `test` whose content stands in `train` too. */
export async function findShared(
  train: Table,
  test: Table,
  testRows: number,
  content: readonly string[],
  { signal, entries }: PassOptions = {},
): Promise<Broken> {
  const broken = new Broken();
  const digest = new Uint32Array(4);
  const passes = passesFor(testRows, entries);
  const [ofTrain, ofTest] = [
    digesterFor(train.columns, content, test.columns),
    digesterFor(test.columns, content, train.columns),
  ];
  const [trainTypes, testTypes] = [typesOf(train.columns), typesOf(test.columns)];
  const kinds = content.map((name) => ({ type: testTypes.get(name) ?? 'text', other: trainTypes.get(name) }));
  const saysNothing = (columns: readonly Values[], row: number): boolean =>
    columns.every((values, at) => {
      const { type = 'text', other } = kinds[at] ?? {};
      return isMissingInCommon(cellAt(values, row), type, other);
    });
  const options = { columns: content, ...(signal === undefined ? {} : { signal }) };
  for (let pass = 0; pass < passes; pass += 1) {
    // Equal test rows are one entry: which of them were hit is told by a second walk over the test rows.
    const wanted = new DigestMap();
    for await (const batch of test.batches(options)) {
      await pause(signal);
      ofTest.start(batch);
      for (let row = 0; row < batch.rows; row += 1) {
        // Nothing is not a thing that two rows share.
        if (saysNothing(batch.columns, row)) continue;
        ofTest.digest(row, digest);
        if (inPass(digest, pass, passes)) wanted.enter(digest, batch.start + row);
      }
    }
    for await (const batch of train.batches(options)) {
      await pause(signal);
      ofTrain.start(batch);
      for (let row = 0; row < batch.rows; row += 1) {
        ofTrain.digest(row, digest);
        const slot = inPass(digest, pass, passes) ? wanted.find(digest) : -1;
        if (slot >= 0 && wanted.markAt(slot) === 0) wanted.mark(slot, Math.min(batch.start + row + 1, 0xffffffff));
      }
    }
    for await (const batch of test.batches(options)) {
      await pause(signal);
      ofTest.start(batch);
      for (let row = 0; row < batch.rows; row += 1) {
        ofTest.digest(row, digest);
        const slot = inPass(digest, pass, passes) ? wanted.find(digest) : -1;
        const hit = slot < 0 ? 0 : wanted.markAt(slot);
        if (hit > 0) broken.add(batch.start + row, () => `row ${hit} of the training table`);
      }
    }
  }
  return broken;
}

function digesterFor(columns: readonly Column[], names: readonly string[], others?: readonly Column[]): RowDigester {
  const [here, there] = [typesOf(columns), typesOf(others ?? columns)];
  return new RowDigester(
    names.map((name, index) => {
      const type = here.get(name) ?? 'text';
      return { index, type, other: there.get(name) ?? type };
    }),
  );
}

/** Different labels get different numbers; 0 is a label that is missing. */
function labelNumber(values: Values, row: number, type: Column['type'], numbers: Map<string, number>): number {
  const cell = cellAt(values, row);
  if (cell === undefined) return 0;
  const text = textOf(cell, type);
  const known = numbers.get(text);
  if (known !== undefined) return known;
  if (numbers.size <= MAX_LABELS) numbers.set(text, numbers.size + 1);
  return numbers.size;
}
