// The report as one page: no script, nothing loaded from anywhere, every word from the data escaped. The answer comes first, then
// the columns by importance, then what explains them.
import type { ColumnReport, Comparison } from '../drift/report.js';
import type { DriftReport } from '../drift/measure.js';
import { columnCard } from './column-card.js';
import { escapeName, escapeText } from './escape.js';
import { number, percent, pValue, rows } from './figures.js';
import { splitSection, timeSection } from './sections.js';
import { headline, STATES, wanting, whatChanged } from './sentences.js';
import { STYLE } from './style.js';

const CARDS = 60;
const LISTED = 2_000;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** @param made when the report was made, ISO 8601 */
export function driftHtml(report: DriftReport, made: string): string {
  const { comparison } = report;
  const title = `${escapeName(comparison.reference.name)} → ${escapeName(comparison.current.name)}`;
  const body = [
    `<h1>Drift: ${title}</h1>`,
    `<p class="verdict ${report.outcome}">${headline(report)}</p>`,
    summary(report),
    structure(comparison),
    `<h2>Columns</h2>${legend()}${columnTable(comparison, report.settings.detect)}`,
    cards(comparison, report.settings.detect),
    report.first === undefined
      ? ''
      : `<h2>Against the first baseline</h2><p>${escapeName(report.first.reference.name)}: movement too slow to show against the last baseline shows here.</p>${structure(report.first)}${columnTable(report.first, report.settings.detect)}`,
    report.split === undefined ? '' : splitSection(report.split),
    report.time === undefined ? '' : timeSection(report.time),
    joint(report),
    reading(report, made),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer">
<title>Drift: ${title}</title><style>${STYLE}</style></head><body>
${body.filter((part) => part !== '').join('\n')}
</body></html>
`;
}

function summary({ comparison, settings, notes }: DriftReport): string {
  const drifted = comparison.columns.filter(({ state }) => state === 'drift').length;
  const poor = comparison.columns.filter(({ state }) => state === 'not-enough-data').length;
  const side = ({ name, rows: many, of }: Comparison['reference']): string =>
    `${rows(many)} rows of ${escapeName(name)}${of === undefined ? '' : ` (drawn by lot from ${rows(of)})`}`;
  const sentences = [
    `${drifted} of ${comparison.columns.length} columns drifted${poor === 0 ? '' : `, ${poor} have not enough data to tell`}.`,
    `Compared were ${side(comparison.reference)} with ${side(comparison.current)}.`,
    settings.control === 'family'
      ? `If nothing had changed, a run like this one would report drift anywhere with a chance of at most ${percent(settings.alpha)}.`
      : `Of the columns that are reported, at most ${percent(settings.alpha)} are expected to be false.`,
  ];
  const remarks = notes.map((note) => `<li>${escapeName(note, 400)}</li>`).join('');
  return `<p>${sentences.join(' ')}</p>${remarks === '' ? '' : `<ul>${remarks}</ul>`}`;
}

function structure({ structure: changes }: Comparison): string {
  if (changes.length === 0) return '';
  const rest = changes.length - Math.min(changes.length, 100);
  const lines = changes
    .slice(0, 100)
    .map(({ column, message }) => `<li><b>${escapeName(column)}</b>: ${escapeText(message)}</li>`);
  return `<h2>Different columns</h2><ul>${lines.join('')}</ul>${rest > 0 ? `<p>${rest} more.</p>` : ''}`;
}

function legend(): string {
  return '<p class="soft"><span class="key filled"></span>reference<span class="key stroke"></span>current</p>';
}

function columnTable(comparison: Comparison, detect: number): string {
  const listed = comparison.columns.slice(0, LISTED);
  const lines = listed.map((column) => {
    const [strongest] = column.answers;
    return `<tr><td><b>${escapeName(column.name)}</b><br><span class="soft">${column.kind}</span></td><td class="state ${column.state}">${STATES[column.state]}</td><td>${says(column, comparison, detect)}</td><td class="right">${strongest === undefined ? '–' : escapeText(pValue(strongest.adjustedP, comparison.permutations))}</td><td class="right">${column.smallestSeen === null ? '–' : `${number(column.smallestSeen)} sd`}</td></tr>`;
  });
  const rest = comparison.columns.length - listed.length;
  return `<div class="wide"><table><thead><tr><th>column</th><th>answer</th><th>strongest change, with its 95 % interval</th><th class="right">adjusted p</th><th class="right">smallest shift seen</th></tr></thead><tbody>${lines.join('')}</tbody></table></div>${rest > 0 ? `<p>${rows(rest)} more columns, none of them more important, are in the JSON.</p>` : ''}`;
}

function says(column: ColumnReport, comparison: Comparison, detect: number): string {
  const [strongest] = column.answers;
  if (column.state === 'not-enough-data') return escapeText(wanting(column, detect, comparison));
  if (strongest === undefined)
    return column.state === 'not-compared' ? 'no values on either side' : 'the same one value everywhere';
  return `${strongest.sure ? '' : 'nothing sure; most: '}${escapeText(whatChanged(strongest))}`;
}

function cards(comparison: Comparison, detect: number): string {
  const shown = comparison.columns.slice(0, CARDS);
  const rest = comparison.columns.length - shown.length;
  return `<h2>Distributions</h2>${legend()}<div class="cards">${shown.map((column) => columnCard(column, comparison, detect)).join('')}</div>${rest > 0 ? `<p>The ${rows(rest)} other columns are not drawn.</p>` : ''}`;
}

function joint({ joint: found }: DriftReport): string {
  if (found === undefined) return '';
  const lines = found.answers.map(
    ({ method, message }) => `<tr><td><b>${escapeText(method)}</b></td><td>${escapeText(message)}</td></tr>`,
  );
  return `<h2>All columns at once</h2><p class="${found.outcome}">${STATES[found.outcome]}</p><table><tbody>${lines.join('')}</tbody></table>`;
}

function reading({ settings, comparison }: DriftReport, made: string): string {
  return `<h2>How to read this</h2>
<p>Drift is reported where a change is sure <i>and</i> large: its p-value, adjusted for all columns that were asked at once, is at most the error budget, and it is at least ${number(settings.floorShift)} sd or moves ${percent(settings.floorMoved)} of the rows. The p-values come from dealing the rows of both samples anew ${rows(comparison.permutations)} times, so they hold for every distribution, for ties, and for columns that depend on each other.</p>
<p>“No drift” means that no change was sure. A shift larger than the last column of the table would have been seen four times in five; smaller ones may be there. Where a shift of ${number(settings.detect)} sd could have gone unseen, the answer is “not enough data”. A standard deviation here is one of normal scores, so that single wild values do not change the unit. The intervals of moved rows hold for every distribution and are wide for that reason.</p>
<dl><dt>error budget</dt><dd>${percent(settings.alpha)} (${settings.control === 'family' ? 'family-wise' : 'false discovery rate'}), shared by ${settings.parts.join(', ')}</dd><dt>deals, seed</dt><dd>${rows(comparison.permutations)}, ${settings.seed}</dd><dt>made</dt><dd>${escapeText(made)} by Vallum</dd></dl>`;
}
