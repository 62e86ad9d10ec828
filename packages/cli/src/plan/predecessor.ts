// The last approved model of this name, as the poisoning scan asks it. Its bytes must be the approved ones: an attacker who
// can choose the yardstick has new rows judged by a model of his own.
import type { Reason, Sha256 } from '@vallum/core';
import { digestDirectory, digestTree, VallumError } from '@vallum/core';
import type { Predecessor } from '@vallum/data';
import { lastApproved, readRunFile } from '@vallum/governance';
import { openTextModel, SIGNATURE_FILE, weightsDigest } from '@vallum/model';
import type { LedgerStatement } from '@vallum/policy';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';
import { feedRefs } from './feeds.js';
import { pinnedDisk } from './pinned-disk.js';

/** @param current digest of the version at hand, undefined when it cannot be computed */
export async function findPredecessor(
  session: Session,
  statements: readonly LedgerStatement[],
  current: Sha256 | undefined,
): Promise<Predecessor | Reason> {
  const { declaration, kinds, clock } = session;
  if (current === undefined)
    return { code: 'subject-unknown', message: 'the digest of this version cannot be computed' };
  const modelName = declaration.project;
  const approved = lastApproved({
    statements,
    trust: trustOf(session),
    kinds,
    modelName,
    subject: current,
    now: clock(),
  });
  if (approved === undefined)
    return {
      code: 'no-predecessor',
      message: `no other version of ${modelName} is approved, so there is nothing to compare with`,
    };
  const version = approved.subject.name.slice(modelName.length + 1);
  const declared = Object.hasOwn(declaration.versions, version) ? declaration.versions[version] : undefined;
  if (declared === undefined)
    return {
      code: 'predecessor-absent',
      message: `${approved.subject.name} is the last approved model, and vallum.yaml does not declare it`,
    };
  try {
    return await openPredecessor(session, `${session.paths.root}/${declared.model}`, approved.subject);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return { code: 'predecessor-unreadable', message: `${approved.subject.name} cannot be asked: ${error.message}` };
  }
}

async function openPredecessor(
  session: Session,
  dir: string,
  approved: { readonly name: string; readonly digest: { readonly sha256: Sha256 } },
): Promise<Predecessor | Reason> {
  const { disk } = session;
  const files = await digestTree(disk, dir, (path) => path !== SIGNATURE_FILE);
  const digest = digestDirectory(files);
  if (digest !== approved.digest.sha256)
    return { code: 'predecessor-changed', message: `the bytes of ${approved.name} are not the approved ones` };
  // From here on only the approved bytes are read, however often somebody swaps the files.
  const pinned = pinnedDisk(disk, dir, files);
  const run = await readRunFile(pinned, dir);
  if (run === undefined)
    return {
      code: 'predecessor-run-absent',
      message: `${approved.name} has no run.json, so its held-out rows are unknown`,
    };
  const refs = feedRefs(
    session,
    run.feeds.map(({ name }) => name),
  );
  const weights = await weightsDigest(pinned, dir);
  return {
    name: approved.name,
    digest,
    feeds: run.feeds.flatMap(({ sha256: rows, train }, index) => {
      const ref = refs[index];
      return ref === undefined ? [] : [{ ref, rows, train }];
    }),
    open: () => openTextModel({ disk: pinned, dir, expected: weights }),
  };
}
