// Reads the deploy verdict of a version for a gateway, again and again. Opening a project verifies its whole ledger, so the
// checkpoint, the signed files and the inbox are looked at first, and the last reading serves while they are the same; the
// answer is judged anew for the time at every look. Once a minute everything is read whatever they say.
import type { Sha256 } from '@vallum/core';
import { isSha256, sha256, VallumError } from '@vallum/core';
import type { Canary, VerdictLook } from '@vallum/gateway';
import { readCanary } from '@vallum/gateway';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import { REVOCATION_TYPE } from '@vallum/trust';
import { closeProjectLedger, openProjectLedger, readRecorded } from './log.js';
import { pathsOf } from './paths.js';
import type { ServingFacts } from './serving-facts.js';
import { judgeServing } from './serving-facts.js';
import type { Environment, Session } from './session.js';
import { openSession, trustOf } from './session.js';

export interface ServingReader {
  /** What is wrong with a project is an answer, and never an error. */
  deployLook(): Promise<VerdictLook>;
  /** Of the ledger that was read last. @throws VallumError `CANARY_*` */
  canary(bytes: Uint8Array): Canary;
}

const FULL_EVERY_MS = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MOST_REMEMBERED = 10_000;
/**
 * What speaks against the project: signed files that nobody trusts, or that contradict what was seen before. All else is a
 * project that cannot be read, and whoever breaks it gains no more than by removing it.
 */
const CONTRADICTS =
  /^(?:LEDGER_(?:ROLLED_BACK|UNTRUSTED|NOT_ENROLLED|ORIGIN|KEY)|SIGNED_ROLLED_BACK|TRUST_(?!MISSING$).*|DISK_LINK)$/;

interface Reading {
  readonly facts: ServingFacts;
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export function servingReader(environment: Environment, version: string): ServingReader {
  let last: Reading | undefined;
  const revocations = new Map<Sha256, LedgerStatement>();
  return {
    deployLook: async () => {
      try {
        last = await readAgain(environment, version, last, revocations);
        return judgeServing(last.facts, environment.clock());
      } catch (error) {
        if (!(error instanceof VallumError)) throw error;
        // The next look reads everything.
        last = undefined;
        return { kind: CONTRADICTS.test(error.code) ? 'not-proven' : 'unreachable', reason: error.message };
      }
    },
    canary: (bytes) => {
      if (last === undefined)
        throw new VallumError(
          'CANARY_TRUST',
          'the ledger was not read, so nobody knows who may sign a canary',
          {},
          'unproven',
        );
      const { recorded, trust } = last.facts;
      const known = collectRevocations(recorded.statements, trust);
      const revoked: Parameters<typeof readCanary>[1]['revoked'] = ({ id, keyid, statement }) =>
        known.ofStatement({ index: 0, id, keyid, statement })?.reason;
      return readCanary(bytes, { trust, now: environment.clock(), revoked });
    },
  };
}

async function readAgain(
  environment: Environment,
  version: string,
  last: Reading | undefined,
  revocations: Map<Sha256, LedgerStatement>,
): Promise<Reading> {
  const fingerprint = await fingerprintOf(environment);
  const at = environment.clock().getTime();
  const isFresh = last !== undefined && at >= last.at && at - last.at < FULL_EVERY_MS;
  if (isFresh && last.fingerprint === fingerprint) return last;
  return { facts: withRemembered(await readFacts(environment, version), revocations), fingerprint, at };
}

/**
 * A revocation that waits in the inbox is no part of the log yet: whoever can remove its file could take it back. What was
 * seen once holds for as long as this process lives.
 */
function withRemembered(facts: ServingFacts, seen: Map<Sha256, LedgerStatement>): ServingFacts {
  const { statements } = facts.recorded;
  for (const one of statements)
    if (one.statement.predicateType === REVOCATION_TYPE && facts.trust.mayHaveHeld(one.keyid, 'revoke'))
      if (seen.size < MOST_REMEMBERED) seen.set(one.id, one);
  const known = new Set(statements.map(({ id }) => id));
  const gone = [...seen.values()].filter(({ id }) => !known.has(id));
  return { ...facts, recorded: { ...facts.recorded, statements: [...statements, ...gone] } };
}

async function readFacts(environment: Environment, version: string): Promise<ServingFacts> {
  // A gateway only looks: without keys it never takes the lock of the ledger.
  const session: Session = { ...(await openSession(environment)), keys: [] };
  const { standing, declaration } = session;
  if (standing.kind === 'local')
    throw new VallumError('TRUST_LOCAL', 'nobody is enrolled in the project, so no verdict counts', {}, 'unproven');
  const trust = trustOf(session);
  const ledger = await openProjectLedger(session);
  try {
    const recorded = await readRecorded(session, ledger);
    return { recorded, trust, target: `${declaration.project}@${version}` };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** @throws VallumError `PROJECT_MISSING` when there is no ledger: an empty one would say that nothing was ever revoked */
async function fingerprintOf({ disk, folder, keysFolder, trustRoot }: Environment): Promise<string> {
  const paths = pathsOf(folder);
  const digestOf = async (path: string): Promise<string> =>
    (await disk.stat(path)) === undefined ? 'none' : sha256(await disk.read(path, MAX_BYTES));
  const checkpoint = await digestOf(`${paths.ledger}/checkpoint`);
  if (!isSha256(checkpoint))
    throw new VallumError('PROJECT_MISSING', `there is no ledger in ${folder}`, {}, 'unproven');
  const inbox = (await disk.stat(paths.inbox)) === undefined ? [] : await disk.list(paths.inbox);
  const files = [paths.trust, paths.declaration, `${keysFolder}/pins.json`];
  const digests = await Promise.all(files.map(digestOf));
  return JSON.stringify([checkpoint, ...digests, trustRoot ?? '', inbox]);
}
