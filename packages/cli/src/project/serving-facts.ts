// What a project's ledger says about serving one version, judged at a time. Pure. The newest deploy verdict of the version
// counts, unless a later one refuses it, or it, its key, its subject, its policy or anything that it stands on was revoked.
// Whoever holds the project's folder can remove envelopes: a lost revocation or a lost refusal proves nothing good.
import { isJsonObject, isSha256, parseTime } from '@vallum/core';
import type { VerdictLook, VerdictPass } from '@vallum/gateway';
import type { LedgerStatement, Revocations } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { Trust } from '@vallum/trust';
import { REVOCATION_TYPE, VERDICT_TYPE } from '@vallum/trust';
import type { Recorded } from './log.js';
import { idsBehind } from './verdict-basis.js';

export interface ServingFacts {
  readonly recorded: Pick<Recorded, 'statements' | 'unreadable'>;
  readonly trust: Trust;
  /** `spam-filter@v1` */
  readonly target: string;
}

interface DeployVerdict {
  readonly entry: LedgerStatement;
  readonly result: string;
  readonly pass: VerdictPass;
}

export function judgeServing({ recorded, trust, target }: ServingFacts, now: Date): VerdictLook {
  const { statements, unreadable } = recorded;
  const revocations = collectRevocations(statements, trust);
  const lost = unreadable.find(({ type, keyid }) => type === REVOCATION_TYPE && trust.mayHaveHeld(keyid, 'revoke'));
  if (lost !== undefined || revocations.unreadable.length > 0)
    return notProven('a revocation in the ledger cannot be read, and it may concern this version');
  const verdicts = [...statements]
    .sort((a, b) => a.index - b.index)
    .flatMap((entry) => readVerdict(entry, trust, target) ?? []);
  // A verdict dated after now cannot pass yet; a refusal stays one, or setting a clock back would hide it.
  const newest = verdicts.findLast(({ result, pass }) => result === 'pass' && parseTime(pass.decidedAt) <= now);
  if (newest === undefined)
    return notProven(`the ledger has no passing deploy verdict for ${target} by a key with the role decide`);
  const { entry, pass } = newest;
  const refusal = verdicts.find((later) => later.entry.index > entry.index && later.result === 'refused');
  if (refusal !== undefined)
    return { kind: 'refused', reason: `${refusal.entry.id.slice(0, 12)} of ${refusal.pass.decidedAt}` };
  const lostRefusal = unreadable.find(
    (one) =>
      one.type === VERDICT_TYPE &&
      one.index > entry.index &&
      one.outcome === 'refused' &&
      one.subject === pass.subject &&
      trust.mayHaveHeld(one.keyid, 'decide'),
  );
  if (lostRefusal !== undefined) return notProven('a later verdict refused these bytes, and it cannot be read');
  return revokedLook(newest, statements, revocations) ?? pass;
}

function revokedLook(
  { entry, pass }: DeployVerdict,
  statements: readonly LedgerStatement[],
  revocations: Revocations,
): VerdictLook | undefined {
  const known = new Map(statements.map((one) => [one.id, one]));
  for (const id of [entry.id, ...idsBehind(entry.statement)]) {
    const statement = known.get(id);
    const revoked = statement === undefined ? revocations.ofId(id) : revocations.ofStatement(statement);
    // What cannot be read may have been made by a tool, or with rules, that were revoked.
    if (statement === undefined && revoked === undefined)
      return notProven(`the statement ${id.slice(0, 12)} that the verdict stands on cannot be read`);
    if (revoked !== undefined) return { kind: 'revoked', reason: `${revoked.what} (${revoked.reason})` };
  }
  const policy = entry.statement.predicate['policy'];
  const revoked =
    revocations.ofSubject(pass.subject) ?? (typeof policy === 'string' ? revocations.ofId(policy) : undefined);
  return revoked === undefined ? undefined : { kind: 'revoked', reason: `${revoked.what} (${revoked.reason})` };
}

/** A deploy verdict about the version by a key that held the role then; undefined for all else and what is malformed. */
function readVerdict(entry: LedgerStatement, trust: Trust, target: string): DeployVerdict | undefined {
  const { predicateType, predicate, subject } = entry.statement;
  const [about] = subject;
  const { action, result, decidedAt, validUntil, ledger } = predicate;
  if (predicateType !== VERDICT_TYPE || about?.name !== target || action !== 'deploy') return undefined;
  if (typeof result !== 'string' || typeof decidedAt !== 'string' || !isSha256(about.digest.sha256)) return undefined;
  if (validUntil !== null && typeof validUntil !== 'string') return undefined;
  const size = isJsonObject(ledger) ? ledger['size'] : undefined;
  try {
    if (trust.may(entry.keyid, 'decide', parseTime(decidedAt)) === undefined) return undefined;
    if (validUntil !== null) parseTime(validUntil);
  } catch {
    return undefined;
  }
  return {
    entry,
    result,
    pass: {
      kind: 'pass',
      statement: entry.id,
      subject: about.digest.sha256,
      decidedAt,
      validUntil,
      size: typeof size === 'number' ? size : 0,
    },
  };
}

function notProven(reason: string): VerdictLook {
  return { kind: 'not-proven', reason };
}
