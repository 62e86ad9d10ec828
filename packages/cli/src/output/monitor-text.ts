// A monitor for people: what its controls say, what is open, and what to do about it.
import type { ControlReport } from '@vallum/check';
import type { Alert, MonitorState } from '@vallum/monitor';
import { isOpen, ruleFacts } from '@vallum/monitor';
import type { Style } from './style.js';
import { printable } from './style.js';

/** Where people read what to do about an alert. */
const RUNBOOK = 'docs/monitor.md';

export interface MonitorShown {
  readonly target: string;
  readonly reports: readonly ControlReport[];
  readonly state: MonitorState | undefined;
  readonly opened: readonly Alert[];
  readonly windows: number;
  readonly waiting: number;
}

const WORDS = { pass: 'PASS', fail: 'FAIL', inconclusive: 'INCONCLUSIVE' } as const;

export function monitorText({ target, reports, state, opened, windows, waiting }: MonitorShown, style: Style): string {
  const open = (state?.alerts ?? []).filter(isOpen);
  return [
    ...reports.map(({ kind, outcome, reason }) => {
      const words = `${WORDS[outcome]}  ${kind} of ${target}`;
      const why = reason === undefined ? '' : `: ${printable(reason.message)}`;
      return `${outcome === 'pass' ? style.good(words) : outcome === 'fail' ? style.bad(words) : style.warn(words)}${why}`;
    }),
    `${windows} windows judged, ${opened.length} new alerts, ${open.length} open; ${waiting} rows wait for a full window`,
    ...open.flatMap(alertLines),
  ].join('\n');
}

export function alertLine({ id, rule, why }: Alert): string {
  return `${ruleFacts(rule).severity}  ${id.slice(0, 12)}  ${rule}: ${printable(why)}`;
}

export function alertLines(alert: Alert): readonly string[] {
  const { rule, openedAt, window, lastWindow, count, closed } = alert;
  const times = count === 1 ? `in window ${window}` : `in ${count} windows, ${window} to ${lastWindow}`;
  return [
    `  ${alertLine(alert)}`,
    `      ${times}, since ${openedAt}${closed === undefined ? '' : `; ${closed.how}`}`,
    ...(closed === undefined ? [`      fix: ${ruleFacts(rule).fix}; see ${RUNBOOK}#${rule.toLowerCase()}`] : []),
  ];
}

export function alertJson(alert: Alert): object {
  const { key, ...shown } = alert;
  void key;
  const { severity, fix, title } = ruleFacts(alert.rule);
  return { ...shown, severity, title, fix, runbook: `${RUNBOOK}#${alert.rule.toLowerCase()}` };
}
