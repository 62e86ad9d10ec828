// A control as the rooms offer it and as `check` runs it: bound to one subject, it returns values and never signs.
import type { Sha256 } from './digest.js';
import type { JsonObject } from './json.js';
import type { Coverage, Finding, Input, Metric, Outcome, Reason, Subject } from './statement.js';

export interface ControlResult {
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly findings: readonly Finding[];
  readonly metrics: readonly Metric[];
  readonly coverage: Coverage;
}

export interface RunContext {
  /** Aborted when the control's time is up; long loops look at it. */
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** Everything that decides whether an earlier statement still speaks about the bytes at hand. */
export interface TaskIdentity {
  /** Id of the control and kind of its evidence: `artifact.scan`. */
  readonly kind: string;
  /** Version of the control. */
  readonly version: string;
  /** Digest of the rules that the control reads, where it has any. */
  readonly rules?: Sha256;
  readonly subject: Subject;
  readonly inputs: readonly Input[];
  readonly parameters: JsonObject;
}

/** A control bound to a subject, with everything that shapes its result known before it runs. */
export interface Task extends TaskIdentity {
  readonly run: (context: RunContext) => Promise<ControlResult>;
}

/** A control that cannot even be planned, because a digest cannot be computed: no statement is written. */
export interface Blocked {
  readonly kind: string;
  readonly blocked: { readonly code: string; readonly message: string; readonly file?: string };
}

export type Planned = Task | Blocked;

export function isBlocked(planned: Planned | TaskIdentity | Blocked): planned is Blocked {
  return 'blocked' in planned;
}

/** The answer of a control that could not do its work. */
export function inconclusive(code: string, message: string, coverage?: Coverage): ControlResult {
  return {
    outcome: 'inconclusive',
    reason: { code, message },
    findings: [],
    metrics: [],
    coverage: coverage ?? { examined: {}, notExamined: [{ what: 'the subject', why: message }] },
  };
}
