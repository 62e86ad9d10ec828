// The main loop: every planned control is reused, run or blocked, one after the other, and what ran is signed and saved
// at once, so that an interrupted check keeps what it has. One control never stops another.
import type {
  Clock,
  ControlResult,
  Coverage,
  Finding,
  KindCatalog,
  Metric,
  Outcome,
  Planned,
  Reason,
  Sha256,
  Subject,
  Task,
} from '@vallum/core';
import { durationMs, isBlocked } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { signStatement } from '@vallum/trust';
import type { ToolInfo } from './evidence.js';
import { bySeverity, draftEvidence } from './evidence.js';
import { runTask } from './run-task.js';

/** What happened to one planned control. */
export interface ControlReport {
  readonly kind: string;
  readonly how: 'ran' | 'reused' | 'blocked' | 'not-run';
  readonly subject?: Subject;
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly findings: readonly Finding[];
  readonly metrics: readonly Metric[];
  readonly coverage?: Coverage;
  /** Id of the statement that says so; absent when none was written. */
  readonly statement?: Sha256;
  /** Wall-clock seconds of the run; 0 when it was reused. */
  readonly seconds: number;
  /** Why an earlier statement did not serve, where there was one. */
  readonly rerunBecause?: string;
}

/** An earlier statement that still speaks about the bytes at hand, or why the newest one does not. */
export type Reuse =
  | {
      readonly kind: 'reusable';
      readonly statement: Sha256;
      readonly result: ControlResult;
    }
  | { readonly kind: 'stale'; readonly why: string }
  | { readonly kind: 'none' };

export interface RunPorts {
  readonly tool: ToolInfo;
  readonly clock: Clock;
  readonly kinds: KindCatalog;
  readonly timeoutMs: number;
  readonly progress: (message: string) => void;
  readonly reuse: (task: Task) => Reuse;
  /** The key that may produce this kind, if the acting person has one. */
  readonly keyFor: (kind: string) => SigningKey | undefined;
  /** Stores envelope and blob and brings the statement into the ledger. */
  readonly save: (envelope: Uint8Array, blob: Uint8Array | undefined) => Promise<Sha256>;
}

export async function runPlan(plan: readonly Planned[], ports: RunPorts): Promise<readonly ControlReport[]> {
  const reports: ControlReport[] = [];
  for (const planned of plan) reports.push(isBlocked(planned) ? blockedReport(planned) : await settle(planned, ports));
  return reports;
}

function blockedReport({ kind, blocked }: Extract<Planned, { blocked: unknown }>): ControlReport {
  return { kind, how: 'blocked', outcome: 'inconclusive', reason: blocked, findings: [], metrics: [], seconds: 0 };
}

async function settle(task: Task, ports: RunPorts): Promise<ControlReport> {
  const { kind, subject } = task;
  const earlier = ports.reuse(task);
  if (earlier.kind === 'reusable')
    return { kind, subject, how: 'reused', ...earlier.result, statement: earlier.statement, seconds: 0 };
  const rerun = earlier.kind === 'stale' ? { rerunBecause: earlier.why } : {};
  const key = ports.keyFor(kind);
  if (key === undefined) {
    const reason = { code: 'no-key', message: `no key in VALLUM_KEYS may produce ${kind}` };
    return {
      kind,
      subject,
      how: 'not-run',
      outcome: 'inconclusive',
      reason,
      findings: [],
      metrics: [],
      seconds: 0,
      ...rerun,
    };
  }
  return { ...(await runAndSave(task, key, ports)), ...rerun };
}

async function runAndSave(task: Task, key: SigningKey, ports: RunPorts): Promise<ControlReport> {
  const startedAt = ports.clock();
  ports.progress(`${task.kind} ...`);
  const answer = await runTask(task, {
    timeoutMs: ports.timeoutMs,
    progress: (message) => ports.progress(`${task.kind}: ${message}`),
  });
  const result = { ...answer, findings: bySeverity(answer.findings) };
  const finishedAt = ports.clock();
  const times = { startedAt, finishedAt, expiresAt: expiryOf(task.kind, finishedAt, ports.kinds) };
  const { statement, blob } = draftEvidence(task, result, ports.tool, times);
  const id = await ports.save(signStatement(statement, key), blob);
  return {
    kind: task.kind,
    how: 'ran',
    subject: task.subject,
    outcome: result.outcome,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
    findings: result.findings,
    metrics: result.metrics,
    coverage: result.coverage,
    statement: id,
    seconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
  };
}

/** When evidence of a kind that is finished now ends; null when it lasts as long as its subject's digest. */
function expiryOf(kind: string, finishedAt: Date, kinds: KindCatalog): Date | null {
  const known = kinds.get(kind);
  const limit = known === undefined || known.freshness === 'version' ? known?.maxAge : known.freshness;
  return limit === undefined ? null : new Date(finishedAt.getTime() + durationMs(limit));
}
