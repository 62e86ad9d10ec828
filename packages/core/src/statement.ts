// The words of the design as types: subject, finding, evidence. Wire form: in-toto Statement v1.
import type { Sha256 } from './digest.js';
import type { JsonObject } from './json.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const EVIDENCE_PREFIX = 'urn:vallum:evidence:';

/** Most findings that a statement carries itself; all of them are in the blob that it names. */
export const INLINE_FINDINGS = 20;

/** Something with a digest: an in-toto ResourceDescriptor. */
export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: Sha256 };
}

/** Something a control read. `absent` is a value: a missing signature file is an input too. */
export type Input = Subject | { readonly name: string; readonly absent: true };

export interface Statement<P = JsonObject> {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: P;
}

export type Outcome = 'pass' | 'fail' | 'inconclusive';
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Location {
  /** Path of the file inside the subject. */
  readonly file?: string;
  /** Byte offset in the file or entry. */
  readonly offset?: number;
  readonly entry?: string;
  readonly line?: number;
  readonly feed?: string;
  readonly row?: string;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly location: Location;
  readonly atlas: readonly string[];
  readonly cve: readonly string[];
  readonly cwe: readonly string[];
  readonly fix: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly method: string;
}

/** A figure with its sample size; requirements are judged on the bound of the interval, not on the point. */
export interface Metric {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly n?: number;
  readonly interval?: Interval;
}

export interface Coverage {
  readonly examined: { readonly files?: number; readonly bytes?: number; readonly rows?: number };
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
}

/** Why an outcome is not a plain pass; the code is stable, and a kind may declare it waivable. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface EvidencePredicate {
  readonly tool: {
    readonly name: string;
    readonly version: string;
    readonly control: string;
    readonly rules?: { readonly sha256: Sha256 };
  };
  readonly parameters: JsonObject;
  readonly inputs: readonly Input[];
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly findings: readonly Finding[];
  /** All findings, as canonical JSON in a content-addressed blob; set when there are more than fit. */
  readonly findingsBlob?: { readonly sha256: Sha256; readonly count: number };
  readonly metrics: readonly Metric[];
  readonly coverage: Coverage;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly expiresAt: string | null;
}

export type Evidence = Statement<EvidencePredicate>;

/** `artifact.scan` -> `urn:vallum:evidence:artifact.scan:v1` */
export function evidenceType(kind: string): string {
  return `${EVIDENCE_PREFIX}${kind}:v1`;
}

/** The kind of an evidence predicate type of a major version that we know, else undefined. */
export function kindOf(predicateType: string): string | undefined {
  if (!predicateType.startsWith(EVIDENCE_PREFIX) || !predicateType.endsWith(':v1')) return undefined;
  return predicateType.slice(EVIDENCE_PREFIX.length, -':v1'.length);
}

/** True when a severity is at or above the gate. */
export function atOrAbove(severity: Severity, gate: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(gate);
}
