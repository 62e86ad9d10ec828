// Waivers: one failing figure or one missing predecessor, accepted in the open. Two statements by two principals: the
// owner asks (requirement, one subject digest, what is accepted, why, until when), the second one approves exactly that.
import type { JsonObject, JsonValue, Sha256, Statement, Subject } from '@vallum/core';
import { STATEMENT_TYPE } from '@vallum/core';
import { digestOf, fieldsOf, numberOf, textOf, timeOf } from './fields.js';
import { distrust } from './refusal.js';
import { WAIVER_APPROVAL_TYPE, WAIVER_TYPE } from './types.js';

/** A failing metric up to its worst bound, or one reason code of an inconclusive outcome. */
export type Accepted = { readonly metric: string; readonly bound: number } | { readonly reason: string };

export interface Waiver {
  readonly requirement: string;
  readonly subject: Subject;
  readonly accepts: Accepted;
  readonly reason: string;
  /** The waiver counts before this instant, UTC; a bare date is its first instant. */
  readonly until: string;
  readonly createdAt: string;
}

export interface WaiverApproval {
  /** Id of the owner's statement. */
  readonly waiver: Sha256;
  readonly createdAt: string;
}

/** @throws VallumError `TRUST_FORMAT` */
export function buildWaiver(waiver: Omit<Waiver, 'createdAt'>, now: Date): Statement {
  const { requirement, subject, accepts, reason, until } = waiver;
  const predicate: JsonObject = { requirement, accepts: { ...accepts }, reason, until, createdAt: now.toISOString() };
  const statement: Statement = { _type: STATEMENT_TYPE, subject: [subject], predicateType: WAIVER_TYPE, predicate };
  readWaiver(statement);
  return statement;
}

/** @throws VallumError `TRUST_FORMAT`; undefined for a statement of another type */
export function readWaiver(statement: Statement): Waiver | undefined {
  const subject = statement.subject[0];
  if (statement.predicateType !== WAIVER_TYPE || subject === undefined) return undefined;
  const fields = fieldsOf(statement.predicate, 'a waiver', ['requirement', 'accepts', 'reason', 'until', 'createdAt']);
  return {
    subject,
    requirement: textOf(fields['requirement'], 'the requirement of a waiver', 128),
    accepts: readAccepted(fields['accepts']),
    reason: textOf(fields['reason'], 'the reason of a waiver'),
    until: timeOf(fields['until'], 'the end of a waiver'),
    createdAt: timeOf(fields['createdAt'], 'the date of a waiver'),
  };
}

function readAccepted(json: JsonValue | undefined): Accepted {
  const where = 'what a waiver accepts';
  const fields = fieldsOf(json, where, [], ['metric', 'bound', 'reason']);
  if (Object.hasOwn(fields, 'reason'))
    return { reason: textOf(fieldsOf(json, where, ['reason'])['reason'], where, 128) };
  if (!Object.hasOwn(fields, 'metric'))
    throw distrust('TRUST_FORMAT', `${where} names neither a metric with its worst bound nor a reason`);
  const { metric, bound } = fieldsOf(json, where, ['metric', 'bound']);
  return { metric: textOf(metric, where, 128), bound: numberOf(bound, where) };
}

export function buildWaiverApproval(waiver: Sha256, now: Date): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: 'waiver', digest: { sha256: waiver } }],
    predicateType: WAIVER_APPROVAL_TYPE,
    predicate: { createdAt: now.toISOString() },
  };
}

/** @throws VallumError `TRUST_FORMAT`; undefined for a statement of another type */
export function readWaiverApproval(statement: Statement): WaiverApproval | undefined {
  const subject = statement.subject[0];
  if (statement.predicateType !== WAIVER_APPROVAL_TYPE || subject === undefined) return undefined;
  const fields = fieldsOf(statement.predicate, 'the approval of a waiver', ['createdAt']);
  return { waiver: digestOf(subject.digest.sha256, 'the waiver'), createdAt: timeOf(fields['createdAt'], 'its date') };
}
