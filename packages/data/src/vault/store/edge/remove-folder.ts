// Removes a folder of ours with all that is in it: what an opening left when it failed. A link inside is removed, not
// followed.
import { rm } from 'node:fs/promises';

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
