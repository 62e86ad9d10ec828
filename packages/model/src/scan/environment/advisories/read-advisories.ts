// The supplied list: one file or a folder of `.json` (an advisory, or a list of them) and `.jsonl` (one a line), through the
// Disk port. What cannot be read is told: a list with a hole in it is no proof that nothing was found.
import type { Disk, JsonValue, Sha256 } from '@vallum/core';
import { digestDirectory, messageOf, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import { readJsonLines } from '@vallum/formats';
import type { Advisory } from './osv.js';
import { readAdvisory } from './osv.js';

export interface AdvisoryFile {
  readonly path: string;
  readonly sha256: Sha256;
}

export interface AdvisoryList {
  readonly advisories: readonly Advisory[];
  readonly withdrawn: number;
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ADVISORIES = 200_000;
const MAX_UNREAD = 100;

/** @throws VallumError `ADVISORIES_CHANGED` when a file is not the one whose digest was planned with */
export async function readAdvisories(
  disk: Disk,
  root: string,
  files: readonly AdvisoryFile[],
  signal: AbortSignal,
): Promise<AdvisoryList> {
  const advisories: Advisory[] = [];
  const unread: { what: string; why: string }[] = [];
  let withdrawn = 0;
  const tell = (what: string, why: string): void => {
    if (unread.length < MAX_UNREAD) unread.push({ what, why });
  };
  for (const file of files) {
    signal.throwIfAborted();
    const path = file.path === '' ? root : `${root}/${file.path}`;
    const shown = file.path === '' ? 'advisories' : `advisories/${file.path}`;
    try {
      const bytes = await disk.read(path, MAX_BYTES);
      if (sha256(bytes) !== file.sha256)
        throw new VallumError('ADVISORIES_CHANGED', `${shown} changed after its digest was taken`);
      for (const { at, value } of valuesIn(path, bytes)) {
        const read = readAdvisory(value);
        if (read.kind === 'unread') tell(`${shown}: ${at}`, read.why);
        else if (read.kind === 'withdrawn') withdrawn += 1;
        else if (read.kind === 'advisory' && advisories.length < MAX_ADVISORIES) advisories.push(read.advisory);
        else if (read.kind === 'advisory') tell(shown, `more than ${MAX_ADVISORIES} advisories are not read`);
      }
    } catch (error) {
      signal.throwIfAborted();
      tell(shown, messageOf(error));
    }
  }
  return { advisories, withdrawn, unread };
}

function* valuesIn(path: string, bytes: Uint8Array): Generator<{ at: string; value: JsonValue }> {
  if (path.endsWith('.jsonl')) {
    for (const { line, value } of readJsonLines(bytes)) yield { at: `line ${line}`, value };
    return;
  }
  const value = parseJsonStrict(bytes, { maxBytes: MAX_BYTES });
  const all = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  for (const [at, one] of all.entries()) yield { at: `advisory ${at + 1}`, value: one };
}

/** The one digest that stands for the whole list. */
export function advisoriesDigest(files: readonly AdvisoryFile[]): Sha256 {
  const [only] = files;
  return files.length === 1 && only?.path === '' ? only.sha256 : digestDirectory(files);
}
