// What somebody has accepted: a suppression names a rule, the SHA-256 of the file, a reason and a last day; a baseline is
// an earlier report. Both are pinned to the bytes: whoever changes a file gets every finding in it back, and what the
// changed file does is new even where the sentence about it reads the same.
import type { Finding } from '@vallum/core';
import type { Accepted, FileReport, NotExamined, ScanReport, UnusedSuppression } from './report.js';
import { outcomeOf, reportOf } from './report.js';

export interface Suppression {
  /** Id of a rule, or `not-examined` for what the scanner could not look at. */
  readonly rule: string;
  readonly sha256: string;
  readonly reason: string;
  /** Last day on which it holds, YYYY-MM-DD, UTC. */
  readonly expires: string;
}

/** What is needed of an earlier report. */
export type Baseline = Pick<ScanReport, 'files'>;

export interface Acceptance {
  readonly suppressions: readonly Suppression[];
  readonly baseline?: Baseline;
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
}

export const NOT_EXAMINED = 'not-examined';

/** The report without what was accepted, which it lists apart. */
export function accept(report: ScanReport, acceptance: Acceptance): ScanReport {
  const { suppressions, today } = acceptance;
  const used = new Set<Suppression>();
  const known = knownOf(acceptance.baseline);
  const valid = suppressions.filter(({ expires }) => today <= expires);
  const judge = (
    file: FileReport,
    rule: string,
    key: string,
  ): Omit<Accepted, 'finding' | 'notExamined'> | undefined => {
    if (file.sha256 === undefined) return undefined;
    const suppression = valid.find((one) => one.rule === rule && one.sha256 === file.sha256);
    if (suppression !== undefined) {
      used.add(suppression);
      return { by: 'suppression', reason: suppression.reason, expires: suppression.expires };
    }
    return known.get(file.sha256)?.has(key) === true ? { by: 'baseline' } : undefined;
  };
  const files = report.files.map((file) => acceptIn(file, report.summary.gate, judge));
  const { gate, rules, bytes } = report.summary;
  const settled = reportOf(files, { gate, rules, bytes });
  const unused = suppressions.flatMap((one): readonly UnusedSuppression[] =>
    used.has(one)
      ? []
      : [{ rule: one.rule, sha256: one.sha256, why: valid.includes(one) ? 'nothing-to-suppress' : 'expired' }],
  );
  const accepted = files.reduce((sum, file) => sum + (file.accepted?.length ?? 0), 0);
  return { ...settled, summary: { ...settled.summary, accepted, unusedSuppressions: unused } };
}

type Judge = (file: FileReport, rule: string, key: string) => Omit<Accepted, 'finding' | 'notExamined'> | undefined;

function acceptIn(file: FileReport, gate: ScanReport['summary']['gate'], judge: Judge): FileReport {
  const accepted: Accepted[] = [];
  const findings = file.findings.filter((finding) => {
    const how = judge(file, finding.rule, keyOfFinding(finding));
    if (how !== undefined) accepted.push({ finding, ...how });
    return how === undefined;
  });
  const notExamined = file.notExamined.filter((one) => {
    const how = judge(file, NOT_EXAMINED, keyOfNotExamined(one));
    if (how !== undefined) accepted.push({ notExamined: one, ...how });
    return how === undefined;
  });
  if (accepted.length === 0) return file;
  return { ...file, findings, notExamined, accepted, outcome: outcomeOf(findings, notExamined, gate) };
}

/** What a baseline knows of each file, by its digest. */
function knownOf(baseline: Baseline | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const file of baseline?.files ?? []) {
    if (file.sha256 === undefined) continue;
    const keys = known.get(file.sha256) ?? new Set();
    known.set(file.sha256, keys);
    // What a suppression hid is not part of a baseline: it comes back when the suppression ends.
    const carried = (file.accepted ?? []).filter(({ by }) => by === 'baseline');
    for (const finding of [...file.findings, ...carried.flatMap((one) => one.finding ?? [])])
      keys.add(keyOfFinding(finding));
    for (const one of [...file.notExamined, ...carried.flatMap((each) => each.notExamined ?? [])])
      keys.add(keyOfNotExamined(one));
  }
  return known;
}

/** The same sentence in the same place of the same bytes. */
function keyOfFinding({ rule, message, location }: Finding): string {
  return JSON.stringify([rule, message, location?.entry, location?.offset, location?.line]);
}

function keyOfNotExamined({ what, why }: NotExamined): string {
  return JSON.stringify([NOT_EXAMINED, what, why]);
}
