// What must hold when a ledger is opened again after its writer died: everything that was acknowledged is there, at its
// index and with its envelope; what was submitted is entered or waits; the log continues the one before; fsck is content.
import { publicRecord } from '@vallum/trust';
import type { Sha256 } from '@vallum/core';
import { fsck } from '../fsck/fsck.js';
import { openLedger } from '../ledger.js';
import { verifyConsistency } from '../merkle/verify.js';
import { optionsOf, type Acknowledged, type Worker } from './workload.js';
import { sample } from './statements.js';

/** What is wrong; empty when nothing was lost. */
export async function losses(worker: Worker, acknowledged: readonly Acknowledged[]): Promise<readonly string[]> {
  const options = optionsOf(worker);
  const lost: string[] = [];
  const ledger = await openLedger(options);
  if (!ledger.writable) lost.push(`the lock is held by ${ledger.heldBy ?? 'nobody'}`);
  for (const what of acknowledged)
    if (what.kind === 'entered' && ledger.entries()[what.index]?.statement !== what.id)
      lost.push(`entry ${what.index} is not ${what.id}`);
    else if (what.kind === 'root') {
      const proof = ledger.size < what.size ? undefined : ledger.consistency(what.size);
      if (proof === undefined || !verifyConsistency(proof, what.root as Sha256, ledger.root))
        lost.push(`the log does not continue that of ${what.size} entries`);
    }
  await ledger.sequenceInbox();
  const entered = new Set<string>(ledger.entries().map(({ statement }) => statement));
  for (const what of acknowledged)
    if (what.kind === 'submitted' && !entered.has(what.id)) lost.push(`${what.id} was submitted and is gone`);
  if (ledger.setAside.length > 0) lost.push(`set aside: ${ledger.setAside.map(({ reason }) => reason).join('; ')}`);
  await ledger.append([sample(worker.author, 5000)]);
  await ledger.close();
  const report = await fsck({ ...options, publicKey: publicRecord(worker.key) });
  lost.push(...report.problems.map(({ what }) => what), ...report.notes.map((note) => `left over: ${note}`));
  return lost;
}
