// Answers of the model wait for their labels: kept by window beside what the monitor remembers, joined by id when labels arrive in
// the declared folder, and judged once per window. Of fifty windows only, so that they are bounded; the oldest go.
import {
  canonicalJson,
  digestJson,
  isJsonObject,
  parseJsonStrict,
  sha256,
  VallumError,
  writeDurably,
} from '@vallum/core';
import type { Disk, JsonObject } from '@vallum/core';
import { snippetOf } from '@vallum/data';
import { openTable } from '@vallum/formats';
import type { Alert, MonitorState, Watch, Watched, WindowRows } from '@vallum/monitor';
import { alignLabels, withLabels } from '@vallum/monitor';
import type { Arrived, Scored } from '@vallum/monitor';
import { arrivalPath, listArrivals } from '../project/arrivals.js';
import { onState } from '../project/log.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { note } from './monitor-files.js';
import { maskWatched, shownError } from './monitor-shown.js';

type Sample = ReturnType<WindowRows['take']>;

const MOST_WINDOWS = 50;
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_LABELS = 5_000_000;
/** A window is judged when labels of so many of its rows have arrived. */
const ENOUGH = 0.8;

/** @returns the state with the window among those that wait */
export async function keepAnswers(
  place: MonitorPlace,
  number: number,
  sample: Sample,
  { state, scored }: Watched,
): Promise<MonitorState> {
  const { id, labels } = place.declared;
  const ids = sample.columns.find(({ name }) => name === id);
  if (labels === undefined || scored === undefined || ids?.kind !== 'text') return state;
  const value: JsonObject = {
    schema: 'vallum/monitor-answers/v1',
    // Ids may be people: what is kept to join by is their digest.
    ids: [...ids.codes].map((code) => (code < 0 ? '' : idOf(ids.levels[code] as string))),
    predicted: [...scored.predicted],
    probabilities: [...scored.probabilities.values],
    classes: scored.probabilities.columns,
  };
  const { disk } = place.session;
  await onState(async () => {
    await disk.makeDirectory(place.folder, 0o700);
    await writeDurably(disk, answersPath(place, number), Buffer.from(canonicalJson(value)), 0o600);
  });
  const waiting = [...state.unlabelled, number];
  const dropped = waiting.slice(0, Math.max(0, waiting.length - MOST_WINDOWS));
  for (const old of dropped) await disk.remove(answersPath(place, old));
  return { ...state, unlabelled: waiting.slice(dropped.length) };
}

/** Judges the windows whose labels have arrived. */
export async function judgeLabels(
  place: MonitorPlace,
  watch: Watch,
  before: MonitorState,
): Promise<{ readonly state: MonitorState; readonly opened: readonly Alert[] }> {
  const opened: Alert[] = [];
  if (place.declared.labels === undefined || before.unlabelled.length === 0) return { state: before, opened };
  const arrived = await readLabels(place);
  if (typeof arrived === 'string') return { state: { ...before, noPerformance: arrived }, opened };
  let state = before;
  // Once for the same files, and not at every look for as long as they lie there.
  const key = JSON.stringify(['labels-unreadable', digestJson([...arrived.bad])]);
  if (arrived.bad.length > 0 && !before.alerts.some((alert) => alert.key === key)) {
    const why = `labels that cannot be read: ${arrived.bad.slice(0, 5).join('; ')}`;
    const noted = note(before, [{ key, rule: 'VLM-MON-007', columns: [], groups: [], why }], place);
    state = noted.state;
    opened.push(...noted.opened);
  }
  for (const number of before.unlabelled) {
    const kept = await answersOf(place, number);
    if (kept === undefined) {
      state = { ...state, unlabelled: state.unlabelled.filter((each) => each !== number) };
      continue;
    }
    // Of an id that comes twice the first row counts.
    const rowOf = new Map([...kept.ids.entries()].reverse().map(([row, id]) => [id, row]));
    rowOf.delete('');
    const own = arrived.found.filter(({ id }) => rowOf.has(id));
    const aligned = alignLabels([...rowOf.keys()], own);
    if (aligned.arrived < ENOUGH * kept.ids.length) continue;
    const labels = new Int32Array(kept.ids.length).fill(-1);
    [...rowOf.values()].forEach((row, at) => (labels[row] = aligned.labels[at] as number));
    const watched = maskWatched(watch.labels(withLabels(kept.scored, labels), number, state, place.session.clock()));
    opened.push(...watched.opened);
    state = { ...watched.state, unlabelled: watched.state.unlabelled.filter((each) => each !== number) };
  }
  return { state, opened };
}

