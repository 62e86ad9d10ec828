// The report for a terminal: the answer first, then at most twelve columns, then what explains them.
import type { ColumnReport, Comparison } from '../drift/report.js';
import type { DriftReport } from '../drift/measure.js';
import { number, percent, pValue, rows } from './figures.js';
import { headline, patternSentence, STATES, wanting, whatChanged } from './sentences.js';

const SHOWN = 12;

/** @param clean makes names from the data safe to print @returns lines without the newline at the end */
export function driftText(report: DriftReport, clean: (text: string) => string): string {
  const { comparison, settings } = report;
  const drifted = comparison.columns.filter(({ state }) => state === 'drift').length;
  return [
    `${headline(report)}  ${clean(comparison.reference.name)} -> ${clean(comparison.current.name)}`,
    `${drifted} of ${comparison.columns.length} columns drifted; ${rows(comparison.reference.rows)} and ${rows(comparison.current.rows)} rows; chance of a false alarm at most ${percent(settings.alpha)}`,
    ...structure(comparison, clean),
    ...columns(comparison, settings.detect, clean),
    ...first(report, clean),
    ...split(report, clean),
    ...time(report, clean),
    ...(report.joint?.answers ?? []).map(({ method, message }) => `  all columns at once, ${method}: ${message}`),
    ...report.notes.map((note) => `note: ${clean(note)}`),
    ...fix(report),
  ].join('\n');
}

/** What to do now; nothing where all is well. */
function fix({ outcome, comparison, settings }: DriftReport): string[] {
  if (outcome === 'no-drift') return [];
  if (outcome === 'drift')
    return [
      'fix: find out who or what moved these columns (--by, --time); where the change is right, compare with newer rows',
    ];
  const most = (side: 'reference' | 'current'): number =>
    Math.max(0, ...comparison.columns.map(({ needed }) => needed?.[side] ?? 0));
  return [
    most('current') === 0
      ? 'fix: give two tables with values in columns of the same names'
      : `fix: give ${rows(most('reference'))} and ${rows(most('current'))} rows, or ask for less with --detect ${number(2 * settings.detect)}`,
  ];
}

function structure({ structure: changes }: Comparison, clean: (text: string) => string): string[] {
  const lines = changes.slice(0, SHOWN).map(({ column, message }) => `  ${clean(column)}: ${clean(message)}`);
  return changes.length > SHOWN ? [...lines, `  and ${changes.length - SHOWN} more columns differ`] : lines;
}

function columns(comparison: Comparison, detect: number, clean: (text: string) => string): string[] {
  const telling = comparison.columns.filter(({ state }) => state !== 'no-drift' && state !== 'not-compared');
  const lines = telling.slice(0, SHOWN).map((column) => `  ${clean(column.name)}: ${says(column, comparison, detect)}`);
  if (telling.length > SHOWN) lines.push(`  and ${telling.length - SHOWN} more columns: see --format json or --html`);
  const blind = Math.max(0, ...comparison.columns.map(({ smallestSeen }) => smallestSeen ?? 0));
  if (telling.length < comparison.columns.length && blind > 0)
    lines.push(
      `  in the others no change is sure; a shift of ${number(blind)} sd would have been seen four times in five`,
    );
  return lines;
}

function says(column: ColumnReport, comparison: Comparison, detect: number): string {
  if (column.state === 'not-enough-data') return `not enough data: ${wanting(column, detect, comparison)}`;
  const [strongest] = column.answers;
  const what =
    strongest === undefined
      ? ''
      : `: ${whatChanged(strongest)}; p ${pValue(strongest.adjustedP, comparison.permutations)}`;
  return `${STATES[column.state]}${what}`;
}

function first({ first: found }: DriftReport, clean: (text: string) => string): string[] {
  if (found === undefined) return [];
  const moved = found.columns.filter(({ state }) => state === 'drift').map(({ name }) => clean(name));
  return [
    `Against the first baseline ${clean(found.reference.name)}: ${STATES[found.outcome]}${moved.length === 0 ? '' : ` in ${moved.slice(0, SHOWN).join(', ')}`}`,
  ];
}

function split({ split: found }: DriftReport, clean: (text: string) => string): string[] {
  if (found === undefined) return [];
  const [mix] = found.mix.columns;
  const telling = found.patterns.filter(({ pattern }) => pattern !== 'none');
  return [
    `By ${clean(found.by)}: mix of groups: ${mix === undefined ? 'not compared' : STATES[mix.state]}`,
    ...telling.slice(0, SHOWN).map((pattern) => `  ${clean(patternSentence(pattern))}`),
    ...(telling.length === 0 ? ['  no column surely moved within any group'] : []),
  ];
}

function time({ time: found }: DriftReport, clean: (text: string) => string): string[] {
  if (found === undefined) return [];
  const moved = found.windows.filter(({ comparison }) => comparison.outcome === 'drift');
  return [
    `Over ${clean(found.by)}: ${moved.length} of ${found.windows.length} windows drifted${moved[0] === undefined ? '' : `, the first from ${moved[0].from}`}`,
  ];
}
