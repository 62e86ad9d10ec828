// `vallum check` and `vallum gate`: the main job, and the decision alone.
import type { ControlReport } from '@vallum/check';
import { makeReuse, runPlan } from '@vallum/check';
import { VallumError } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import type { Verdict } from '@vallum/policy';
import { didYouMean, VERDICT_ACTIONS } from '@vallum/policy';
import type { Answer, Io } from '../answer.js';
import { EXIT, exitOfResult } from '../exit.js';
import { reportsText } from '../output/report-text.js';
import { printable } from '../output/style.js';
import { verdictText } from '../output/verdict-text.js';
import type { VersionPlan } from '../plan/version-plan.js';
import { planVersion } from '../plan/version-plan.js';
import type { Recorded } from '../project/log.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../project/log.js';
import { saveEvidence } from '../project/save-evidence.js';
import type { Rules } from '../project/rules.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { keyWithRole, openSession, trustOf } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { TOOL } from '../version.js';
import type { Decided } from './decide.js';
import { decide } from './decide.js';

export interface CheckOptions {
  readonly action: string;
  /** Seconds that one control may take. */
  readonly timeout: number;
}

/** Plans, reuses, runs, signs and appends; then judges. */
export async function checkCommand(io: Io, target: string | undefined, options: CheckOptions): Promise<Answer> {
  return inProject(io, target, options.action, async (session, ledger, version) => {
    const rules = await loadRules(session);
    const before = await readRecorded(session, ledger);
    const planned = await planVersion(session, version, before);
    return runAndDecide({ session, ledger, rules, planned, before, progress: io.progress.say }, options);
  });
}

export interface CheckParts {
  readonly session: Session;
  readonly ledger: Ledger;
  readonly rules: Rules;
  readonly planned: VersionPlan;
  /** The log before anything ran. */
  readonly before: Recorded;
  readonly progress: (message: string) => void;
}

/** Everything after planning. */
export async function runAndDecide(parts: CheckParts, options: CheckOptions): Promise<CheckOutcome> {
  const { session, ledger, rules, planned, before, progress } = parts;
  const { clock, kinds } = session;
  const trust = trustOf(session);
  const reports = await runPlan(planned.plan, {
    tool: TOOL,
    clock,
    kinds,
    timeoutMs: options.timeout * 1000,
    progress,
    reuse: makeReuse({ statements: before.statements, trust, kinds, now: clock() }),
    keyFor: (kind) => keyWithRole(session, kinds.get(kind)?.role ?? `produce:${kind}`),
    save: (envelope, blob) => saveEvidence(session, ledger, envelope, blob),
  });
  return { planned, reports, rules, decided: await decide(session, ledger, planned, rules, options) };
}

/** Judges the evidence at hand and runs nothing. */
export async function gateCommand(
  io: Io,
  target: string | undefined,
  options: { readonly action: string },
): Promise<Answer> {
  return inProject(io, target, options.action, async (session, ledger, version) => {
    if (session.standing.kind === 'local')
      throw new VallumError(
        'TRUST_LOCAL',
        'nobody is enrolled in this project, and gate believes no key of this machine alone',
        { fix: 'run vallum trust init' },
        'unproven',
      );
    const rules = await loadRules(session);
    const planned = await planVersion(session, version, await readRecorded(session, ledger));
    return { planned, reports: [], rules, decided: await decide(session, ledger, planned, rules, options) };
  });
}

export interface CheckOutcome {
  readonly planned: VersionPlan;
  readonly rules: Rules;
  readonly reports: readonly ControlReport[];
  readonly decided: Decided;
}

async function inProject(
  io: Io,
  target: string | undefined,
  action: string,
  work: (session: Session, ledger: Ledger, version: string) => Promise<CheckOutcome>,
): Promise<Answer> {
  if (!(VERDICT_ACTIONS as readonly string[]).includes(action))
    throw new VallumError('CHECK_ACTION', `${JSON.stringify(action)} is no action`, {
      fix: didYouMean(action, VERDICT_ACTIONS),
    });
  const session = await openSession(io);
  const version = versionOf(session, target);
  if (session.standing.kind === 'nobody') return nobodyAnswer(session, version, action, io);
  const ledger = await openProjectLedger(session);
  try {
    return answerOf(session, ledger, version, await work(session, ledger, version), io);
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** Nothing counts where nobody is trusted: the verdict is not proven, and no control runs for it. */
function nobodyAnswer({ standing, declaration }: Session, version: string, action: string, { style }: Io): Answer {
  if (standing.kind !== 'nobody') throw new VallumError('CHECK_STANDING', 'somebody is trusted here', {}, 'internal');
  const { code, message, fix } = standing;
  const subject = `${declaration.project}@${version}`;
  const verdict: Verdict = {
    action,
    result: 'not-proven',
    subject: { name: subject },
    reasons: [{ requirement: 'verdict', kind: 'verdict', result: 'not-proven', code, message, fix }],
    evidence: [],
    waivers: [],
    superseded: [],
    notes: [],
    validUntil: null,
    local: false,
  };
  return {
    exit: EXIT.notProven,
    text: `${style.bold(style.warn(`NOT PROVEN  ${subject}: ${printable(message)}`))}\n     ${style.dim(`fix: ${printable(fix)}`)}`,
    json: {
      schema: 'vallum/check/v1',
      target: subject,
      action,
      standing: 'nobody',
      subject: verdict.subject,
      controls: [],
      verdict,
    },
  };
}

function answerOf(
  session: Session,
  ledger: Ledger,
  version: string,
  { planned, rules, reports, decided }: CheckOutcome,
  io: Io,
): Answer {
  const { verdict } = decided;
  const target = `${session.declaration.project}@${version}`;
  const waiting =
    ledger.heldBy === undefined
      ? []
      : [`The ledger is held by ${ledger.heldBy}: what is new waits in the inbox and does not count yet.`];
  const aside = ledger.setAside.map(
    ({ name, reason }) => `Set aside from the inbox: ${printable(name)} (${printable(reason)})`,
  );
  const judged = new Set(rules.requirements.flatMap(({ metric }) => (metric === undefined ? [] : [metric.id])));
  const reused = reports.filter(({ how }) => how === 'reused').length;
  const head =
    reports.length === 0
      ? []
      : [`${target}: ${reports.length} controls, ${reused} reused`, reportsText(reports, judged, io.style), ''];
  return {
    exit: exitOfResult(verdict.result),
    text: [...head, verdictText(verdict, io.style), ...waiting, ...aside].join('\n'),
    json: {
      schema: 'vallum/check/v1',
      target,
      action: verdict.action,
      standing: session.standing.kind,
      subject: planned.subject,
      controls: reports,
      verdict,
      ledger: {
        ...decided.ledger,
        recorded: decided.recorded,
        ...(ledger.heldBy === undefined ? {} : { heldBy: ledger.heldBy }),
        setAside: ledger.setAside,
      },
    },
  };
}
