// What became of the files since the last look: new ones, those that grew, and those that are not what they were.
import type { MonitorState, ReadFile, Signal } from '@vallum/monitor';
import { arrivalPath, completeSize, listArrivals, prefixDigest } from '../project/arrivals.js';
import type { MonitorPlace } from '../project/monitor-place.js';

/** Files that were looked at in this process and did not change since, so that a poll does not read them all again. */
export type Seen = Map<string, string>;

export interface Surveyed {
  readonly files: readonly ReadFile[];
  readonly signals: readonly Signal[];
}

export async function surveyFiles(
  { session, declared }: MonitorPlace,
  state: MonitorState,
  seen: Seen,
): Promise<Surveyed> {
  const { disk, paths } = session;
  const root = `${paths.root}/${declared.incoming}`;
  const there = await listArrivals(disk, root);
  const known = new Map(state.files.map((file) => [file.path, file]));
  const files: ReadFile[] = [];
  const changed: string[] = [];
  // In the order in which they were seen first; what is gone is forgotten.
  const order = [...state.files.map(({ path }) => path).filter((path) => there.includes(path))];
  for (const path of [...order, ...there.filter((each) => !known.has(each))]) {
    const at = arrivalPath(root, path);
    const stat = await disk.stat(at);
    if (stat === undefined) continue;
    const mark = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.inode].join(' ');
    const old = known.get(path);
    if (old !== undefined && seen.get(path) === mark) {
      files.push(old);
      continue;
    }
    const size = await completeSize(disk, at);
    const digest = await prefixDigest(disk, at, size);
    if (digest === undefined || size === 0) {
      if (old !== undefined) files.push(old);
      continue;
    }
    const isSame = old === undefined || (await isPrefix(disk, at, old, { size, digest }));
    if (!isSame) changed.push(path === '' ? declared.incoming : path);
    files.push(entryOf(path, { size, digest }, isSame ? old : undefined, old?.used ?? 0));
    seen.set(path, mark);
  }
  return { files, signals: changed.length === 0 ? [] : [changedSignal(changed)] };
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

/** After a change the rows that were not judged yet are read where they now stand. */
function entryOf(path: string, { size, digest }: Bytes, same: ReadFile | undefined, used: number): ReadFile {
  const rows = same?.size === size && same.rows !== undefined ? { rows: same.rows } : {};
  return { path, sha256: digest, size, used, ...rows, ...(same?.failed === true ? { failed: true } : {}) };
}

function changedSignal(paths: readonly string[]): Signal {
  const names = paths.slice(0, 5).map((path) => JSON.stringify(path.slice(0, 200)));
  const more = paths.length > names.length ? ` and ${paths.length - names.length} more` : '';
  return {
    key: '["file-changed"]',
    rule: 'VLM-MON-006',
    columns: [],
    groups: [],
    why: `bytes of ${names.join(', ')}${more} were read already and are others now`,
  };
}
