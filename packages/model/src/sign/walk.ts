// Lists a model folder for signing: regular files, what an ignore list hides (counted, because code can hide there),
// and what no digest covers: links and special files, which are never followed.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { isIgnored } from './paths.js';

const MAX_ENTRIES = 100_000;
const MAX_DEPTH = 32;

export interface IgnoredTree {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

export interface ModelTree {
  /** Relative paths, unsorted. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
  /** Links, sockets, devices and the like outside ignored paths. */
  readonly irregular: readonly string[];
}

/**
 * @param own path of the signature itself, neither signed nor counted
 * @throws VallumError `SIGN_TREE` above 100,000 entries or 32 levels
 */
export async function walkModel(
  disk: Disk,
  dir: string,
  ignore: ReadonlySet<string>,
  own: string | undefined,
): Promise<ModelTree> {
  const files: string[] = [];
  const irregular: string[] = [];
  const ignored = new Map<string, { files: number; bytes: number }>();
  let bytes = 0;
  let entries = 0;

  async function visit(prefix: string, depth: number, hidden: { files: number; bytes: number } | undefined) {
    if (depth > MAX_DEPTH) throw tooMuch(`${dir}/${prefix} is nested deeper than ${MAX_DEPTH}`);
    for (const name of await disk.list(prefix === '' ? dir : `${dir}/${prefix}`)) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (path === own) continue;
      entries += 1;
      if (entries > MAX_ENTRIES) throw tooMuch(`${dir} holds more than ${MAX_ENTRIES} entries`);
      const stat = await disk.stat(`${dir}/${path}`);
      let count = hidden;
      if (count === undefined && isIgnored(path, ignore)) {
        count = { files: 0, bytes: 0 };
        ignored.set(path, count);
      }
      if (stat?.kind === 'directory') await visit(path, depth + 1, count);
      else if (count !== undefined) {
        count.files += 1;
        count.bytes += stat?.kind === 'file' ? stat.size : 0;
      } else if (stat?.kind === 'file') {
        files.push(path);
        bytes += stat.size;
      } else irregular.push(path);
    }
  }

  await visit('', 0, undefined);
  return { files, bytes, irregular, ignored: [...ignored].map(([path, count]) => ({ path, ...count })) };
}

function tooMuch(message: string): VallumError {
  return new VallumError('SIGN_TREE', message, { fix: 'give the folder that holds the model alone' });
}
