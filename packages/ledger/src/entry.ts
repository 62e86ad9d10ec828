// A log entry: what the ledger itself says about a statement, derived from its envelope by one function and never typed.
// It commits to the signature too: the id covers only the signed bytes, and a swapped signature must not go unseen.
import { canonicalJson, isJsonObject, isSha256, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import type { JsonValue, Sha256 } from '@vallum/core';
import type { Signed } from '@vallum/trust';

export interface LedgerEntry {
  readonly v: 1;
  /** Id of the statement: SHA-256 of its pre-authentication encoding. */
  readonly statement: Sha256;
  /** Predicate type. */
  readonly type: string;
  /** Digest of the statement's first subject. */
  readonly subject: Sha256;
  /** `outcome` of evidence, `result` of a verdict, else null. */
  readonly outcome: string | null;
  /** Id of the key that signed. */
  readonly key: Sha256;
  /** SHA-256 of the signature's bytes. */
  readonly signature: Sha256;
}

/** Bytes of the longest entry. */
export const ENTRY_LIMIT = 1024;

const FIELDS = ['key', 'outcome', 'signature', 'statement', 'subject', 'type', 'v'] as const;
const TYPE = /^[\x21-\x7e]{1,400}$/;
const OUTCOME = /^[a-z][a-z-]{0,31}$/;

/** @throws VallumError `LEDGER_STATEMENT` for a statement that no entry can describe */
export function entryOf(signed: Signed): LedgerEntry {
  const { statement } = signed;
  const said = statement.predicate['outcome'] ?? statement.predicate['result'];
  const value: JsonValue = {
    v: 1,
    statement: signed.id,
    type: statement.predicateType,
    subject: statement.subject[0]?.digest.sha256 ?? null,
    outcome: typeof said === 'string' && OUTCOME.test(said) ? said : null,
    key: signed.keyid,
    signature: sha256(signed.signature),
  };
  const entry = asEntry(value);
  if (entry === undefined)
    throw new VallumError('LEDGER_STATEMENT', `the statement ${signed.id} cannot be entered in a ledger`, {
      fix: 'give it a subject with a SHA-256 digest, a plain predicate type of at most 400 characters and a full key id',
    });
  return entry;
}

/** Canonical JSON, at most `ENTRY_LIMIT` bytes. */
export function encodeEntry(entry: LedgerEntry): Buffer {
  return Buffer.from(canonicalJson({ ...entry }));
}

/** Reads exactly what `encodeEntry` writes. @throws VallumError `LEDGER_ENTRY` */
export function readEntry(bytes: Uint8Array): LedgerEntry {
  const value = parseEntry(bytes);
  const entry = asEntry(value);
  if (entry === undefined || !encodeEntry(entry).equals(bytes))
    throw new VallumError('LEDGER_ENTRY', 'this is not a ledger entry in canonical form');
  return entry;
}

/** The entry that a JSON value is, with known fields only; else undefined. */
export function asEntry(value: JsonValue | undefined): LedgerEntry | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value).sort();
  if (names.length !== FIELDS.length || FIELDS.some((field, at) => names[at] !== field)) return undefined;
  const { v, statement, type, subject, outcome, key, signature } = value;
  if (v !== 1 || !isSha256(statement) || !isSha256(subject) || !isSha256(key) || !isSha256(signature)) return undefined;
  if (typeof type !== 'string' || !TYPE.test(type)) return undefined;
  if (outcome !== null && (typeof outcome !== 'string' || !OUTCOME.test(outcome))) return undefined;
  return { v, statement, type, subject, outcome, key, signature };
}

function parseEntry(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJsonStrict(bytes, { maxBytes: ENTRY_LIMIT, maxDepth: 2 });
  } catch {
    return undefined;
  }
}
