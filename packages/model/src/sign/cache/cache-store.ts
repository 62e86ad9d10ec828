// Where caches and their key lie: in the user's key folder, never beside the model, where whoever may change the model
// could change them too. What is broken, foreign or open to others is worth a note and nothing else.
import type { Disk } from '@vallum/core';
import { messageOf, sha256, VallumError, writeDurably } from '@vallum/core';
import { decodeCache, encodeCache, MAX_CACHE_BYTES, MAX_CACHE_ENTRIES } from './cache-file.js';
import type { StatCache } from './stat-cache.js';

export interface CachePlace {
  readonly disk: Disk;
  /** The user's key folder, as a real absolute path. */
  readonly keysFolder: string;
  /** The model folder, as a real absolute path. */
  readonly folder: string;
  readonly randomBytes: (length: number) => Uint8Array;
}

const OWN = 'stat-cache';
const KEY_BYTES = 32;

export type LoadedCache = { readonly cache?: StatCache; readonly note?: string };

/** Never throws: what cannot be used is said in the note. No cache yet is no note. */
export async function loadCache(place: CachePlace): Promise<LoadedCache> {
  const { disk } = place;
  try {
    await requireOwn(place);
    const path = cachePath(place);
    if ((await disk.stat(path)) === undefined) return {};
    const key = await readKey(place);
    const bytes = await disk.read(path, MAX_CACHE_BYTES);
    const cache = key === undefined ? undefined : decodeCache(bytes, key);
    return cache === undefined ? { note: 'the cache is damaged or was not written with this key' } : { cache };
  } catch (error) {
    return { note: `the cache cannot be used: ${messageOf(error)}` };
  }
}

/** @returns a note when it could not be kept, which costs time only */
export async function saveCache(place: CachePlace, cache: StatCache): Promise<string | undefined> {
  const { disk } = place;
  try {
    if (cache.entries.length > MAX_CACHE_ENTRIES) return `more than ${MAX_CACHE_ENTRIES} files are not kept in a cache`;
    await requireOwn(place);
    await disk.makeDirectory(ownFolder(place), 0o700);
    await requireOwn(place);
    const key = (await readKey(place)) ?? (await makeKey(place));
    await writeDurably(disk, cachePath(place), encodeCache(cache, key), 0o600);
    return undefined;
  } catch (error) {
    return `the cache was not kept: ${messageOf(error)}`;
  }
}

function ownFolder({ keysFolder }: CachePlace): string {
  return `${keysFolder}/${OWN}`;
}

function cachePath(place: CachePlace): string {
  return `${ownFolder(place)}/${sha256(place.folder).slice(0, 32)}.cache`;
}

function keyPath(place: CachePlace): string {
  return `${ownFolder(place)}/key`;
}

/** Refuses a place that others may write to, or that is in the model. */
async function requireOwn(place: CachePlace): Promise<void> {
  const { disk, keysFolder, folder } = place;
  if (keysFolder === folder || keysFolder.startsWith(folder === '/' ? '/' : `${folder}/`))
    throw new VallumError('CACHE_PLACE', `${keysFolder} is in the model folder`);
  for (const path of [keysFolder, ownFolder(place)]) {
    const stat = await disk.stat(path);
    if (stat === undefined) continue;
    if (stat.kind !== 'directory') throw new VallumError('CACHE_PLACE', `${path} is no folder`);
    if ((stat.mode & 0o022) !== 0) throw new VallumError('CACHE_PLACE', `${path} is writable by other accounts`);
  }
}

/** Undefined when there is none. @throws VallumError when there is one that others may read or that is no key */
async function readKey(place: CachePlace): Promise<Uint8Array | undefined> {
  const { disk } = place;
  const path = keyPath(place);
  const stat = await disk.stat(path);
  if (stat === undefined) return undefined;
  if (stat.kind !== 'file' || (stat.mode & 0o077) !== 0)
    throw new VallumError('CACHE_KEY', `${path} is open to other accounts`);
  const key = await disk.read(path, KEY_BYTES);
  if (key.length !== KEY_BYTES) throw new VallumError('CACHE_KEY', `${path} is no key`);
  return key;
}

async function makeKey(place: CachePlace): Promise<Uint8Array> {
  const { disk } = place;
  const key = place.randomBytes(KEY_BYTES);
  if (await disk.create(keyPath(place), key, 0o600)) {
    await disk.sync(keyPath(place));
    return key;
  }
  // Somebody was faster: theirs is the key.
  const theirs = await readKey(place);
  if (theirs === undefined) throw new VallumError('CACHE_KEY', `${keyPath(place)} came and went`);
  return theirs;
}
