// What waits in the inbox, for those who only look: statements that are not in the log yet. Nothing here counts; a waiver
// has to be seen before it can be approved, though, and its signature is the caller's to check.
import type { Disk } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { listInbox, readInboxFile } from './inbox.js';

/** Most files that are looked at. */
const MAX_FILES = 10_000;

export async function readInbox(disk: Disk, inboxDir: string): Promise<readonly Signed[]> {
  const found: Signed[] = [];
  for (const name of (await listInbox(disk, inboxDir)).slice(0, MAX_FILES)) {
    const file = await readInboxFile(disk, inboxDir, name);
    if ('signed' in file) found.push(file.signed);
  }
  return found;
}
