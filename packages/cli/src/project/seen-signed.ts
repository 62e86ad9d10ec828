// The newest signed files of each project that this person has used, kept beside the pins. Somebody who can write to the
// project can put an older trust.json or policy.json back, rightly signed by its owner: with it people who were removed, a
// former key of the ledger, or a requirement that was tightened since. Only a memory outside the project shows it.
import type { Disk, JsonValue, Sha256 } from '@vallum/core';
import {
  canonicalJson,
  isJsonObject,
  isSha256,
  parseJsonStrict,
  parseTime,
  VallumError,
  writeDurably,
} from '@vallum/core';

export interface SignedFile {
  /** Real path of the file. */
  readonly path: string;
  /** Fingerprint of the root under which it counts: another root begins anew. */
  readonly root: Sha256;
  /** When its owner says that it was signed, UTC. */
  readonly at: string;
  readonly digest: Sha256;
}

const SCHEMA = 'vallum/seen-signed/v1';
const MAX_BYTES = 4 * 1024 * 1024;

const fileOf = (folder: string): string => `${folder}/seen-signed.json`;

/**
 * Remembers the file, when it is newer than what is known.
 * @throws VallumError `SIGNED_ROLLED_BACK` (not proven) when a newer one was used before; `SEEN_INVALID`
 */
export async function refuseOlder(disk: Disk, keysFolder: string, file: SignedFile): Promise<void> {
  const all = await readSeen(disk, keysFolder);
  const before = all.find(({ path, root }) => path === file.path && root === file.root);
  if (before?.digest === file.digest) return;
  if (before !== undefined && parseTime(file.at) <= parseTime(before.at))
    throw new VallumError(
      'SIGNED_ROLLED_BACK',
      `${file.path} is of ${file.at}, and one of ${before.at} was used here before: an older one was put back`,
      {
        fix: `restore the newer file; if the older one is meant to count, remove its entry from ${fileOf(keysFolder)}`,
      },
      'unproven',
    );
  const files = [...all.filter((one) => one !== before), file].map((one): JsonValue => ({ ...one }));
  try {
    await disk.makeDirectory(keysFolder, 0o700);
    await writeDurably(disk, fileOf(keysFolder), Buffer.from(`${canonicalJson({ schema: SCHEMA, files })}\n`), 0o600);
  } catch (error) {
    // Where the folder cannot be written to nothing is remembered: that makes no verdict wrong.
    if (!(error instanceof VallumError)) throw error;
  }
}

async function readSeen(disk: Disk, folder: string): Promise<readonly SignedFile[]> {
  const path = fileOf(folder);
  if ((await disk.stat(path)) === undefined) return [];
  try {
    const json = parseJsonStrict(await disk.read(path, MAX_BYTES));
    if (isJsonObject(json) && json['schema'] === SCHEMA && Array.isArray(json['files']))
      return (json['files'] as readonly JsonValue[]).map(readOne);
  } catch {
    // Said below.
  }
  throw new VallumError('SEEN_INVALID', `${path} cannot be read`, { fix: 'restore it, or remove it' }, 'unproven');
}

function readOne(value: JsonValue): SignedFile {
  if (!isJsonObject(value)) throw new TypeError('an entry is no object');
  const { path, root, at, digest } = value;
  if (typeof path !== 'string' || !isSha256(root) || typeof at !== 'string' || !isSha256(digest))
    throw new TypeError('an entry is broken');
  return { path, root, at: parseTime(at).toISOString(), digest };
}
