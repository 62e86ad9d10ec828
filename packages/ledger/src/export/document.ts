// The export as a JSON document, `vallum/export/v1`. Somebody else wrote it: it must be canonical JSON with exactly the
// known fields, so that nothing in it can change without changing what it says.
import { canonicalJson, isJsonObject, isSha256, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { asEntry, type LedgerEntry } from '../entry.js';

export const EXPORT_SCHEMA = 'vallum/export/v1';
/** Bytes of the largest export that is written or read. */
export const EXPORT_LIMIT = 64 * 1024 * 1024;

export interface ExportedStatement {
  readonly index: number;
  readonly envelope: JsonObject;
  /** Inclusion proof against the checkpoint, from the leaf's sibling upwards. */
  readonly proof: readonly Sha256[];
}

export interface ExportDocument {
  /** Signed note. */
  readonly checkpoint: string;
  /** Digests whose statements are exported, ascending. */
  readonly subjects: readonly Sha256[];
  /** All entries of the log. */
  readonly entries: readonly LedgerEntry[];
  readonly statements: readonly ExportedStatement[];
}

/** @throws VallumError `EXPORT_TOO_LARGE` */
export function encodeExport({ checkpoint, subjects, entries, statements }: ExportDocument): Uint8Array {
  const document = {
    schema: EXPORT_SCHEMA,
    checkpoint,
    subjects,
    entries: entries.map((entry) => ({ ...entry })),
    statements: statements.map((statement) => ({ ...statement })),
  };
  const bytes = Buffer.from(canonicalJson(document));
  if (bytes.length > EXPORT_LIMIT)
    throw new VallumError('EXPORT_TOO_LARGE', `the export has ${bytes.length} bytes, more than ${EXPORT_LIMIT}`);
  return bytes;
}

/** @throws VallumError `EXPORT_INVALID` */
export function decodeExport(bytes: Uint8Array): ExportDocument {
  const json = parse(bytes);
  const { schema, checkpoint, subjects, entries, statements } = fields(json, 'the export', [
    'checkpoint',
    'entries',
    'schema',
    'statements',
    'subjects',
  ]);
  if (schema !== EXPORT_SCHEMA) throw invalid(`its schema is not ${EXPORT_SCHEMA}`);
  if (typeof checkpoint !== 'string') throw invalid('it has no checkpoint');
  if (!Buffer.from(canonicalJson(json)).equals(bytes)) throw invalid('it is not in canonical form');
  return {
    checkpoint,
    subjects: digests(subjects, 'its subjects'),
    entries: list(entries, 'its entries').map((value, index) => {
      const entry = asEntry(value);
      if (entry === undefined) throw invalid(`entry ${index} is broken`);
      return entry;
    }),
    statements: list(statements, 'its statements').map(readStatement),
  };
}

function readStatement(value: JsonValue, at: number): ExportedStatement {
  const where = `statement ${at}`;
  const { index, envelope, proof } = fields(value, where, ['envelope', 'index', 'proof']);
  if (typeof index !== 'number' || !Number.isSafeInteger(index)) throw invalid(`the index of ${where} is broken`);
  if (!isJsonObject(envelope)) throw invalid(`the envelope of ${where} is broken`);
  return { index, envelope, proof: digests(proof, `the proof of ${where}`) };
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: EXPORT_LIMIT, maxDepth: 8 });
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

function fields(value: JsonValue, where: string, names: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw invalid(`${where} is not an object`);
  const found = Object.keys(value).sort();
  if (found.length !== names.length || names.some((name, at) => found[at] !== name))
    throw invalid(`${where} does not have exactly the fields ${names.join(', ')}`);
  return value;
}

function list(value: JsonValue | undefined, where: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw invalid(`${where} are not a list`);
  return value as readonly JsonValue[];
}

function digests(value: JsonValue | undefined, where: string): readonly Sha256[] {
  const found = list(value, where);
  if (!found.every(isSha256)) throw invalid(`${where} are not digests`);
  return found;
}

/** An export that proves nothing: exit class `unproven`. */
export function invalid(why: string): VallumError {
  return new VallumError(
    'EXPORT_INVALID',
    `this export proves nothing: ${why}`,
    { fix: 'ask for a new export from the ledger itself' },
    'unproven',
  );
}
