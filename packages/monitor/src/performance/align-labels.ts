// Labels come late, twice, or for rows that nobody scored. They are joined by id, and what did not match is counted: a
// figure over the rows whose label happened to arrive is not a figure over the chunk, and whoever controls which labels
// arrive controls the figure.
import { performanceInput } from './scored.js';

export interface Arrived {
  readonly id: string;
  readonly label: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Aligned {
  /** Label of each scored row; -1 where none has arrived. */
  readonly labels: Int32Array;
  readonly scored: number;
  readonly arrived: number;
  /** Scored rows whose label has not arrived, as a share. */
  readonly missingShare: number;
  /** Labels for ids that were not scored. */
  readonly unknown: number;
  /** Ids with two labels that differ: counted as not arrived. */
  readonly contradicted: number;
}

/**
 * @param ids of the scored rows, each once
 * @param until labels that arrived later are left out, so that an earlier report can be computed again
 * @throws VallumError PERFORMANCE_INPUT on an id scored twice
 */
export function alignLabels(ids: readonly string[], labels: Iterable<Arrived>, until = Infinity): Aligned {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  if (rowOf.size !== ids.length)
    throw performanceInput(
      'an id was scored twice',
      'give every scored row its own id, or keep the last score of each',
    );
  const aligned = new Int32Array(ids.length).fill(-1);
  const contradicted = new Set<number>();
  const unknown = new Set<string>();
  for (const { id, label, at } of labels) {
    if (!(at <= until)) continue;
    const row = rowOf.get(id);
    if (row === undefined) unknown.add(id);
    else if (aligned[row] !== -1 && aligned[row] !== label) contradicted.add(row);
    else aligned[row] = label;
  }
  for (const row of contradicted) aligned[row] = -1;
  const arrived = aligned.reduce((count, label) => count + (label === -1 ? 0 : 1), 0);
  return {
    labels: aligned,
    scored: ids.length,
    arrived,
    missingShare: ids.length === 0 ? 0 : 1 - arrived / ids.length,
    unknown: unknown.size,
    contradicted: contradicted.size,
  };
}
