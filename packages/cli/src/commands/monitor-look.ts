// One look of a monitor: everything that arrived since the last one, window by window. What it remembers is written after each
// window, so a kill loses nothing and nothing is judged twice; rows that fill no window yet are read again next time.
import { VallumError, writeDurably } from '@vallum/core';
import type { ColumnType, Table } from '@vallum/formats';
import { openTable } from '@vallum/formats';
import type { Alert, MonitorState, ReadFile, Reference, Signal, Watch } from '@vallum/monitor';
import { stateBytes, unreadableFile, WindowRows } from '@vallum/monitor';
import { arrivalPath, cutDisk } from '../project/arrivals.js';
import { onState } from '../project/log.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { keepAnswers } from './monitor-answers.js';
import type { Seen } from './monitor-files.js';
import { note, surveyFiles } from './monitor-files.js';
import { maskWatched, shownError, shownFile } from './monitor-shown.js';

export interface Look {
  readonly state: MonitorState;
  readonly opened: readonly Alert[];
  readonly windows: number;
  /** Rows that wait until a window is full. */
  readonly waiting: number;
  /** Files of which rows were not read, as they may be shown. */
  readonly unread: readonly string[];
}

export interface LookParts {
  readonly place: MonitorPlace;
  readonly watch: Watch;
  readonly reference: Reference;
  readonly seen: Seen;
  readonly signal?: AbortSignal;
  readonly progress: (message: string) => void;
}

/** @throws VallumError `MONITOR_FILES`, `TREE_*`, and the reason of the signal; what was remembered until then is on the disk */
export async function lookOnce(parts: LookParts, before: MonitorState): Promise<Look> {
  const { place, seen } = parts;
  const surveyed = await surveyFiles(place, before, seen);
  const noted = note({ ...before, files: surveyed.files }, surveyed.signals, place);
  const run = new Looking(parts, noted.state, surveyed.there);
  run.opened.push(...noted.opened);
  if (surveyed.signals.length > 0) await run.save();
  await run.readAll();
  await run.save();
  const failed = run.state.files.filter((file) => file.failed === true).map(({ path }) => path);
  const unread = [...failed, ...surveyed.unread].map((path) => shownFile(place, path));
  return { unread, state: run.state, opened: run.opened, windows: run.windows, waiting: run.waiting };
}

class Looking {
  state: MonitorState;
  readonly opened: Alert[] = [];
  windows = 0;
  waiting = 0;
  readonly #parts: LookParts;
  readonly #there: ReadonlySet<string>;
  readonly #rows: WindowRows;
  readonly #size: number;
  readonly #types: Readonly<Record<string, ColumnType>>;
  /** Rows of each file in the window that is being filled. */
  #taken = new Map<string, number>();

