// The parts of the page that explain a drift: who sent the rows that moved, and when.
import type { GroupReport, SplitReport } from '../drift/groups.js';
import type { TimeReport, WindowReport } from '../drift/windows.js';
import type { AnswerReport } from '../drift/report.js';
import { escapeName, escapeText } from './escape.js';
import { rows } from './figures.js';
import { patternSentence, STATES } from './sentences.js';
import type { Mark } from './svg.js';
import { forest, series } from './svg.js';

const DRAWN = 12;

export function splitSection(split: SplitReport): string {
  const lines = split.groups.map(
    (group) =>
      `<tr><td>${escapeName(group.name)}</td><td class="right">${rows(group.rows.reference)}</td><td class="right">${rows(group.rows.current)}</td><td>${groupSays(group)}</td></tr>`,
  );
  const interesting = split.patterns.filter(({ pattern }) => pattern !== 'none');
  const drawn = [...interesting, ...split.patterns.filter(({ pattern }) => pattern === 'none')]
    .slice(0, DRAWN)
    .map((pattern) => {
      const marks = pattern.shifts.flatMap((shift, at): Mark[] => {
        const group = split.groups[at] as GroupReport;
        const column = group.comparison?.columns.find((one) => one.name === pattern.column);
        const drift =
          column?.answers.some(({ concern, sure, large }) => concern === 'values' && sure && large) === true;
        return shift === null ? [] : [{ name: group.name, ...shift, drift }];
      });
      return `<div class="card"><h3>${escapeName(pattern.column)}</h3><p>${escapeText(patternSentence(pattern))}</p>${marks.length === 0 ? '' : forest(marks)}</div>`;
    });
  const mix = split.mix.columns[0];
  return `<h2>By ${escapeName(split.by)}</h2><p>Mix of groups: ${mix === undefined ? 'not compared' : STATES[mix.state]}.${split.others === 0 ? '' : ` ${rows(split.others)} smaller groups are not told apart.`}</p><table><thead><tr><th>group</th><th class="right">reference rows</th><th class="right">current rows</th><th>answer</th></tr></thead><tbody>${lines.join('')}</tbody></table><p class="soft">Shift of each group in standard deviations, with its 95 % interval; a filled square is drift.</p>${drawn.join('')}`;
}

function groupSays({ comparison, rows: many }: GroupReport): string {
  if (comparison === undefined) return many.reference === 0 ? 'only in the current' : 'only in the reference';
  const moved = comparison.columns.filter(({ state }) => state === 'drift').map(({ name }) => escapeName(name, 30));
  const more = moved.length > 6 ? ` and ${moved.length - 6} more` : '';
  return `<span class="${comparison.outcome}">${STATES[comparison.outcome]}</span>${moved.length === 0 ? '' : `: ${moved.slice(0, 6).join(', ')}${more}`}`;
}

export function timeSection({ by, windows, undated }: TimeReport): string {
  const names = importantColumns(windows);
  const drawn = names.slice(0, DRAWN).map((name) => timeCard(name, windows));
  const sure = windows.filter(({ comparison }) => comparison.outcome === 'drift').length;
  return `<h2>Over ${escapeName(by)}</h2><p>${sure} of ${windows.length} windows drifted against the reference.${undated === 0 ? '' : ` ${rows(undated)} rows have no time and are in none.`} A filled square is drift; the bars are 95 % intervals.</p>${drawn.join('')}`;
}

/** Columns by the number of windows in which they drifted. */
function importantColumns(windows: readonly WindowReport[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { comparison } of windows)
    for (const { name, state } of comparison.columns)
      counts.set(name, (counts.get(name) ?? 0) + (state === 'drift' ? 1 : 0));
  return [...counts.keys()].sort((a, b) => (counts.get(b) as number) - (counts.get(a) as number));
}

/** What changed most in the windows, over time: one question, so that its marks can be compared. */
function timeCard(name: string, windows: readonly WindowReport[]): string {
  const own = windows.flatMap(({ from, comparison }) => {
    const column = comparison.columns.find((one) => one.name === name);
    return column === undefined ? [] : [{ from, column }];
  });
  const strongest = own.map(({ column }) => column.answers[0]).reduce(stronger, undefined);
  if (strongest === undefined) return '';
  const { concern, effect } = strongest;
  const inSd = effect.shift !== undefined;
  const marks = own.flatMap(({ from, column }): Mark[] => {
    const answer = column.answers.find((one) => one.concern === concern);
    const estimate = inSd ? answer?.effect.shift : answer?.effect.moved;
    if (answer === undefined || estimate === undefined) return [];
    const { value, low, high } = estimate;
    return [{ name: from.slice(0, 16).replace('T', ' '), value, low, high, drift: answer.sure && answer.large }];
  });
  const about = concern === 'values' ? '' : `${concern}: `;
  return `<div class="card"><h3>${escapeName(name)}</h3><p class="soft">${about}${inSd ? 'shift in standard deviations' : 'share of rows that moved'}</p>${series(marks, inSd ? ' sd' : '')}</div>`;
}

function stronger(a: AnswerReport | undefined, b: AnswerReport | undefined): AnswerReport | undefined {
  return a === undefined || (b !== undefined && b.strength > a.strength) ? b : a;
}