/** Removes answers of windows that wait no more; after the state was written. */
export async function dropAnswers(place: MonitorPlace, before: MonitorState, after: MonitorState): Promise<void> {
  for (const number of before.unlabelled)
    if (!after.unlabelled.includes(number)) await place.session.disk.remove(answersPath(place, number));
}

function answersPath({ folder }: MonitorPlace, number: number): string {
  return `${folder}/answers-${number}.json`;
}

async function answersOf(
  place: MonitorPlace,
  number: number,
): Promise<{ readonly ids: readonly string[]; readonly scored: Scored } | undefined> {
  const { disk } = place.session;
  const path = answersPath(place, number);
  if ((await disk.stat(path)) === undefined) return undefined;
  const bytes = await onState(() => disk.read(path, MOST_BYTES));
  const value = parseJsonStrict(bytes, { maxBytes: MOST_BYTES, maxDepth: 3, maxValues: 20_000_000 });
  if (!isJsonObject(value)) return undefined;
  const { ids, predicted, probabilities, classes } = value;
  if (!Array.isArray(ids) || !Array.isArray(predicted) || !Array.isArray(probabilities)) return undefined;
  const columns = Number(classes);
  if (predicted.length !== ids.length || probabilities.length !== ids.length * columns) return undefined;
  const values = Float64Array.from(probabilities as number[]);
  const scored = {
    probabilities: { rows: ids.length, columns, values },
    predicted: Int32Array.from(predicted as number[]),
  };
  return { ids: ids as string[], scored };
}

const idOf = (id: string): string => sha256(id).slice(0, 32);

interface Labels {
  readonly found: readonly Arrived[];
  /** What is wrong with files that give none. */
  readonly bad: readonly string[];
}

/** All labels of files that can be read to their end, or why there are none: one bad file does not silence the others. */
async function readLabels(place: MonitorPlace): Promise<Labels | string> {
  const { session, declared } = place;
  const root = `${session.paths.root}/${declared.labels ?? ''}`;
  const found: Arrived[] = [];
  const bad: string[] = [];
  for (const path of await listArrivals(session.disk, root)) {
    const own: Arrived[] = [];
    try {
      await readLabelFile(session.disk, arrivalPath(root, path), own, {
        id: declared.id ?? '',
        label: declared.label ?? '',
        labels: session.declaration.labels,
      });
    } catch (error) {
      if (!(error instanceof VallumError)) throw error;
      bad.push(`${JSON.stringify(snippetOf(path))}: ${shownError(place, error)}`);
      continue;
    }
    for (const one of own) found.push(one);
    if (found.length > MOST_LABELS) return `more than ${MOST_LABELS} labels lie in ${declared.labels ?? ''}`;
  }
  if (found.length === 0 && bad.length > 0) return `labels cannot be read: ${bad.slice(0, 5).join('; ')}`;
  return { found, bad };
}

async function readLabelFile(
  disk: Disk,
  path: string,
  found: Arrived[],
  { id, label, labels }: { readonly id: string; readonly label: string; readonly labels: readonly string[] },
): Promise<void> {
  const table = await openTable(disk, path, { types: { [id]: 'text', [label]: 'text' } });
  try {
    for await (const { rows, columns } of table.batches({ columns: [id, label] })) {
      const [ids, said] = columns;
      if (ids?.type !== 'text' || said?.type !== 'text') return;
      for (let row = 0; row < rows; row += 1) {
        const class_ = labels.indexOf(said.levels[said.codes[row] as number] ?? '\0');
        const own = ids.levels[ids.codes[row] as number];
        if (class_ >= 0 && own !== undefined) found.push({ id: idOf(own), label: class_, at: 0 });
      }
    }
  } finally {
    await table.close();
  }
}
