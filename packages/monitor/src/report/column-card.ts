// One column in the page: both distributions, and all that was asked about it.
import type { ColumnReport, Comparison } from '../drift/report.js';
import { escapeName, escapeText } from './escape.js';
import { number, percent, pValue, rows, times } from './figures.js';
import { STATES, wanting, whatChanged } from './sentences.js';
import { histogram, levelBars } from './svg.js';

export function columnCard(column: ColumnReport, comparison: Comparison, detect: number): string {
  const answers = column.answers
    .slice(0, 8)
    .map(
      (answer) =>
        `<p>${escapeText(whatChanged(answer))}; <span class="soft">p ${escapeText(pValue(answer.adjustedP, comparison.permutations))}${answer.sure ? ', sure' : ''}${answer.sure && !answer.large ? ', below the floor' : ''}</span></p>`,
    );
  const lack = wanting(column, detect, comparison);
  return `<div class="card"><h3>${escapeName(column.name)} <span class="${column.state}">· ${STATES[column.state]}</span></h3>${drawn(column)}${answers.join('')}${lack === '' ? '' : `<p>${escapeText(lack)}</p>`}${gaps(column, comparison)}${fresh(column)}</div>`;
}

function drawn({ picture, kind }: ColumnReport): string {
  if (picture.form === 'levels') return levelBars(picture);
  if (picture.form === 'numbers') return histogram(picture, kind === 'time' ? times : number);
  return kind === 'text'
    ? '<p class="soft">free text: its figures were compared</p>'
    : '<p class="soft">nothing to draw</p>';
}

function gaps({ missing }: ColumnReport, { reference, current }: Comparison): string {
  if (missing.reference + missing.current === 0) return '';
  const share = (many: number, of: number): string => (of === 0 ? 'no rows' : `${percent(many / of)}`);
  return `<p class="soft">missing: ${share(missing.reference, reference.rows)} → ${share(missing.current, current.rows)}</p>`;
}

function fresh({ unseen }: ColumnReport): string {
  if (unseen === undefined) return '';
  const names = unseen.examples.map((name) => `“${escapeName(name, 30)}”`).join(', ');
  return `<p>${rows(unseen.categories)} ${unseen.categories === 1 ? 'category' : 'categories'} that the reference has not, in ${rows(unseen.rows)} rows: ${names}</p>`;
}
