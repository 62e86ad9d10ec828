// What a review of a version's data works with: the newest scan for poison of the bytes at hand, the queue that it makes, and
// the decisions that count. A decision counts when a key signed it that held the role `review` then and holds it now, under the name of its own
// principal, and nobody took it back.
import type { Finding, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, kindOf, parseJsonStrict, parseTime, VallumError } from '@vallum/core';
import type { Dataset, LedgerDecision, NamedRow, ReviewQueue, RowSource } from '@vallum/data';
import {
  createRowSource,
  isUnreadable,
  openDataset,
  readDecision,
  readReviewRows,
  REVIEW_TYPE,
  reviewQueue,
} from '@vallum/data';
import type { Ledger } from '@vallum/ledger';
import { BLOB_LIMIT, BlobStore } from '@vallum/ledger';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations, readEvidence } from '@vallum/policy';
import type { Io } from '../answer.js';
import { feedRefs } from '../plan/feeds.js';
import { closeProjectLedger, onState, openProjectLedger, readRecorded } from './log.js';
import type { Session } from './session.js';
import { openSession, trustOf } from './session.js';
import { versionOf } from './target.js';

const KIND = 'data.poison_scan';
export const REVIEW_ROLE = 'review';

export interface ReviewDesk {
  readonly session: Session;
  readonly ledger: Ledger;
  /** `spam-filter@v2`. */
  readonly target: string;
  readonly dataset: Dataset;
  readonly source: RowSource;
  readonly statements: readonly LedgerStatement[];
  readonly decisions: readonly LedgerDecision[];
}

/** @throws VallumError of class `unproven` for data that cannot be read */
export async function atReview<T>(
  io: Io,
  version: string | undefined,
  work: (desk: ReviewDesk) => Promise<T>,
): Promise<T> {
  const session = await openSession(io);
  const { declaration, disk } = session;
  const name = versionOf(session, version);
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    const dataset = await openDataset({
      disk,
      feeds: feedRefs(session, declaration.versions[name]?.feeds ?? []),
      subjectName: `${declaration.project}-data@${name}`,
    });
    if (isUnreadable(dataset)) {
      const { code, message } = dataset.blocked;
      throw new VallumError(code, message, { fix: 'make the feed readable and complete' }, 'unproven');
    }
    const source = createRowSource(disk);
    const decisions = decisionsIn(session, statements);
    const target = `${declaration.project}@${name}`;
    return await work({ session, ledger, target, dataset, source, statements, decisions });
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function decisionsIn(session: Session, statements: readonly LedgerStatement[]): readonly LedgerDecision[] {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  return statements.flatMap((entry): readonly LedgerDecision[] => {
    const { statement, keyid, index } = entry;
    if (statement.predicateType !== REVIEW_TYPE || revocations.ofStatement(entry) !== undefined) return [];
    const decision = readOrNothing(statement.predicate);
    const [subject] = statement.subject;
    if (decision === undefined || subject?.digest.sha256 !== decision.item) return [];
    // Then by what the signer wrote, and now by our clock: whoever lost the role cannot date a statement back.
    if (trust.may(keyid, REVIEW_ROLE, session.clock()) === undefined) return [];
    const principal = trust.may(keyid, REVIEW_ROLE, parseTime(decision.createdAt));
    return principal?.id === decision.who ? [{ index, decision }] : [];
  });
}

/** A statement that is malformed says nothing. */
function readOrNothing(predicate: LedgerStatement['statement']['predicate']): LedgerDecision['decision'] | undefined {
  try {
    return readDecision(Buffer.from(JSON.stringify(predicate)));
  } catch (error) {
    if (error instanceof VallumError) return undefined;
    throw error;
  }
}

export interface Scan {
  readonly statement: Sha256;
  readonly index: number;
  readonly outcome: string;
}

export interface Queued {
  readonly scan: Scan;
  readonly queue: ReviewQueue;
  /** The rows of the queue, by feed and id. */
  readonly rowOf: (feed: string, row: string) => NamedRow | undefined;
}

/** @throws VallumError `REVIEW_NO_SCAN`, `REVIEW_FINDINGS` of class `unproven` */
export async function queueOf(desk: ReviewDesk): Promise<Queued> {
  const { dataset, source } = desk;
  const { scan, findings } = await newestScan(desk);
  const feeds = new Map<string, readonly NamedRow[]>();
  for (const feed of dataset.feeds) {
    const named = findings.filter(({ location }) => location.feed === feed.name);
    const wanted = new Set(named.flatMap(({ location }) => (location.row === undefined ? [] : [location.row])));
    if (wanted.size === 0) continue;
    const rows = await readReviewRows(feed, source, wanted);
    feeds.set(
      feed.name,
      rows.filter(({ id }) => wanted.has(id)),
    );
  }
  const rowOf: Queued['rowOf'] = (feed, row) => feeds.get(feed)?.find(({ id }) => id === row);
  return { scan, queue: reviewQueue(findings, feeds), rowOf };
}

/** The newest in the ledger about these very bytes, by a key that may say it. */
async function newestScan({
  session,
  dataset,
  statements,
  target,
}: ReviewDesk): Promise<{ readonly scan: Scan; readonly findings: readonly Finding[] }> {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const role = session.kinds.get(KIND)?.role ?? `produce:${KIND}`;
  const [newest] = statements
    .flatMap((entry) => {
      const { statement, keyid } = entry;
      if (kindOf(statement.predicateType) !== KIND || revocations.ofStatement(entry) !== undefined) return [];
      if (statement.subject[0]?.digest.sha256 !== dataset.subject.digest.sha256) return [];
      const evidence = readEvidence(statement.predicate);
      return evidence !== undefined && trust.may(keyid, role, evidence.finishedAt) !== undefined
        ? [{ entry, evidence }]
        : [];
    })
    .sort((a, b) => b.entry.index - a.entry.index);
  if (newest === undefined)
    throw new VallumError(
      'REVIEW_NO_SCAN',
      `the ledger holds no ${KIND} of the data of ${target} as it is now`,
      { fix: `run vallum check ${target.split('@').at(-1) ?? ''}` },
      'unproven',
    );
  const { entry, evidence } = newest;
  const { outcome, findings, findingsBlob } = evidence.predicate;
  const scan = { statement: entry.id, index: entry.index, outcome };
  return { scan, findings: findingsBlob === undefined ? findings : await allFindings(session, findingsBlob.sha256) };
}

async function allFindings({ disk, paths }: Session, id: Sha256): Promise<readonly Finding[]> {
  const bytes = await onState(() => new BlobStore(disk, paths.blobs).get(id));
  const json = bytes === undefined ? undefined : parseJsonStrict(bytes, { maxBytes: BLOB_LIMIT });
  const list: readonly JsonValue[] = Array.isArray(json) ? (json as readonly JsonValue[]) : [];
  if (list.length > 0 && list.every(isJsonObject)) return list as unknown as readonly Finding[];
  throw new VallumError(
    'REVIEW_FINDINGS',
    `the list of findings ${id.slice(0, 12)} is not there`,
    { fix: 'restore .vallum/blobs from a copy, or run vallum check anew on a clean copy of the project' },
    'unproven',
  );
}
