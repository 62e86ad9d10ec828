// What became of the files since the last look: new ones, those that grew, and those that are not what they were.
import { sha256 } from '@vallum/core';
import type { Alert, MonitorState, NamedBytes, ReadFile, Signal } from '@vallum/monitor';
import { changedFiles, MOST_FILES, raiseAlerts } from '@vallum/monitor';
import { arrivalPath, completeSize, listArrivals, prefixDigest } from '../project/arrivals.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { shownFile } from './monitor-shown.js';

const EMPTY = sha256('');

/** Files that were looked at in this process and did not change since, so that a poll does not read them all again. */
export type Seen = Map<string, string>;

export interface Surveyed {
  /** With those that are gone, so that other bytes under their names are found out. */
  readonly files: readonly ReadFile[];
  readonly there: ReadonlySet<string>;
  /** Files that hold no whole line yet. */
  readonly unread: readonly string[];
  readonly signals: readonly Signal[];
}

export async function surveyFiles(place: MonitorPlace, state: MonitorState, seen: Seen): Promise<Surveyed> {
  const { session, declared } = place;
  const { disk, paths } = session;
  const root = `${paths.root}/${declared.incoming}`;
  const there = new Set(await listArrivals(disk, root));
  const unread: string[] = [];
  const known = new Map(state.files.map((file) => [file.path, file]));
  const files: ReadFile[] = [];
  const changed: NamedBytes[] = [];
  // In the order in which they were seen first.
  for (const path of new Set([...known.keys(), ...there])) {
    const at = arrivalPath(root, path);
    const old = known.get(path);
    const stat = there.has(path) ? await disk.stat(at) : undefined;
    if (stat === undefined) {
      there.delete(path);
      seen.delete(path);
      if (old !== undefined) files.push(goneEntry(old));
      continue;
    }
    const mark = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.inode].join(' ');
    if (old !== undefined && seen.get(path) === mark) {
      files.push(old);
      continue;
    }
    const size = await completeSize(disk, at);
    const digest = await prefixDigest(disk, at, size);
    if (digest === undefined || size === 0) {
      // What was read before and is nothing now was changed.
      if (old !== undefined) {
        files.push(old);
        changed.push({ path: shownFile(place, path), sha256: digest ?? EMPTY });
      } else if (stat.size > 0) unread.push(path);
      continue;
    }
    const isSame = old === undefined || (await isPrefix(disk, at, old, { size, digest }));
    if (!isSame) changed.push({ path: shownFile(place, path), sha256: digest });
    files.push(entryOf(path, { size, digest }, isSame ? old : undefined, old?.used ?? 0));
    seen.set(path, mark);
  }
  return {
    files: bounded(files, there),
    there,
    unread,
    signals: changedFiles(changed),
  };
}

/** Signals from the files become alerts as those from windows do. */
export function note(
  state: MonitorState,
  signals: readonly Signal[],
  { monitor, session }: MonitorPlace,
): { readonly state: MonitorState; readonly opened: readonly Alert[] } {
  const { reference, number: window } = state;
  const { alerts, opened } = raiseAlerts(state.alerts, signals, { monitor, reference, window, at: session.clock() });
  return { state: { ...state, alerts }, opened };
}

interface Bytes {
  readonly size: number;
  readonly digest: ReadFile['sha256'];
}

async function isPrefix(
  disk: MonitorPlace['session']['disk'],
  path: string,
  old: ReadFile,
  now: Bytes,
): Promise<boolean> {
  if (now.size === old.size) return now.digest === old.sha256;
  return now.size > old.size && (await prefixDigest(disk, path, old.size)) === old.sha256;
}

/** Whatever it was that could not be read, it lies there no more. */
function goneEntry({ failed, ...file }: ReadFile): ReadFile {
  void failed;
  return file;
}

/** Of the files that are gone the oldest are forgotten. */
function bounded(files: readonly ReadFile[], there: ReadonlySet<string>): readonly ReadFile[] {
  const gone = files.filter(({ path }) => !there.has(path));
  const forgotten = new Set(gone.slice(0, Math.max(0, files.length - MOST_FILES)));
  return files.filter((file) => !forgotten.has(file));
}

/** After a change the rows that were not judged yet are read where they now stand. */
function entryOf(path: string, { size, digest }: Bytes, same: ReadFile | undefined, used: number): ReadFile {
  const rows = same?.size === size && same.rows !== undefined ? { rows: same.rows } : {};
  return {
    path,
    sha256: digest,
    size,
    used,
    ...rows,
    ...(same?.size === size && same.failed === true ? { failed: true } : {}),
  };
}
