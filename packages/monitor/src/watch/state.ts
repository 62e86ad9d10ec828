// What a monitor remembers between two runs, as canonical bytes of bounded size. It is written whole after each window, so that a
// kill at any time loses nothing and judges nothing twice. It is a working copy: evidence, pins and settlings are in the ledger.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { canonicalJson, isJsonObject, isSha256, parseJsonStrict, VallumError } from '@vallum/core';
import { restoreDetector } from '@vallum/stats';
import type { Alert } from './alerts.js';
import { isWatchRule } from './rules.js';
import type { StreamStates } from './streams.js';

const SCHEMA = 'vallum/monitor-state/v1';
export const MOST_STATE_BYTES = 64 * 1024 * 1024;
/** Files that lie in the folder of arrivals at one time. */
export const MOST_FILES = 10_000;
const MOST_RECENT = 100;

/** A file that rows were read from. */
export interface ReadFile {
  /** Below the folder of arrivals. */
  readonly path: string;
  /** Of its first `size` bytes, as they were when rows of it were first read. */
  readonly sha256: Sha256;
  readonly size: number;
  /** Rows in these bytes; absent until all of them were read once. */
  readonly rows?: number;
  /** They cannot be read: an alert says why. */
  readonly failed?: true;
  /** Rows that are part of a judged window. */
  readonly used: number;
}

export interface WindowSummary {
  readonly number: number;
  /** When it was judged. */
  readonly at: string;
  readonly outcome: 'drift' | 'no-drift' | 'not-enough-data';
  /** Chance of a false alarm that it was judged with. */
  readonly level: number;
  /** Windows come too fast for the budget: false alarms are more frequent than was asked for. */
  readonly unreached?: true;
  readonly signals: number;
}

/** A figure of the newest window that has one. */
export interface PerformanceFigure {
  readonly metric: string;
  readonly method: 'cbpe' | 'realised';
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly reference: number;
  readonly window: number;
}

export interface MonitorState {
  readonly monitor: string;
  readonly reference: Sha256;
  /** First run with this reference. */
  readonly since: string;
  /** Windows judged with this reference; `number` counts on over all of them. */
  readonly judged: number;
  readonly number: number;
  /** Rows in judged windows, over all references. */
  readonly rows: number;
  /** First and last time that rows claim, in milliseconds. */
  readonly claimed?: { readonly from: number; readonly to: number };
  readonly files: readonly ReadFile[];
  readonly recent: readonly WindowSummary[];
  readonly streams: StreamStates;
  readonly alerts: readonly Alert[];
  readonly performance: readonly PerformanceFigure[];
  /** Why there is no performance figure, in a sentence. */
  readonly noPerformance?: string;
  /** Windows whose answers are kept until their labels arrive. */
  readonly unlabelled: readonly number[];
}

export function newState(monitor: string, reference: Sha256, now: Date): MonitorState {
  const counts = { judged: 0, number: 0, rows: 0 };
  const lists = { files: [], recent: [], alerts: [], performance: [], unlabelled: [] };
  return { monitor, reference, since: now.toISOString(), ...counts, ...lists, streams: {} };
}

export function stateBytes(state: MonitorState): Uint8Array {
  const { recent, ...rest } = state;
  const value = { schema: SCHEMA, ...rest, recent: recent.slice(-MOST_RECENT) } as unknown as JsonObject;
  return new TextEncoder().encode(canonicalJson(value));
}

/** @throws VallumError `MONITOR_STATE` (not proven) for what `stateBytes` does not give */
export function readState(bytes: Uint8Array, monitor: string): MonitorState {
  const value = parsed(bytes);
  if (!isJsonObject(value) || value['schema'] !== SCHEMA) throw broken(`its schema is not ${SCHEMA}`);
  if (value['monitor'] !== monitor) throw broken(`it is not about ${monitor}`);
  if (!isSha256(value['reference']) || !isTime(value['since'])) throw broken('it names no reference');
  for (const name of ['judged', 'number', 'rows'] as const)
    if (!isCount(value[name])) throw broken(`${name} is not a count`);
  listIn(
    value,
    'files',
    MOST_FILES,
    (file) =>
      isText(file['path']) &&
      isSha256(file['sha256']) &&
      isCount(file['size']) &&
      isCount(file['used']) &&
      (file['rows'] === undefined || isCount(file['rows'])) &&
      (file['failed'] === undefined || file['failed'] === true),
  );
  listIn(
    value,
    'recent',
    MOST_RECENT,
    (one) => isCount(one['number']) && isTime(one['at']) && isOutcome(one['outcome']),
  );
  listIn(value, 'alerts', 10_000, isAlert);
  listIn(
    value,
    'performance',
    100,
    (one) => isText(one['metric']) && isFigure(one['value']) && isFigure(one['low']) && isCount(one['window']),
  );
  const { streams, claimed, unlabelled } = value;
  if (!isJsonObject(streams)) throw broken('streams is no object');
  for (const stream of Object.values(streams)) restoreDetector(stream);
  if (claimed !== undefined && !(isJsonObject(claimed) && isFigure(claimed['from']) && isFigure(claimed['to'])))
    throw broken('claimed holds no times');
  if (!Array.isArray(unlabelled) || !unlabelled.every(isCount)) throw broken('unlabelled holds no numbers');
  return value as unknown as MonitorState;
}

function parsed(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MOST_STATE_BYTES, maxDepth: 12, maxValues: 5_000_000 });
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    throw broken(error.message);
  }
}

function listIn(value: JsonObject, name: string, most: number, fits: (one: JsonObject) => boolean): void {
  const list = value[name];
  if (!Array.isArray(list) || list.length > most) throw broken(`${name} is no list of at most ${most}`);
  for (const one of list as readonly JsonValue[])
    if (!isJsonObject(one) || !fits(one)) throw broken(`${name} holds something else`);
}

function isAlert(one: JsonObject): boolean {
  const { id, key, rule, reference, why, openedAt, closed } = one;
  const closing = closed === undefined || (isJsonObject(closed) && isText(closed['how']) && isCount(closed['window']));
  const counts = isCount(one['window']) && isCount(one['lastWindow']) && isCount(one['count']);
  const texts = isText(key) && isText(why) && isText(rule) && isWatchRule(rule);
  return isSha256(id) && isSha256(reference) && isTime(openedAt) && texts && counts && closing && hasNames(one);
}

function hasNames({ columns, groups }: JsonObject): boolean {
  return [columns, groups].every((names) => Array.isArray(names) && names.every(isText));
}

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string';
const isOutcome = (value: JsonValue | undefined): boolean =>
  value === 'drift' || value === 'no-drift' || value === 'not-enough-data';
const isFigure = (value: JsonValue | undefined): value is number => typeof value === 'number';
const isCount = (value: JsonValue | undefined): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: JsonValue | undefined): boolean => isText(value) && !Number.isNaN(Date.parse(value));

function broken(why: string): VallumError {
  return new VallumError(
    'MONITOR_STATE',
    `what the monitor remembers cannot be read: ${why}`,
    { fix: 'restore the file from a copy, or remove it: the monitor then judges all rows anew' },
    'unproven',
  );
}
