// run.json on its own: which feeds trained a model and which of their rows were held out.
import type { Disk } from '@vallum/core';
import { readRun } from './documents.js';
import type { RunRecord } from './documents.js';
import { Fields } from './fields.js';

export const RUN_FILE = 'run.json';
const MAX_BYTES = 4 * 1024 * 1024;

/** Undefined when the model folder has none. @throws VallumError `LINEAGE_JSON`, naming the key, or of the disk */
export async function readRunFile(disk: Disk, modelDir: string): Promise<RunRecord | undefined> {
  const path = `${modelDir}/${RUN_FILE}`;
  if ((await disk.stat(path)) === undefined) return undefined;
  return readRun(Fields.parse(RUN_FILE, await disk.read(path, MAX_BYTES)));
}
