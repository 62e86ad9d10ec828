// A checkpoint of the gateway's log as a statement, so that it is an entry of the project's ledger: from then on the project
// can prove what the gateway's records began with, and whoever rewrites them has to rewrite that ledger too.
import { isJsonObject, isSha256, parseTime, sha256, STATEMENT_TYPE, VallumError } from '@vallum/core';
import type { JsonValue, Statement } from '@vallum/core';
import { isCheckpointSignedBy, readCheckpoint } from '@vallum/ledger';
import type { ReadCheckpoint } from '@vallum/ledger';
import { publicKeyOf } from '@vallum/trust';
import type { PublicKeyRecord } from '@vallum/trust';

export const LOG_CHECKPOINT_TYPE = 'urn:vallum:log-checkpoint:v1';

export interface LogCheckpoint {
  readonly checkpoint: ReadCheckpoint;
  /** The signed note. */
  readonly note: string;
  /** Key that signs the log. */
  readonly key: PublicKeyRecord;
  readonly createdAt: string;
}

/** @throws VallumError `LOG_CHECKPOINT_FORM` for a note that the key did not sign */
export function buildLogCheckpoint(note: string, key: PublicKeyRecord, now: Date): Statement {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: note.split('\n')[0] ?? '', digest: { sha256: sha256(note) } }],
    predicateType: LOG_CHECKPOINT_TYPE,
    predicate: { checkpoint: note, key: { ...key }, createdAt: now.toISOString() },
  };
  readLogCheckpoint(statement);
  return statement;
}

/** Undefined for a statement of another type. Who signed the statement is the caller's question. @throws VallumError `LOG_CHECKPOINT_FORM` */
export function readLogCheckpoint({ predicateType, predicate, subject }: Statement): LogCheckpoint | undefined {
  if (predicateType !== LOG_CHECKPOINT_TYPE) return undefined;
  const { checkpoint: note, createdAt } = predicate;
  const key = keyOf(predicate['key']);
  if (typeof note !== 'string' || typeof createdAt !== 'string' || key === undefined)
    throw broken('a field is missing');
  try {
    const checkpoint = readCheckpoint(note);
    publicKeyOf(key);
    parseTime(createdAt);
    if (!isCheckpointSignedBy(checkpoint, key)) throw broken('its key did not sign it');
    if (subject[0]?.digest.sha256 !== sha256(note) || subject[0].name !== checkpoint.origin)
      throw broken('it is about something else');
    return { checkpoint, note, key, createdAt };
  } catch (cause) {
    throw cause instanceof VallumError && cause.code === 'LOG_CHECKPOINT_FORM'
      ? cause
      : broken('a field is broken', cause);
  }
}

function keyOf(value: JsonValue | undefined): PublicKeyRecord | undefined {
  if (!isJsonObject(value)) return undefined;
  const { keyid, algorithm, spki } = value;
  if (!isSha256(keyid) || algorithm !== 'ed25519' || typeof spki !== 'string') return undefined;
  return { keyid, algorithm, spki };
}

function broken(why: string, cause?: unknown): VallumError {
  return new VallumError('LOG_CHECKPOINT_FORM', `this is no checkpoint of a gateway's log: ${why}`, { cause });
}
