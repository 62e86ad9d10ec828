// Does a write through a shared mapping move the times of a file here, once the file is synced? A mapping that was made
// before can change bytes without any call. After a sync, the file systems of the list meet the first write to a page
// with a fault that moves mtime and ctime; tmpfs never does. Measured on ext4; the others have the same call in Linux.
import { statfs } from 'node:fs/promises';
import known from './file-systems.json' with { type: 'json' };

/** False as well for a file system that nobody looked at, and where the question cannot be asked. */
export async function datesMappedWrites(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    return Object.hasOwn(known, String((await statfs(path)).type >>> 0));
  } catch {
    return false;
  }
}
