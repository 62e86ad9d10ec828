// `vallum approve TARGET|WAIVER`: the second person's act. A version is approved only when everything but the approval
// holds, by somebody who is not its author; a waiver only by somebody who did not ask for it.
import type { Sha256 } from '@vallum/core';
import { kindOf, VallumError } from '@vallum/core';
import { buildApproval } from '@vallum/governance';
import type { Ledger } from '@vallum/ledger';
import { readInbox } from '@vallum/ledger';
import type { LedgerStatement, Verdict } from '@vallum/policy';
import type { Signed, Waiver } from '@vallum/trust';
import { buildWaiverApproval, readEnvelope, readWaiver, signStatement, verifySignature } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT, exitOfResult } from '../exit.js';
import { printable } from '../output/style.js';
import { verdictText } from '../output/verdict-text.js';
import { planVersion } from '../plan/version-plan.js';
import { closeProjectLedger, fileStatement, filedText, openProjectLedger, readRecorded } from '../project/log.js';
import type { Recorded } from '../project/log.js';
import type { Rules } from '../project/rules.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { openSession, requireRole, trustOf } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { TOOL } from '../version.js';
import type { Actor } from './authority.js';
import { actorOf, requirePermission } from './authority.js';
import { decide } from './decide.js';
import { findId } from './find-id.js';

export interface ApproveOptions {
  readonly action: string;
  readonly note: string;
}

interface Desk {
  readonly session: Session;
  readonly rules: Rules;
  readonly actor: Actor;
  readonly ledger: Ledger;
  readonly io: Io;
}

export async function approveCommand(io: Io, what: string, options: ApproveOptions): Promise<Answer> {
  const session = await openSession(io);
  const rules = await loadRules(session);
  const actor = actorOf(session, requireRole(session, 'approve'));
  const ledger = await openProjectLedger(session);
  const desk = { session, rules, actor, ledger, io };
  try {
    const recorded = await readRecorded(session, ledger);
    return isWaiverId(session, what)
      ? await approveWaiver(desk, what, recorded.statements)
      : await approveVersion(desk, what, recorded, options);
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** A word that is no version and looks like an id. */
function isWaiverId({ declaration }: Session, what: string): boolean {
  return /^[0-9a-f]{8,64}$/.test(what) && declaration.versions[what] === undefined;
}

async function approveWaiver(
  { session, rules, actor, ledger }: Desk,
  prefix: string,
  statements: readonly LedgerStatement[],
): Promise<Answer> {
  const known = await knownWaivers(session, statements);
  const id = findId(prefix, [...known.keys()]);
  const asked = known.get(id);
  if (asked === undefined) throw new VallumError('ID_UNKNOWN', `no waiver begins with ${prefix}`);
  const { waiver, owner } = asked;
  const resource = { type: 'Waiver', id, owner, requirement: waiver.requirement } as const;
  const policies = await requirePermission(session, rules, actor, { action: 'approve', resource, context: {} });
  const filed = await fileStatement(ledger, signStatement(buildWaiverApproval(id, session.clock()), actor.key));
  return {
    exit: EXIT.pass,
    text: [
      `Approved the waiver of ${waiver.requirement} on ${printable(waiver.subject.name)}, asked by ${printable(owner)}, until ${waiver.until.slice(0, 10)}`,
      `  ${filedText(filed)}`,
    ].join('\n'),
    json: {
      schema: 'vallum/approve/v1',
      approved: true,
      waiver: id,
      requirement: waiver.requirement,
      owner,
      by: actor.id,
      policies,
      filed,
    },
  };
}

interface AskedWaiver {
  readonly waiver: Waiver;
  /** Principal whose key asked. */
  readonly owner: string;
}

/** Waivers in the ledger and those that still wait in the inbox, by id; only what an enrolled key signed. */
async function knownWaivers(
  session: Session,
  statements: readonly LedgerStatement[],
): Promise<ReadonlyMap<Sha256, AskedWaiver>> {
  const trust = trustOf(session);
  const waiting = await readInbox(session.disk, session.paths.inbox);
  const signedByEnrolled = (signed: Signed): boolean => {
    const key = trust.key(signed.keyid);
    return key !== undefined && verifySignature(signed, key);
  };
  const found = new Map<Sha256, AskedWaiver>();
  for (const { id, keyid, statement } of [...statements, ...waiting.filter(signedByEnrolled)]) {
    const owner = trust.principalOf(keyid)?.id;
    const waiver = readWaiver(statement);
    if (waiver !== undefined && owner !== undefined) found.set(id, { waiver, owner });
  }
  return found;
}

async function approveVersion(
  desk: Desk,
  target: string,
  recorded: Recorded,
  options: ApproveOptions,
): Promise<Answer> {
  const { session, rules, actor, ledger, io } = desk;
  const version = versionOf(session, target);
  const planned = await planVersion(session, version, recorded);
  const { verdict } = await decide(session, ledger, planned, rules, {
    action: options.action,
    except: [...session.kinds.values()].filter(({ bindsName }) => bindsName).map(({ id }) => id),
    dryRun: true,
  });
  const { subject } = planned;
  if (verdict.result !== 'pass' || subject.digest === undefined) return refusedAnswer(verdict, io);
  const resource = { type: 'Subject', id: subject.digest.sha256, name: subject.name } as const;
  const context = { verdict: verdict.result, authors: planned.authors };
  const policies = await requirePermission(session, rules, actor, { action: 'approve', resource, context });
  const statement = buildApproval({
    subject: { name: subject.name, digest: subject.digest },
    seen: byKind(verdict.evidence, recorded.statements),
    note: options.note,
    tool: TOOL,
    now: session.clock(),
  });
  const envelope = signStatement(statement, actor.key);
  const filed = await fileStatement(ledger, envelope);
  return {
    exit: EXIT.pass,
    text: `Approved ${printable(subject.name)} (${subject.digest.sha256.slice(0, 12)}), having seen ${verdict.evidence.length} statements\n  ${filedText(filed)}`,
    json: {
      schema: 'vallum/approve/v1',
      approved: true,
      subject,
      by: actor.id,
      statement: readEnvelope(envelope).id,
      saw: verdict.evidence,
      policies,
      filed,
    },
  };
}

/** An approval is refused unless everything else holds; the reasons are those of the verdict. */
function refusedAnswer(verdict: Verdict, { style }: Io): Answer {
  return {
    exit: exitOfResult(verdict.result),
    text: `Not approved: everything but the approval has to hold first.\n${verdictText(verdict, style)}`,
    json: { schema: 'vallum/approve/v1', approved: false, verdict },
  };
}

function byKind(
  ids: readonly Sha256[],
  statements: readonly LedgerStatement[],
): Readonly<Record<string, readonly Sha256[]>> {
  const groups = new Map<string, Sha256[]>();
  for (const id of ids) {
    const kind = kindOf(statements.find((statement) => statement.id === id)?.statement.predicateType ?? '');
    if (kind !== undefined) groups.set(kind, [...(groups.get(kind) ?? []), id]);
  }
  return Object.fromEntries(groups);
}
