// What a process does to a log of raw entries in the crash tests, and what must hold when the log is opened again: every
// acknowledged entry at its index, the log a continuation of every root that was shown, and every proof that was served
// still good for the root it was served with.
import { publicRecord } from '@vallum/trust';
import type { Sha256 } from '@vallum/core';
import { openEntryLog, type EntryLog, type EntryLogOptions } from '../entry-log.js';
import { fsckLog } from '../fsck/fsck-log.js';
import { leafHash } from '../merkle/hash.js';
import { verifyConsistency, verifyInclusion, type InclusionProof } from '../merkle/verify.js';
import { ORIGIN } from './places.js';
import type { Worker } from './workload.js';

/** An entry that was acknowledged, and the proof that was served for it then. */
export interface Logged {
  readonly kind: 'logged';
  readonly text: string;
  readonly proof: InclusionProof;
  readonly root: Sha256;
}

const bytesOf = (text: string): Buffer => Buffer.from(text);

export function logOptions({ disk, base, key, processes }: Omit<Worker, 'author'>): EntryLogOptions {
  const group = { entries: 256, waitMs: 0 };
  const own = processes === undefined ? {} : { processes };
  return { disk, key, dir: `${base}/.vallum/audit`, origin: ORIGIN, group, ...own };
}

async function append(log: EntryLog, texts: readonly string[], acknowledge: (what: Logged) => void): Promise<void> {
  const indices = await log.append(texts.map(bytesOf));
  for (const [at, text] of texts.entries()) {
    const { root } = log;
    acknowledge({ kind: 'logged', text, root, proof: await log.prove(indices[at] ?? -1) });
  }
}

const texts = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `entry ${from + at}`);

/** A new log, single entries, two calls side by side, and a group across the edge of a full tile. */
export async function workOnLog(worker: Omit<Worker, 'author'>, acknowledge: (what: Logged) => void): Promise<void> {
  const log = await openEntryLog(logOptions(worker));
  await append(log, texts(0, 1), acknowledge);
  await Promise.all([append(log, texts(1, 1), acknowledge), append(log, texts(2, 251), acknowledge)]);
  await append(log, texts(253, 5), acknowledge);
  await log.close();
}

/** What is wrong; empty when nothing was lost. */
export async function logLosses(worker: Omit<Worker, 'author'>, acknowledged: readonly Logged[]): Promise<string[]> {
  const log = await openEntryLog(logOptions(worker));
  const lost: string[] = [];
  if (!log.writable) lost.push(`the lock is held by ${log.heldBy ?? 'nobody'}`);
  const roots = new Map(acknowledged.map(({ proof, root }) => [proof.size, root]));
  for (const [size, root] of roots)
    if (log.size < size || !verifyConsistency(await log.consistency(size), root, log.root))
      lost.push(`the log does not continue that of ${size} entries`);
  const now: string[] = [];
  for await (const entry of log.entries()) now.push(Buffer.from(entry).toString());
  for (const { text, proof, root } of acknowledged) {
    if (now[proof.index] !== text) lost.push(`entry ${proof.index} is not ${text}`);
    if (!verifyInclusion(proof, leafHash(bytesOf(text)), root)) lost.push(`the proof of ${text} fails`);
  }
  await log.append([bytesOf('afterwards')]);
  await log.close();
  const report = await fsckLog({ ...logOptions(worker), publicKey: publicRecord(worker.key) });
  return [...lost, ...report.problems.map(({ what }) => what), ...report.notes.map((note) => `left over: ${note}`)];
}
