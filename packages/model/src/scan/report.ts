// What a scan says: the JSON contract of `vallum scan`, and the notes that each examination adds to.
import type { Finding, Location, Outcome, Severity, Sha256 } from '@vallum/core';
import { atOrAbove, SEVERITIES } from '@vallum/core';
import type { Rules } from './rules.js';

export const SCAN_SCHEMA = 'vallum/scan/v1';

export interface NotExamined {
  readonly what: string;
  readonly why: string;
}

/** Something that was seen and that somebody has accepted; it does not count. */
export interface Accepted {
  readonly finding?: Finding;
  readonly notExamined?: NotExamined;
  readonly by: 'suppression' | 'baseline';
  /** Of the suppression. */
  readonly reason?: string;
  /** Last day of the suppression, YYYY-MM-DD. */
  readonly expires?: string;
}

export interface FileReport {
  readonly path: string;
  /** Of the whole file; there where it was asked for and something was seen. */
  readonly sha256?: Sha256;
  readonly formats: readonly string[];
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  readonly notExamined: readonly NotExamined[];
  readonly accepted?: readonly Accepted[];
}

/** A suppression that did nothing. */
export interface UnusedSuppression {
  readonly rule: string;
  readonly sha256: string;
  readonly why: 'expired' | 'nothing-to-suppress';
}

export interface ScanReport {
  readonly schema: typeof SCAN_SCHEMA;
  readonly outcome: Outcome;
  readonly files: readonly FileReport[];
  readonly summary: {
    readonly gate: Severity;
    readonly rules: string;
    readonly files: number;
    readonly bytes: number;
    readonly findings: Readonly<Record<Severity, number>>;
    readonly notExamined: number;
    /** There when suppressions or a baseline were given. */
    readonly accepted?: number;
    readonly unusedSuppressions?: readonly UnusedSuppression[];
    /** Names, `module:name`, that a policy let pickles use. */
    readonly allowed?: readonly string[];
  };
}

/** The whole answer from those on its files. */
export function reportOf(
  files: readonly FileReport[],
  { gate, rules, bytes }: { readonly gate: Severity; readonly rules: string; readonly bytes: number },
): ScanReport {
  const findings = files.flatMap((file) => file.findings);
  const notExamined = files.flatMap((file) => file.notExamined);
  return {
    schema: SCAN_SCHEMA,
    outcome: outcomeOf(findings, notExamined, gate),
    files,
    summary: {
      gate,
      rules,
      files: files.length,
      bytes,
      findings: countBySeverity(findings),
      notExamined: notExamined.length,
    },
  };
}

/** A finding at or above the gate fails; else anything that was not examined leaves it open. */
export function outcomeOf(findings: readonly Finding[], notExamined: readonly NotExamined[], gate: Severity): Outcome {
  if (findings.some((finding) => atOrAbove(finding.severity, gate))) return 'fail';
  return notExamined.length > 0 ? 'inconclusive' : 'pass';
}

export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

export interface Draft {
  readonly rule: string;
  /** What was seen, as the end of the sentence "<file> ...". */
  readonly detail: string;
  readonly location?: Location;
  readonly severity?: Severity;
  /** Two drafts with one key are one finding. */
  readonly key?: string;
}

/** Most findings that one file keeps; a hostile file could make millions. */
const MAX_FINDINGS = 200;

/** Collects what examinations of one file see, inside archives too. */
export class Notes {
  readonly #rules: Rules;
  readonly #file: string;
  readonly #findings = new Map<string, Finding>();
  readonly #notExamined = new Map<string, NotExamined>();

  constructor(rules: Rules, file: string) {
    this.#rules = rules;
    this.#file = file;
  }

  /** @param entry path inside archives, where there is one */
  find(draft: Draft, entry: string | undefined): void {
    const rule = this.#rules.finding(draft.rule);
    const key = `${draft.rule}\n${entry ?? ''}\n${draft.key ?? draft.detail}`;
    if (this.#findings.has(key)) return;
    const severity = worse(rule.severity, draft.severity ?? rule.severity);
    if (this.#findings.size >= MAX_FINDINGS) {
      this.skip('further findings', `more than ${MAX_FINDINGS} are not listed`);
      if (!this.#makeRoom(severity)) return;
    }
    const { atlas, cve, cwe, fix } = rule;
    const location = { file: this.#file, ...(entry === undefined ? {} : { entry }), ...draft.location };
    this.#findings.set(key, {
      rule: rule.id,
      severity,
      message: `${rule.title}: ${draft.detail}`,
      location,
      atlas,
      cve,
      cwe,
      fix,
    });
  }

  /** Drops a milder finding, so that a flood of small ones never hides a grave one. */
  #makeRoom(severity: Severity): boolean {
    for (const [key, finding] of this.#findings)
      if (finding.severity !== severity && worse(finding.severity, severity) === severity)
        return this.#findings.delete(key);
    return false;
  }

  skip(what: string, why: string): void {
    if (this.#notExamined.size < MAX_FINDINGS) this.#notExamined.set(`${what}\n${why}`, { what, why });
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  }

  get notExamined(): readonly NotExamined[] {
    return [...this.#notExamined.values()];
  }
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}
