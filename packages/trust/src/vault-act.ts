// What was done in the vault: sealed, opened, exported, re-wrapped, shredded; by whom and why. The statement is in the
// ledger before plaintext is released or a key destroyed, so the log proves what was there when the object is gone. The
// subject is what was sealed, by the digest that everybody else knows it by.
import type { JsonObject, Statement, Subject } from '@vallum/core';
import { STATEMENT_TYPE } from '@vallum/core';
import { fieldsOf, numberOf, textOf, timeOf, wordOf } from './fields.js';
import { distrust } from './refusal.js';
import { VAULT_TYPE } from './types.js';

export type VaultActName = 'seal' | 'open' | 'export' | 'rotate' | 'shred';
/** `key`: a key encryption key, not an object. */
export type VaultKind = 'data' | 'model' | 'key';

export interface VaultAct {
  readonly act: VaultActName;
  /** Id of the object, or of the key encryption key. */
  readonly object: string;
  readonly kind: VaultKind;
  /** `PROJECT/KIND/NAME`, and the digest of the content. */
  readonly subject: Subject;
  /** 64 hexadecimal digits that tie the act to one ciphertext; of an object only. */
  readonly commitment?: string;
  /** Size of the object's plaintext in bytes. */
  readonly bytes: number;
  /** Principal who acted. */
  readonly who: string;
  readonly why: string;
  readonly createdAt: string;
}

const FIELDS = ['act', 'object', 'kind', 'bytes', 'who', 'why', 'createdAt'];
const ACT = /^(?:seal|open|export|rotate|shred)$/;
const KIND = /^(?:data|model|key)$/;
const OBJECT = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/;
const COMMITMENT = /^[0-9a-f]{64}$/;

/** @throws VallumError `TRUST_FORMAT`: the reason is empty, too long or holds a control character */
export function buildVaultAct(act: Omit<VaultAct, 'createdAt'>, now: Date): Statement {
  const { subject, ...rest } = act;
  const predicate: JsonObject = { ...rest, createdAt: now.toISOString() };
  const statement: Statement = { _type: STATEMENT_TYPE, subject: [subject], predicateType: VAULT_TYPE, predicate };
  readVaultAct(statement);
  return statement;
}

/** @throws VallumError `TRUST_FORMAT`; undefined for a statement of another type */
export function readVaultAct(statement: Statement): VaultAct | undefined {
  const [subject] = statement.subject;
  if (statement.predicateType !== VAULT_TYPE || subject === undefined) return undefined;
  const fields = fieldsOf(statement.predicate, 'an act in the vault', FIELDS, ['commitment']);
  const { commitment } = fields;
  return {
    act: wordOf(fields['act'], 'the act', ACT) as VaultActName,
    object: wordOf(fields['object'], 'the object of an act', OBJECT),
    kind: wordOf(fields['kind'], 'the kind of an object', KIND) as VaultKind,
    subject,
    ...(commitment === undefined ? {} : { commitment: wordOf(commitment, 'the commitment', COMMITMENT) }),
    bytes: sizeOf(numberOf(fields['bytes'], 'the size of an object')),
    who: textOf(fields['who'], 'who acted', 128),
    why: textOf(fields['why'], 'the reason of an act'),
    createdAt: timeOf(fields['createdAt'], 'the date of an act'),
  };
}

function sizeOf(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw distrust('TRUST_FORMAT', 'the size of an object is no number of bytes');
}
