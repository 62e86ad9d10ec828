// Where a monitor of a project keeps what: pinned references beside the models, for all to see, and what it remembers in `.vallum`.
import type { JsonObject, Sha256 } from '@vallum/core';
import { assertRealFolders, durationMs, sha256, VallumError } from '@vallum/core';
import type { MonitorState, Reference, WatchSettings } from '@vallum/monitor';
import { MOST_REFERENCE_BYTES, MOST_STATE_BYTES, readReference, readState } from '@vallum/monitor';
import type { MonitorDeclaration } from './declaration.js';
import { onState } from './log.js';
import type { MonitorActs, Pin } from './monitor-acts.js';
import type { Session } from './session.js';

export interface MonitorPlace {
  readonly session: Session;
  readonly declared: MonitorDeclaration;
  readonly version: string;
  /** `spam-filter@v2` */
  readonly monitor: string;
  /** What it remembers. */
  readonly state: string;
  /** Lock, and answers that wait for their labels. */
  readonly folder: string;
}

/** @throws VallumError `MONITOR_UNDECLARED`, `DISK_LINK` */
export async function monitorPlace(session: Session, version: string): Promise<MonitorPlace> {
  const { declaration, paths, disk } = session;
  const { monitor: declared, project } = declaration;
  if (declared === undefined)
    throw new VallumError('MONITOR_UNDECLARED', 'vallum.yaml declares no monitor', {
      fix: 'add the key monitor, see docs/monitor.md',
    });
  await assertRealFolders(disk, paths.root, [
    `monitor/${version}`,
    `.vallum/monitor/${version}/lock`,
    folderOf(declared.incoming),
    ...(declared.labels === undefined ? [] : [folderOf(declared.labels)]),
  ]);
  const folder = `${paths.root}/.vallum/monitor/${version}`;
  return { session, declared, version, monitor: `${project}@${version}`, state: `${folder}.json`, folder };
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** Of a pinned reference, named by the digest of its bytes. */
export function referencePath({ paths }: Session, monitor: string, digest: Sha256): string {
  return `${paths.root}/monitor/${monitor.slice(monitor.indexOf('@') + 1)}/${digest}.json`;
}

/** @throws VallumError `MONITOR_PIN` (not proven) where the file is gone or has other bytes */
export async function openReference(session: Session, { act, reference }: Pin): Promise<Reference> {
  const path = referencePath(session, act.monitor, reference);
  const shown = path.slice(session.paths.root.length + 1);
  if ((await session.disk.stat(path)) === undefined) throw notPinned(`${shown} is gone`);
  const bytes = await onState(() => session.disk.read(path, MOST_REFERENCE_BYTES));
  if (sha256(bytes) !== reference) throw notPinned(`${shown} has other bytes than were pinned`);
  return readReference(bytes);
}

function notPinned(what: string): VallumError {
  return new VallumError(
    'MONITOR_PIN',
    `the reference does not count: ${what}`,
    { fix: 'restore the file from a copy, or pin a reference anew with vallum monitor pin' },
    'unproven',
  );
}

/** Undefined before the first run. @throws VallumError `MONITOR_STATE` */
export async function readMonitorState({ session, state, monitor }: MonitorPlace): Promise<MonitorState | undefined> {
  if ((await session.disk.stat(state)) === undefined) return undefined;
  return readState(await onState(() => session.disk.read(state, MOST_STATE_BYTES)), monitor);
}

/** Why the files of the pins do not count, else undefined. */
export async function faultOf(session: Session, { current, first }: MonitorActs): Promise<string | undefined> {
  try {
    for (const pin of [current, first]) if (pin !== undefined) await openReference(session, pin);
    return undefined;
  } catch (error) {
    if (error instanceof VallumError) return error.message;
    throw error;
  }
}

export function watchSettings({ declared, session }: MonitorPlace, signal?: AbortSignal): WatchSettings {
  const { caller, source, time, id, window, falseAlarm, floor, prediction, probabilities, label } = declared;
  const answers = {
    labels: session.declaration.labels,
    ...(prediction === undefined ? {} : { prediction }),
    ...(probabilities === undefined ? {} : { probabilities }),
    ...(label === undefined ? {} : { label }),
  };
  return {
    windowRows: window.rows,
    falseAlarm: durationMs(falseAlarm),
    floor,
    by: [caller, source].filter((name) => name !== undefined),
    ...(time === undefined ? {} : { time }),
    ...(id === undefined ? {} : { id }),
    ...(hasAnswers(declared) ? { answers } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

export function hasAnswers({ prediction, probabilities }: MonitorDeclaration): boolean {
  return (prediction ?? probabilities) !== undefined;
}

/** Columns that no reference keeps. */
export function ignoredColumns({ id, time, ignore }: MonitorDeclaration): readonly string[] {
  return [...ignore, ...[id, time].filter((name) => name !== undefined)];
}

/** What of the declaration shapes the outcome, as parameters of the evidence. */
export function declaredParameters({ incoming, labels, ...rest }: MonitorDeclaration): JsonObject {
  void incoming;
  void labels;
  return rest as unknown as JsonObject;
}
