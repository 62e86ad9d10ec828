// Where our scores differ from those of Evidently by more than 1e-9, as sentences.
import type { EvidentlyReport } from '../drift-preset.js';

export interface TheirScores {
  readonly count: number;
  readonly share: number;
  readonly columns: Readonly<
    Record<string, { readonly test: string; readonly threshold: number; readonly score: number }>
  >;
}

export function beyond(ours: EvidentlyReport, theirs: TheirScores): readonly string[] {
  const differences: string[] = [];
  for (const { name, test, score, threshold } of ours.columns) {
    const own = theirs.columns[name];
    if (own?.test !== test || own.threshold !== threshold) differences.push(`${name}: ${test} against ${own?.test}`);
    else if (!(Math.abs(own.score - (score ?? NaN)) <= 1e-9))
      differences.push(`${name}: ${score} against ${own.score}`);
  }
  const [many, other] = [ours.columns.length, Object.keys(theirs.columns).length];
  if (many !== other) differences.push(`${many} columns against ${other}`);
  if (ours.driftedColumns !== theirs.count || Math.abs(ours.share - theirs.share) > 1e-12)
    differences.push(`${ours.driftedColumns} drifted against ${theirs.count}`);
  return differences;
}
