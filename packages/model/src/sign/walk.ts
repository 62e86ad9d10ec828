// Lists a model folder for signing: regular files, what an ignore list hides (counted, because code can hide there),
// and what no digest covers: links and special files. A link is followed only where the caller allows it, and then only
// inside the folder.
import type { Disk, FileStat } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { LinkReader } from './links.js';
import { follow } from './links.js';
import { isIgnored } from './paths.js';

const MAX_ENTRIES = 100_000;
const MAX_DEPTH = 32;

export interface IgnoredTree {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

export interface ModelFile {
  /** The name that is signed: where a link stands, not where it leads. */
  readonly path: string;
  /** Where the bytes are, relative to the folder; the same as `path` unless a link was followed. */
  readonly source: string;
  readonly stat: FileStat;
}

export interface Irregular {
  readonly path: string;
  readonly why: string;
}

export interface ModelTree {
  /** Unsorted. */
  readonly files: readonly ModelFile[];
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
  /** Links that are not followed, sockets, devices and the like outside ignored paths. */
  readonly irregular: readonly Irregular[];
  /** The same under ignored paths. */
  readonly hiddenIrregular: readonly Irregular[];
}

export interface WalkOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly ignore: ReadonlySet<string>;
  /** Path of the signature itself, neither signed nor counted. */
  readonly own: string | undefined;
  /** When given, links inside the folder are followed. */
  readonly readLink?: LinkReader | undefined;
}

interface Count {
  files: number;
  bytes: number;
}

/** A folder on the way down: its name in the model, where it really is, and all the real folders above it. */
interface Place {
  readonly path: string;
  readonly source: string;
  readonly above: readonly string[];
}

/** @throws VallumError `SIGN_TREE` above 100,000 entries or 32 levels */
export async function walkModel(options: WalkOptions): Promise<ModelTree> {
  const { disk, dir, ignore, own } = options;
  const files: ModelFile[] = [];
  const irregular: Irregular[] = [];
  const hiddenIrregular: Irregular[] = [];
  const ignored = new Map<string, Count>();
  let entries = 0;

  async function visit(place: Place, hidden: Count | undefined): Promise<void> {
    if (place.above.length > MAX_DEPTH) throw tooMuch(`${dir}/${place.path} is nested deeper than ${MAX_DEPTH}`);
    for (const name of await disk.list(place.source === '' ? dir : `${dir}/${place.source}`)) {
      const path = below(place.path, name);
      if (path === own) continue;
      entries += 1;
      if (entries > MAX_ENTRIES) throw tooMuch(`${dir} holds more than ${MAX_ENTRIES} entries`);
      await meet(path, place, below(place.source, name), hidden ?? hiddenBy(path));
    }
  }

  function hiddenBy(path: string): Count | undefined {
    if (!isIgnored(path, ignore)) return undefined;
    const count = { files: 0, bytes: 0 };
    ignored.set(path, count);
    return count;
  }

  async function meet(path: string, parent: Place, at: string, hidden: Count | undefined): Promise<void> {
    const seen = await disk.stat(`${dir}/${at}`);
    const found = await reach(options, at, seen, hidden === undefined);
    const above = [...parent.above, parent.source];
    if ('why' in found) {
      if (hidden !== undefined) hidden.files += 1;
      (hidden === undefined ? irregular : hiddenIrregular).push({ path, why: found.why });
    } else if (found.stat.kind === 'directory') {
      if (above.includes(found.source)) irregular.push({ path, why: 'it is a link to a folder that it is in' });
      else await visit({ path, source: found.source, above }, hidden);
    } else if (hidden !== undefined) {
      hidden.files += 1;
      hidden.bytes += found.stat.size;
    } else files.push({ path, ...found });
  }

  await visit({ path: '', source: '', above: [] }, undefined);
  return {
    files,
    bytes: files.reduce((sum, { stat }) => sum + stat.size, 0),
    irregular,
    hiddenIrregular,
    ignored: [...ignored].map(([path, count]) => ({ path, ...count })),
  };
}

type Reached = { readonly source: string; readonly stat: FileStat } | { readonly why: string };

async function reach(
  { disk, dir, readLink }: WalkOptions,
  source: string,
  stat: FileStat | undefined,
  mayFollow: boolean,
): Promise<Reached> {
  if (stat?.kind === 'file' || stat?.kind === 'directory') return { source, stat };
  if (stat?.kind !== 'link') return { why: stat === undefined ? 'it is gone' : 'it is a special file' };
  if (readLink === undefined || !mayFollow) return { why: 'it is a link' };
  const end = await follow(disk, dir, source, readLink);
  if ('refused' in end) return { why: `it is a link, and ${end.refused}` };
  if (end.stat.kind === 'file' || end.stat.kind === 'directory') return end;
  return { why: 'it is a link to a special file' };
}

/** One file as a model of its own. */
export async function singleFile(disk: Disk, dir: string, name: string): Promise<ModelTree> {
  const stat = await disk.stat(`${dir}/${name}`);
  const nothing = { ignored: [], hiddenIrregular: [] };
  if (stat?.kind === 'file')
    return { ...nothing, files: [{ path: name, source: name, stat }], bytes: stat.size, irregular: [] };
  const why = stat === undefined ? 'it is gone' : 'it is a link or a special file';
  return { ...nothing, files: [], bytes: 0, irregular: stat === undefined ? [] : [{ path: name, why }] };
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function tooMuch(message: string): VallumError {
  return new VallumError('SIGN_TREE', message, { fix: 'give the folder that holds the model alone' });
}
