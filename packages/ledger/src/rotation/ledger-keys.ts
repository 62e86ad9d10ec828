// The keys of a log over time. The current one counts for everything; a former one only for checkpoints up to the one with
// which it ended, and that one is pinned by whoever enrols keys: a stolen former key can make no other past and no future.
import type { Sha256 } from '@vallum/core';
import type { PublicKeyRecord } from '@vallum/trust';
import { compareWith, type ComparedLog } from '../anchor/anchors.js';
import { isCheckpointSignedBy, readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';

export interface FormerKey {
  readonly key: PublicKeyRecord;
  /** The log as this key left it. */
  readonly size: number;
  readonly root: Sha256;
}

export interface LedgerKeys {
  readonly current: PublicKeyRecord;
  /** Oldest first. */
  readonly former: readonly FormerKey[];
}

/**
 * The key that signed the checkpoint with which the last former key ended: the new key goes on from exactly this one. It
 * may be an even earlier key, where one was replaced before it was used.
 */
export function handoverKey(checkpoint: ReadCheckpoint, { former }: LedgerKeys): PublicKeyRecord | undefined {
  const last = former.at(-1);
  const isAt = (end: FormerKey | undefined): boolean => checkpoint.size === end?.size && checkpoint.root === end.root;
  if (!isAt(last)) return undefined;
  return former.find((one) => isAt(one) && isCheckpointSignedBy(checkpoint, one.key))?.key;
}

export function isHandover(checkpoint: ReadCheckpoint, keys: LedgerKeys): boolean {
  return handoverKey(checkpoint, keys) !== undefined;
}

/** A checkpoint of any time, by the key that was the log's own then. */
export function isSignedByLog(checkpoint: ReadCheckpoint, { current, former }: LedgerKeys): boolean {
  if (isCheckpointSignedBy(checkpoint, current)) return true;
  return former.some(({ key, size }) => checkpoint.size <= size && isCheckpointSignedBy(checkpoint, key));
}

/** Why a log is not the one that these keys vouch for; undefined when it is. */
export function doubtAboutLog(
  log: ComparedLog & { readonly checkpoint: string },
  keys: LedgerKeys,
): string | undefined {
  const checkpoint = readCheckpoint(log.checkpoint);
  const { origin } = log;
  if (!isCheckpointSignedBy(checkpoint, keys.current) && !isHandover(checkpoint, keys)) {
    const late = keys.former.find(({ key, size }) => checkpoint.size > size && isCheckpointSignedBy(checkpoint, key));
    if (late !== undefined) return `entries from ${late.size} on were signed with a key that had ended there`;
    return `its checkpoint is not signed by the enrolled key of ${origin}`;
  }
  const broken = keys.former.find(({ size, root }) => compareWith(log, { origin, size, root }) !== 'same history');
  if (broken === undefined) return undefined;
  return `it does not go on from the ${broken.size} entries with which an earlier key ended`;
}
