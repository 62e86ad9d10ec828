// What an export says about verdicts, as of its checkpoint: the newest one for each subject and action, and whether what it
// stands on still stands. The maker of the export chooses its subjects, so a verdict whose evidence, waivers or approvals
// are not all in the file is not proven: what was left out may have been revoked.
import type { Sha256 } from '@vallum/core';
import type { VerifiedExport, VerifiedStatement } from '@vallum/ledger';
import type { Revocations } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { Trust } from '@vallum/trust';
import { VERDICT_TYPE } from '@vallum/trust';
import { idsBehind } from '../project/verdict-basis.js';

export interface ToldVerdict {
  readonly name: string;
  readonly action: string;
  readonly result: 'pass' | 'refused' | 'not-proven';
  readonly statement: Sha256;
  readonly note: string;
}

export function newestVerdicts({ statements }: VerifiedExport, trust: Trust, now: Date): readonly ToldVerdict[] {
  const revocations = collectRevocations(statements, trust);
  const newest = new Map<string, VerifiedStatement>();
  for (const entry of statements) {
    const { predicateType, predicate, subject } = entry.statement;
    const decidedAt = new Date(textOf(predicate['decidedAt']));
    if (predicateType !== VERDICT_TYPE || trust.may(entry.keyid, 'decide', decidedAt) === undefined) continue;
    newest.set(`${subject[0]?.digest.sha256 ?? ''} ${textOf(predicate['action'])}`, entry);
  }
  return [...newest.values()].map((entry) => told(entry, statements, revocations, now));
}

function told(
  entry: VerifiedStatement,
  statements: readonly VerifiedStatement[],
  revocations: Revocations,
  now: Date,
): ToldVerdict {
  const { predicate, subject } = entry.statement;
  const doubt = predicate['result'] === 'pass' ? doubtAbout(entry, statements, revocations, now) : undefined;
  const said = predicate['result'] === 'pass' || predicate['result'] === 'refused' ? predicate['result'] : 'not-proven';
  return {
    name: subject[0]?.name ?? '',
    action: textOf(predicate['action']),
    result: doubt === undefined ? said : 'not-proven',
    statement: entry.id,
    note: doubt === undefined ? '' : ` (${doubt})`,
  };
}

/** Why a verdict that said pass proves nothing any more. */
function doubtAbout(
  entry: VerifiedStatement,
  statements: readonly VerifiedStatement[],
  revocations: Revocations,
  now: Date,
): string | undefined {
  const { predicate } = entry.statement;
  const known = new Map(statements.map((one) => [one.id, one]));
  const standsOn = [entry.id, ...idsBehind(entry.statement)];
  const missing = standsOn.find((id) => !known.has(id));
  if (missing !== undefined) return `the export leaves out the statement ${missing.slice(0, 12)} that it stands on`;
  for (const id of standsOn) {
    const statement = known.get(id);
    const revoked = statement === undefined ? undefined : revocations.ofStatement(statement);
    if (revoked !== undefined) return `${revoked.what} was revoked since`;
  }
  const policy = revocations.ofId(textOf(predicate['policy']));
  if (policy !== undefined) return 'the policy that it was judged by was revoked since';
  const until = predicate['validUntil'];
  return typeof until === 'string' && !(now < new Date(until)) ? 'it has expired' : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
