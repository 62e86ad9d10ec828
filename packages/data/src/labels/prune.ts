// How many rows of each given label are removed in favour of which likely label, and which rows those are
// (Northcutt, Jiang and Chuang 2021, section 3.2: prune by class, prune by noise rate).
import type { Labelled } from './labelled.js';
import { lowestRows } from './portable-order.js';
import { pairwiseSum } from './rounding.js';

/**
 * The joint transposed, leaving at least `keep` rows a class and flagging only a share of the estimated noise. Counts are
 * cut to whole rows: what is not a whole row is not flagged.
 * @param share of the estimated noise to flag, above 0 and up to 1
 * @returns row-major: likely label x given label
 */
export function pruneCounts(joint: Int32Array, classes: number, keep: number, share: number): Int32Array {
  const counts = new Int32Array(classes * classes);
  for (let given = 0; given < classes; given += 1) {
    const line = joint.subarray(given * classes, (given + 1) * classes);
    const kept = Math.max(line[given] as number, keep);
    // Rows that the class keeps beyond its estimate are taken from its noise cells in equal parts.
    const taken = (kept - (line[given] as number)) / Math.max(line.filter((count) => count !== 0).length - 1, 1);
    const noise = Float64Array.from(line, (count, likely) => (likely === given ? 0 : Math.max(0, count - taken)));
    for (let likely = 0; likely < classes; likely += 1)
      counts[likely * classes + given] = Math.trunc((noise[likely] as number) * share);
    counts[given * classes + given] = Math.trunc(kept + pairwiseSum(noise.map((count) => count - count * share)));
  }
  return counts;
}

/** The rows of each class with the lowest probability of their label. */
export function pruneByClass(data: Labelled, prune: Int32Array, keep: number): Uint8Array {
  return eachClass(data, keep, (given, rows, flag) => {
    const own = column(data, rows, given);
    const remove = rows.length - (prune[given * data.classes + given] as number);
    for (const i of lowestRows(own, remove)) flag(rows[i] as number);
  });
}

/** For each pair of given and likely label, the rows with the largest margin in favour of the likely one. */
export function pruneByNoiseRate(data: Labelled, prune: Int32Array, keep: number): Uint8Array {
  return eachClass(data, keep, (given, rows, flag) => {
    const own = column(data, rows, given);
    for (let likely = 0; likely < data.classes; likely += 1) {
      const remove = prune[likely * data.classes + given] as number;
      if (likely === given || remove <= 0) continue;
      const margin = column(data, rows, likely);
      for (let i = 0; i < margin.length; i += 1) margin[i] = (own[i] as number) - (margin[i] as number);
      for (const i of lowestRows(margin, remove)) flag(rows[i] as number);
    }
  });
}

/** Probability of one class in some rows. (A plain loop: a million rows times a hundred pairs of classes pass here.) */
function column({ classes, values }: Labelled, rows: Uint32Array, of: number): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[(rows[i] as number) * classes + of] as number;
  return out;
}

function eachClass(
  { classes, rows, labels, counts }: Labelled,
  keep: number,
  prune: (given: number, rows: Uint32Array, flag: (row: number) => void) => void,
): Uint8Array {
  const mask = new Uint8Array(rows);
  const members = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Int32Array(classes);
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row] as number;
    (members[label] as Uint32Array)[filled[label] as number] = row;
    filled[label] = (filled[label] as number) + 1;
  }
  for (const [given, of] of members.entries())
    if (of.length > Math.max(keep, 1))
      prune(given, of, (row) => {
        mask[row] = 1;
      });
  return mask;
}
