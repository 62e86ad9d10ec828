// Verifies an export offline, against a trust root and nothing inside the file. The maker of the export is the attacker:
// he may change, leave out, reorder, re-sign or bring keys of his own. All entries are there, so the root of the log is
// computed from them; what must be in the export follows from them; every envelope must be the one that was entered.
import { canonicalJson, messageOf, type KindCatalog, type Sha256, type Statement } from '@vallum/core';
import {
  doubtAboutStatement,
  IDENTITY_TYPE,
  readEnvelope,
  withIdentities,
  type LedgerOrigin,
  type Signed,
  type Trust,
} from '@vallum/trust';
import { encodeEntry, entryOf, type LedgerEntry } from '../entry.js';
import { leafHash } from '../merkle/hash.js';
import { RightEdge } from '../merkle/right-edge.js';
import { verifyInclusion } from '../merkle/verify.js';
import { isCheckpointSignedBy, readCheckpoint, type Checkpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { isHandover, type FormerKey } from '../rotation/ledger-keys.js';
import { decodeExport, invalid, type ExportDocument, type ExportedStatement } from './document.js';
import { carriedTypes, select } from './selection.js';

/** A statement of the export whose signature verifies with an enrolled key, or with the key of an enrolled CI job. Whether that key may say it is not judged. */
export interface VerifiedStatement {
  readonly index: number;
  readonly id: Sha256;
  readonly keyid: Sha256;
  readonly statement: Statement;
}

/** A statement that is in the log and that nobody enrolled has signed: it counts as absent. */
export interface UnverifiedStatement {
  readonly index: number;
  readonly id: Sha256;
  readonly keyid: Sha256;
  readonly why: string;
}

/** What an export proves, as of one checkpoint: later revocations cannot be in it. */
export interface VerifiedExport extends Checkpoint {
  /** Signed note. */
  readonly checkpoint: string;
  readonly subjects: readonly Sha256[];
  /** All entries of the log. */
  readonly entries: readonly LedgerEntry[];
  /** In the order of the log. */
  readonly statements: readonly VerifiedStatement[];
  readonly unverified: readonly UnverifiedStatement[];
}

export interface Auditor {
  readonly trust: Trust;
  readonly kinds: KindCatalog;
  readonly now: Date;
}

/** @throws VallumError `EXPORT_INVALID` when anything in it is not as the log has it */
export function verifyExport(bytes: Uint8Array, { trust, kinds, now }: Auditor): VerifiedExport {
  const document = decodeExport(bytes);
  const { subjects, entries } = document;
  const checkpoint = trustedCheckpoint(document, trust, now);
  checkLog(document, checkpoint);
  checkHandovers(document, checkpoint, trust);
  checkSelection(document, carriedTypes(kinds));
  const statements: VerifiedStatement[] = [];
  const unverified: UnverifiedStatement[] = [];
  const checked = document.statements.map((exported) => ({
    index: exported.index,
    signed: checkStatement(exported, entries, checkpoint),
  }));
  const known = withIdentities(
    trust,
    checked.flatMap(({ index, signed }) =>
      signed.statement.predicateType === IDENTITY_TYPE ? [{ keyid: signed.keyid, index, signed }] : [],
    ),
  );
  for (const { index, signed } of checked) {
    const { id, keyid, statement } = signed;
    const why = doubtAboutStatement(known, signed, index);
    if (why === undefined) statements.push({ index, id, keyid, statement });
    else unverified.push({ index, id, keyid, why });
  }
  const { origin, size, root } = checkpoint;
  return { origin, size, root, checkpoint: document.checkpoint, subjects, entries, statements, unverified };
}

function trustedCheckpoint({ checkpoint: text }: ExportDocument, trust: Trust, now: Date): ReadCheckpoint {
  const checkpoint = attempt('its checkpoint', () => readCheckpoint(text));
  const ledger = trust.ledgers.find(({ origin }) => origin === checkpoint.origin);
  const current = ledger === undefined ? undefined : trust.key(ledger.keyid);
  if (ledger === undefined || current === undefined || trust.may(current.keyid, 'ledger', now) === undefined)
    throw invalid(`the trust file enrols no valid key for the ledger ${checkpoint.origin}`);
  const former = formerKeys(ledger, trust);
  if (!isCheckpointSignedBy(checkpoint, current) && !isHandover(checkpoint, { current, former }))
    throw invalid(`its checkpoint is not signed by the key of the ledger ${checkpoint.origin}`);
  return checkpoint;
}

function formerKeys({ previous = [] }: LedgerOrigin, trust: Trust): readonly FormerKey[] {
  return previous.flatMap(({ keyid, size, root }) => {
    const key = trust.key(keyid);
    return key === undefined ? [] : [{ key, size, root }];
  });
}

/** The log must be the one that each earlier key left: a root of one of its sizes is pinned in the trust file. */
function checkHandovers({ entries }: ExportDocument, { origin }: Checkpoint, trust: Trust): void {
  const edge = new RightEdge();
  let size = 0;
  for (const former of trust.ledgers.find((ledger) => ledger.origin === origin)?.previous ?? []) {
    for (; size < former.size && size < entries.length; size += 1)
      edge.push(leafHash(encodeEntry(need(entries, size))));
    if (size !== former.size || edge.root().toString('hex') !== former.root)
      throw invalid(`it does not go on from the ${former.size} entries with which an earlier key of the ledger ended`);
  }
}

function need(entries: readonly LedgerEntry[], at: number): LedgerEntry {
  const entry = entries[at];
  if (entry === undefined) throw invalid(`entry ${at} is missing`);
  return entry;
}

function checkLog({ entries }: ExportDocument, { size, root }: Checkpoint): void {
  if (entries.length !== size) throw invalid(`it has ${entries.length} of ${size} entries of the log`);
  const edge = new RightEdge();
  for (const entry of entries) edge.push(leafHash(encodeEntry(entry)));
  if (edge.root().toString('hex') !== root) throw invalid('its entries are not those of the checkpoint');
  if (new Set(entries.map(({ statement }) => statement)).size !== size) throw invalid('a statement is entered twice');
}

function checkSelection({ subjects, entries, statements }: ExportDocument, types: ReadonlySet<string>): void {
  if (subjects.some((subject, at) => at > 0 && subject <= (subjects[at - 1] ?? '')))
    throw invalid('its subjects are not in order');
  const needed = select(entries, subjects, types);
  const carried = new Set(statements.map(({ index }) => index));
  const missing = needed.find((index) => !carried.has(index));
  if (missing !== undefined) throw invalid(`the statement of entry ${missing} was left out`);
  if (needed.length !== statements.length || needed.some((index, at) => statements[at]?.index !== index))
    throw invalid('it carries statements that do not belong in it, or in another order');
}

function checkStatement(
  { index, envelope, proof }: ExportedStatement,
  entries: readonly LedgerEntry[],
  { size, root }: Checkpoint,
): Signed {
  const entry = entries[index];
  const signed = attempt(`the envelope of entry ${index}`, () => readEnvelope(Buffer.from(canonicalJson(envelope))));
  const encoded = attempt(`the envelope of entry ${index}`, () => encodeEntry(entryOf(signed)));
  if (entry === undefined || !encodeEntry(entry).equals(encoded))
    throw invalid(`the envelope of entry ${index} is not the one that was entered`);
  if (!verifyInclusion({ index, size, hashes: proof }, leafHash(encoded), root))
    throw invalid(`the inclusion proof of entry ${index} is wrong`);
  return signed;
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw invalid(`${what} cannot be read: ${messageOf(error)}`);
  }
}
