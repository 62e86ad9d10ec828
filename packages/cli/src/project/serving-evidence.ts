// Writes what a gateway saw of a model as `integrity.check` into the project's ledger, by a key that may say so.
import type { ControlReport } from '@vallum/check';
import { runPlan } from '@vallum/check';
import type { FileDigest, Sha256 } from '@vallum/core';
import { digestDirectory, digestTree } from '@vallum/core';
import type { IntegrityFacts } from '@vallum/gateway';
import { planIntegrityCheck } from '@vallum/gateway';
import { SIGNATURE_FILE } from '@vallum/model';
import { TOOL } from '../version.js';
import { closeProjectLedger, enterWaiting, openProjectLedger } from './log.js';
import { saveEvidence } from './save-evidence.js';
import type { Session } from './session.js';
import { keyWithRole } from './session.js';

const CONTROL_MS = 60_000;

/** @throws VallumError `LEDGER_*`, `DISK_*`; a missing key is told in the report */
export async function writeIntegrity(session: Session, facts: IntegrityFacts): Promise<ControlReport | undefined> {
  const ledger = await openProjectLedger(session);
  try {
    const [report] = await runPlan([planIntegrityCheck(facts)], {
      tool: TOOL,
      clock: session.clock,
      kinds: session.kinds,
      timeoutMs: CONTROL_MS,
      progress: () => undefined,
      reuse: () => ({ kind: 'none' }),
      keyFor: (kind) => keyWithRole(session, session.kinds.get(kind)?.role ?? `produce:${kind}`),
      save: (envelope, blob) => saveEvidence(session, ledger, envelope, blob),
    });
    await enterWaiting(session, ledger);
    return report;
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** The files of the approved digest, from the version's folder in the project, where it still holds them; to name what differs. */
export async function approvedFiles(
  { disk, paths, declaration }: Session,
  version: string,
  digest: Sha256,
): Promise<readonly FileDigest[] | undefined> {
  const declared = declaration.versions[version];
  if (declared === undefined) return undefined;
  const files = await digestTree(disk, `${paths.root}/${declared.model}`, (path) => path !== SIGNATURE_FILE);
  return digestDirectory(files) === digest ? files : undefined;
}
