// What a person decides about a monitor: which reference it compares with from now on, and that an alert is settled. Whoever
// could move the reference in silence could hide a slow attack, so each is a signed statement, and the first reference ever
// stays known. The subject of a pinning is the reference itself, by the digest of its bytes; of a settling, the alert.
import type { JsonObject, Sha256, Statement, Subject } from '@vallum/core';
import { STATEMENT_TYPE } from '@vallum/core';
import { digestOf, fieldsOf, textOf, timeOf, wordOf } from './fields.js';
import { MONITOR_TYPE } from './types.js';

export type MonitorActName = 'pin' | 'settle';

export interface MonitorAct {
  readonly act: MonitorActName;
  /** What is monitored, as the project names it: `spam-filter@v2`. */
  readonly monitor: string;
  readonly subject: Subject;
  /** Of the data that the reference was made from; of a pinning only. */
  readonly data?: Sha256;
  /** Principal who decided. */
  readonly who: string;
  readonly why: string;
  readonly createdAt: string;
}

const FIELDS = ['act', 'monitor', 'who', 'why', 'createdAt'];
const ACT = /^(?:pin|settle)$/;
const MONITOR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws VallumError `TRUST_FORMAT`: the reason is empty, too long or holds a control character */
export function buildMonitorAct(act: Omit<MonitorAct, 'createdAt'>, now: Date): Statement {
  const { subject, ...rest } = act;
  const predicate: JsonObject = { ...rest, createdAt: now.toISOString() };
  const statement: Statement = { _type: STATEMENT_TYPE, subject: [subject], predicateType: MONITOR_TYPE, predicate };
  readMonitorAct(statement);
  return statement;
}

/** @throws VallumError `TRUST_FORMAT`; undefined for a statement of another type */
export function readMonitorAct(statement: Statement): MonitorAct | undefined {
  const [subject] = statement.subject;
  if (statement.predicateType !== MONITOR_TYPE || subject === undefined) return undefined;
  const fields = fieldsOf(statement.predicate, 'a decision about a monitor', FIELDS, ['data']);
  const { data } = fields;
  return {
    act: wordOf(fields['act'], 'the decision about a monitor', ACT) as MonitorActName,
    monitor: wordOf(fields['monitor'], 'the name of a monitor', MONITOR),
    subject,
    ...(data === undefined ? {} : { data: digestOf(data, 'the data of a reference') }),
    who: textOf(fields['who'], 'who decided', 128),
    why: textOf(fields['why'], 'the reason of a decision'),
    createdAt: timeOf(fields['createdAt'], 'the date of a decision'),
  };
}
