// Whether the gateway's log still begins with what an earlier checkpoint showed.
import { messageOf } from '@vallum/core';
import { verifyConsistency } from '@vallum/ledger';
import type { EntryLog } from '@vallum/ledger';
import type { PublicKeyRecord } from '@vallum/trust';
import type { LogCheckpoint } from './checkpoint-statement.js';

/** What is wrong, as a sentence; undefined where the log goes on from the checkpoint. @param key that signs the log now */
export async function doubtAboutHistory(
  log: EntryLog,
  earlier: LogCheckpoint,
  key: PublicKeyRecord,
): Promise<string | undefined> {
  const { origin, size, root } = earlier.checkpoint;
  if (origin !== log.origin) return `the earlier checkpoint is of the log ${origin}`;
  if (earlier.key.keyid !== key.keyid) return 'the earlier checkpoint is signed by another key';
  if (size > log.size) return `the log has ${log.size} records, and ${size} were there at the earlier checkpoint`;
  try {
    const proof = await log.consistency(size);
    return verifyConsistency(proof, root, log.root) ? undefined : 'the log has another history than it showed';
  } catch (error) {
    return `the history of the log cannot be proven: ${messageOf(error)}`;
  }
}
