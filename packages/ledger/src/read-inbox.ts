// What waits in the inbox, for those who only look: statements that are not in the log yet. Nothing here counts; a waiver
// has to be seen before it can be approved, though, and its signature is the caller's to check.
import type { Disk } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { listInbox, readInboxFile } from './inbox.js';
import { inParallel } from './store/parallel.js';

/** Most files that are looked at; those with the name of a statement come first. */
const MAX_FILES = 10_000;

export async function readInbox(disk: Disk, inboxDir: string): Promise<readonly Signed[]> {
  const { names } = await listInbox(disk, inboxDir);
  const found = await inParallel(names.slice(0, MAX_FILES), async (name) => {
    const file = await readInboxFile(disk, inboxDir, name);
    return 'signed' in file ? [file.signed] : [];
  });
  return found.flat();
}
