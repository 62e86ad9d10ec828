// What of callers, columns, file names and messages of readers may enter alerts, output and evidence: senders choose them, so personal
// data and secrets in them are masked, and paths are shown from the project's folder on.
import { messageOf } from '@vallum/core';
import { maskedText, snippetOf } from '@vallum/data';
import type { Alert, Watched } from '@vallum/monitor';
import type { MonitorPlace } from '../project/monitor-place.js';

/** Of a file below the folder of arrivals; `''` is the declared file itself. */
export function shownFile({ declared }: MonitorPlace, path: string): string {
  return JSON.stringify(snippetOf(path === '' ? declared.incoming : path));
}

export function shownError({ session }: MonitorPlace, error: unknown): string {
  return maskedText(messageOf(error).replaceAll(`${session.paths.root}/`, '')).slice(0, 500);
}

export function maskWatched<T extends Watched>(watched: T): T {
  const { state, opened } = watched;
  return { ...watched, state: { ...state, alerts: state.alerts.map(maskAlert) }, opened: opened.map(maskAlert) };
}

function maskAlert(alert: Alert): Alert {
  const masked = (names: readonly string[]): readonly string[] => [...new Set(names.map(snippetOf))];
  return {
    ...alert,
    why: maskedText(alert.why),
    columns: masked(alert.columns),
    groups: masked(alert.groups),
  };
}
