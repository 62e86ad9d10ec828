// The digest of a folder, and the one that a provenance of it has to name. Other people's tools know no directory digest of
// Vallum: they attest the root of OpenSSF Model Signing, or one file. Which of them is meant is declared, never guessed.
import type { Disk, Sha256 } from '@vallum/core';
import { digestDirectory, digestTree, VallumError } from '@vallum/core';
import { modelSigningRoot } from '../../provenance/oms-root.js';
import { SIGNATURE_FILE } from '../sign.js';
import type { Attested, Source } from './sources.js';

/** @throws VallumError `SOURCE_FILE` for a file that is not in the folder, `DISK_*` */
export async function subjectOf(
  disk: Disk,
  dir: string,
  attested: Attested = 'directory',
): Promise<Pick<Source, 'actual' | 'subject' | 'covers'>> {
  const files = await digestTree(disk, dir, (path) => path !== SIGNATURE_FILE);
  const actual = digestDirectory(files);
  if (attested === 'directory') return { actual, subject: actual };
  if (attested === 'oms-root')
    return { actual, subject: modelSigningRoot(files), covers: 'the bytes of the files, not their names,' };
  const found: Sha256 | undefined = files.find(({ path }) => path === attested.file)?.sha256;
  if (found === undefined)
    throw new VallumError('SOURCE_FILE', `the attested file ${attested.file} is not in the folder`, {
      fix: 'name it as it lies in the folder of the base model',
    });
  return { actual, subject: found, ...(files.length === 1 ? {} : { covers: `the file ${attested.file}` }) };
}
