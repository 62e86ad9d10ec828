// Verifies a receipt offline: the policy says which checkpoint is believed, the proof says that the entry is under it.
import { sha256, type Sha256 } from '@vallum/core';
import { leafHash } from '../merkle/hash.js';
import { verifyInclusion } from '../merkle/verify.js';
import { judgeCheckpoint, type LogPolicy, type PolicyAnswer } from './log-policy.js';
import type { ReadReceipt } from './tlog-proof.js';

export type ReceiptAnswer =
  | PolicyAnswer
  | { readonly accepted: false; readonly why: string; /** SHA-256 of the entry. */ readonly entry: Sha256 };

/** @param entry the logged bytes; the receipt's own `extra` by default */
export function verifyReceipt(
  receipt: ReadReceipt,
  policy: LogPolicy,
  entry: Uint8Array | undefined = receipt.extra,
): ReceiptAnswer {
  if (entry === undefined) return { accepted: false, why: 'the receipt does not carry its entry, and none was given' };
  const answer = judgeCheckpoint(policy, receipt.read);
  if (!answer.accepted) return answer;
  const { index, hashes, read } = receipt;
  if (verifyInclusion({ index, size: read.size, hashes }, leafHash(entry), read.root)) return answer;
  return { accepted: false, why: `the entry is not entry ${index} of the log that was signed`, entry: sha256(entry) };
}
