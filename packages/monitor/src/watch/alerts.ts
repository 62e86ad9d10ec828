// From signals to alerts: what is seen again while its alert is open counts there and opens no second one, and what was just
// settled stays quiet for some windows. An alert is open until a person settles it, or pins a new reference, on record.
import type { Sha256 } from '@vallum/core';
import { digestJson } from '@vallum/core';
import { isAboutPerformance, ruleFacts } from './rules.js';
import type { WatchRule } from './rules.js';
import type { Signal } from './signal.js';

/** Windows for which a settled alert is not opened anew. */
const COOLDOWN = 10;
/** Of one rule, so that a flood about one thing does not keep another one from being opened. */
const MOST_OPEN = 300;
const MOST_CLOSED = 200;
const MOST_NAMES = 50;
/** About a set of columns: an alert speaks for all the sets within its own, which chance makes of it from window to window. */
const ABOUT_SETS: ReadonlySet<WatchRule> = new Set(['VLM-MON-001', 'VLM-MON-004', 'VLM-MON-005']);

export interface Alert {
  /** Of monitor, reference, key and first window: what a `settle` names. */
  readonly id: Sha256;
  readonly key: string;
  readonly rule: WatchRule;
  readonly reference: Sha256;
  readonly columns: readonly string[];
  readonly groups: readonly string[];
  /** As it was seen last. */
  readonly why: string;
  readonly openedAt: string;
  /** Numbers of the windows in which it was seen first and last, and in how many. */
  readonly window: number;
  readonly lastWindow: number;
  readonly count: number;
  readonly closed?: { readonly how: 'settled' | 'pinned'; readonly window: number };
}

export interface Moment {
  readonly monitor: string;
  readonly reference: Sha256;
  readonly window: number;
  readonly at: Date;
}

export function isOpen({ closed }: Alert): boolean {
  return closed === undefined;
}

/** Those that a monitor of this kind speaks about. */
export function openAlerts(alerts: readonly Alert[], about: 'drift' | 'performance'): readonly Alert[] {
  return alerts.filter((alert) => isOpen(alert) && isAboutPerformance(alert.rule) === (about === 'performance'));
}

/** @returns all alerts, and those that are new */
export function raise(
  alerts: readonly Alert[],
  signals: readonly Signal[],
  moment: Moment,
): { readonly alerts: readonly Alert[]; readonly opened: readonly Alert[] } {
  const next = [...alerts];
  const opened: Alert[] = [];
  for (const signal of signals) {
    const at = next.findIndex((alert) => isOpen(alert) && covers(alert, signal));
    const known = next[at];
    if (known !== undefined) {
      next[at] = seenAgain(known, signal, moment.window);
      continue;
    }
    if (isQuiet(next, signal, moment)) continue;
    if (next.filter((alert) => isOpen(alert) && alert.rule === signal.rule).length >= MOST_OPEN) continue;
    const alert = openAlert(signal, moment);
    next.push(alert);
    opened.push(alert);
  }
  return { alerts: bounded(next), opened };
}

function covers(alert: Alert, { key, rule, columns }: Signal): boolean {
  if (alert.key === key) return true;
  const isSameMatter = alert.rule === rule && ABOUT_SETS.has(rule) && matterOf(alert.key) === matterOf(key);
  return isSameMatter && columns.every((column) => alert.columns.includes(column));
}

/** The first word of a key. */
const matterOf = (key: string): string | undefined => key.split(',')[0];

function seenAgain(alert: Alert, { columns, groups, why }: Signal, window: number): Alert {
  const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
    [...new Set([...a, ...b])].slice(0, MOST_NAMES);
  return {
    ...alert,
    columns: union(alert.columns, columns),
    groups: union(alert.groups, groups),
    why,
    lastWindow: window,
    count: alert.count + 1,
  };
}

/** What became of a file is said once, so none of it is kept quiet. What lies apart from the first reference does so until the next pin: settling it once is an answer for as long. */
function isQuiet(alerts: readonly Alert[], signal: Signal, { window, reference }: Moment): boolean {
  const { rule } = signal;
  if (ruleFacts(rule).integrity) return false;
  return alerts.some(
    (alert) =>
      covers(alert, signal) &&
      alert.closed?.how === 'settled' &&
      (window < alert.closed.window + COOLDOWN || (rule === 'VLM-MON-004' && alert.reference === reference)),
  );
}

function openAlert({ key, rule, columns, groups, why }: Signal, { monitor, reference, window, at }: Moment): Alert {
  return {
    // A file can change twice within one window, and the answer to the first time is none to the second.
    id: digestJson({ monitor, reference, key, window, ...(ruleFacts(rule).integrity ? { at: at.toISOString() } : {}) }),
    key,
    rule,
    reference,
    columns: columns.slice(0, MOST_NAMES),
    groups: groups.slice(0, MOST_NAMES),
    why,
    openedAt: at.toISOString(),
    window,
    lastWindow: window,
    count: 1,
  };
}

/** What people decided since: alerts that a statement settles, and those of an earlier reference. */
export function close(
  alerts: readonly Alert[],
  {
    settled,
    reference,
    window,
  }: { readonly settled: ReadonlySet<string>; readonly reference: Sha256; readonly window: number },
): readonly Alert[] {
  return bounded(
    alerts.map((alert) => {
      if (!isOpen(alert)) return alert;
      if (settled.has(alert.id)) return { ...alert, closed: { how: 'settled', window } };
      if (alert.reference !== reference && !ruleFacts(alert.rule).integrity)
        return { ...alert, closed: { how: 'pinned', window } };
      return alert;
    }),
  );
}

/** Open ones stay, of the closed ones the newest. */
function bounded(alerts: readonly Alert[]): readonly Alert[] {
  const closed = alerts.filter((alert) => !isOpen(alert));
  const dropped = new Set(closed.slice(0, Math.max(0, closed.length - MOST_CLOSED)));
  return alerts.filter((alert) => !dropped.has(alert));
}
