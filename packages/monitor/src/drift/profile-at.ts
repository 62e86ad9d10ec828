// Is a reference a profile rather than rows? A profile says so in its schema, which stands at one end of it.
import type { Disk } from '@vallum/core';
import { readProfile } from '@vallum/stats';
import type { NamedProfile } from './profile-steps.js';

const LARGEST = 64 * 1024 * 1024;
const END = 256;
const SCHEMA = /"schema"\s*:\s*"vallum\/profile\//;

/** Undefined where the file is something else. @throws VallumError `PROFILE_*` for a profile that is broken */
export async function profileAt(disk: Disk, path: string): Promise<NamedProfile | undefined> {
  const stat = await disk.stat(path);
  if (stat?.kind !== 'file' || stat.size > LARGEST) return undefined;
  const file = await disk.open(path);
  try {
    const ends = [await file.read(0, END), await file.read(Math.max(0, file.size - END), END)];
    if (!ends.some((bytes) => SCHEMA.test(Buffer.from(bytes).toString('latin1')))) return undefined;
  } finally {
    await file.close();
  }
  return { name: path.slice(path.lastIndexOf('/') + 1), profile: readProfile(await disk.read(path, LARGEST)) };
}