  constructor(parts: LookParts, state: MonitorState, there: ReadonlySet<string>) {
    const { declared } = parts.place;
    this.#parts = parts;
    this.#there = there;
    this.state = state;
    this.#size = declared.window.rows;
    const known = parts.reference.sample.columns.map(({ name, kind }) => ({ name, kind }));
    const extra = [
      ...(declared.id === undefined ? [] : [{ name: declared.id, kind: 'text' } as const]),
      ...(declared.time === undefined ? [] : [{ name: declared.time, kind: 'time' } as const]),
    ];
    this.#rows = new WindowRows([...known, ...extra], this.#size);
    // Times come in many forms, and only say how fast windows follow each other.
    this.#types = Object.fromEntries(
      [...known, ...extra].filter(({ name }) => name !== declared.time).map(({ name, kind }) => [name, kind]),
    );
  }

  /** Where a file cannot be read to its end, the rows before that place count; it is tried again at each look. */
  async readAll(): Promise<void> {
    for (const { path } of this.state.files) {
      if (!this.#there.has(path)) continue;
      this.#noteReplay(path);
      const file = this.#file(path);
      if (file.rows !== undefined && file.rows <= file.used) continue;
      try {
        await this.#readFile(file);
      } catch (error) {
        if (!isAboutFile(error)) throw error;
        await this.#fail(path, shownError(this.#parts.place, error));
      }
    }
    this.waiting = this.#rows.rows;
  }

  async save(): Promise<void> {
    const { place } = this.#parts;
    await onState(() => writeDurably(place.session.disk, place.state, stateBytes(this.state), 0o600));
  }

  async #readFile(file: ReadFile): Promise<void> {
    const { place, signal, progress } = this.#parts;
    const { disk, paths } = place.session;
    const at = arrivalPath(`${paths.root}/${place.declared.incoming}`, file.path);
    progress(`reading ${shownFile(place, file.path)}`);
    const table = await this.#open(cutDisk(disk, at, file.size), at);
    let row = 0;
    try {
      const places = this.#rows.places(table.columns);
      for await (const batch of table.batches(signal === undefined ? {} : { signal })) {
        for (let own = 0; own < batch.rows; own += 1) {
          row += 1;
          if (row <= file.used) continue;
          this.#rows.add(batch, own, places);
          this.#taken.set(file.path, (this.#taken.get(file.path) ?? 0) + 1);
          if (this.#rows.rows === this.#size) await this.#window();
        }
      }
    } finally {
      await table.close();
    }
    const { failed, ...read } = this.#file(file.path);
    void failed;
    this.#replace({ ...read, rows: row });
  }

  /** With the types of the reference, so that a column of numbers does not turn into text because of one file. */
  async #open(disk: MonitorPlace['session']['disk'], path: string): Promise<Table> {
    const options = this.#parts.signal === undefined ? {} : { signal: this.#parts.signal };
    try {
      return await openTable(disk, path, { ...options, types: this.#types });
    } catch (error) {
      if (!(error instanceof VallumError) || error.code !== 'TABLE_COLUMN') throw error;
    }
    // It lacks columns, which the judge has to see.
    const plain = await openTable(disk, path, options);
    const names = new Set(plain.columns.map(({ name }) => name));
    await plain.close();
    const types = Object.fromEntries(Object.entries(this.#types).filter(([name]) => names.has(name)));
    return openTable(disk, path, { ...options, types });
  }

  async #window(): Promise<void> {
    const { watch, place, progress, signal } = this.#parts;
    const number = this.state.number + 1;
    progress(`judging window ${number}`);
    const sample = this.#rows.take(`window ${number}`);
    const taken = this.#taken;
    this.#taken = new Map();
    const files = this.state.files.map((file) => ({ ...file, used: file.used + (taken.get(file.path) ?? 0) }));
    const watched = maskWatched(await watch.take(sample, { ...this.state, files }, place.session.clock()));
    signal?.throwIfAborted();
    const kept = await keepAnswers(place, number, sample, watched);
    this.state = kept;
    this.opened.push(...watched.opened);
    this.windows += 1;
    await this.save();
  }

  /** The same bytes under another name are not judged twice; where the first file is gone, it goes on where that one stood. */
  #noteReplay(path: string): void {
    const file = this.#file(path);
    if (file.rows !== undefined || file.used > 0) return;
    const twin = this.state.files.find(
      (each) =>
        each.path !== path && each.sha256 === file.sha256 && each.size === file.size && (each.rows ?? each.used) > 0,
    );
    if (twin === undefined) return;
    const all = twin.rows ?? twin.used;
    const used = this.#there.has(twin.path) ? all : twin.used;
    this.#replace({ ...file, used, rows: all });
    this.#replace({ ...twin, used: this.#there.has(twin.path) ? twin.used : all });
    const { place } = this.#parts;
    const key = JSON.stringify(['file-replayed', file.sha256]);
    this.#raise(
      key,
      `replayed: ${shownFile(place, path)} has the bytes of ${shownFile(place, twin.path)}, and its rows were not judged again`,
    );
  }

  async #fail(path: string, why: string): Promise<void> {
    const file = this.#file(path);
    // Told already, for the same bytes.
    if (file.failed === true) return;
    this.#replace({ ...file, failed: true });
    this.#note(unreadableFile({ path: shownFile(this.#parts.place, path), sha256: file.sha256 }, why));
    await this.save();
  }

  #raise(key: string, why: string): void {
    this.#note({ key, rule: 'VLM-MON-007', columns: [], groups: [], why });
  }

  #note(signal: Signal): void {
    const noted = note(this.state, [signal], this.#parts.place);
    this.state = noted.state;
    this.opened.push(...noted.opened);
  }

  #file(path: string): ReadFile {
    const found = this.state.files.find((file) => file.path === path);
    if (found === undefined) throw new VallumError('MONITOR_FILE', `${path} is not watched`, {}, 'internal');
    return found;
  }

  #replace(file: ReadFile): void {
    this.state = { ...this.state, files: this.state.files.map((each) => (each.path === file.path ? file : each)) };
  }
}

/** What a reader says about bytes; whatever the judge, the state or a stop says is about something else. */
function isAboutFile(error: unknown): error is VallumError {
  if (!(error instanceof VallumError) || error.errorClass !== 'usage') return false;
  return !/^(?:DRIFT|STATS|STREAM|PERFORMANCE|MONITOR)_/.test(error.code);
}
