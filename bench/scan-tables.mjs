// The board's tables in Markdown: recall by family, verdicts where "inconclusive" is right too, false alarms by kind.
import { clopperPearson } from '@vallum/stats';

const percent = (share) => `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;

/** "81/84" */
const of = (count, n) => (n === 0 ? '' : `${count}/${n}`);

/** "96.4 % (89.9–99.3)", exact 95 % interval. */
function rate(count, n) {
  if (n === 0) return '';
  const { low, high } = clopperPearson(count, n);
  return `${percent(count / n)} (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)})`;
}

function table(head, lines) {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Of these cases, those the tool was asked about, counted by verdict. */
export function tally(cases, answers) {
  const counts = { n: 0, caught: 0, inconclusive: 0, clean: 0, error: 0, skipped: 0 };
  for (const { index } of cases) {
    const answer = answers[index];
    if (answer === undefined) continue;
    counts.n += 1;
    counts[answer.verdict] += 1;
  }
  return counts;
}

function groups(cases, key) {
  const map = new Map();
  for (const one of cases) map.set(one[key], [...(map.get(one[key]) ?? []), one]);
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A line for each group and a line for all; `cell` and `total` show one tool's tally. */
function byGroup(cases, key, tools, cell, total) {
  const names = tools.map(({ name }) => name);
  const line = (name, list, show) => [
    name,
    String(list.length),
    ...tools.map(({ answers }) => show(tally(list, answers))),
  ];
  return table(
    [key, 'n', ...names],
    [...groups(cases, key).map(([name, list]) => line(name, list, cell)), line('**all**', cases, total)],
  );
}

export const recallTable = (cases, tools) =>
  byGroup(
    cases,
    'family',
    tools,
    ({ caught, n }) => of(caught, n),
    ({ caught, n }) => rate(caught, n),
  );

export const alarmTable = (cases, tools) =>
  byGroup(
    cases,
    'kind',
    tools,
    ({ caught, inconclusive, n }) => `${of(caught, n)}${inconclusive > 0 ? ` +${inconclusive}?` : ''}`,
    ({ caught, inconclusive, n }) => `${rate(caught, n)}${inconclusive > 0 ? `; ? ${rate(inconclusive, n)}` : ''}`,
  );

/** What each tool said over all, one line a tool. */
export function verdictTable(cases, tools) {
  return table(
    [
      'tool',
      'n',
      'caught',
      'inconclusive',
      'passed as clean',
      'nothing it can scan',
      'error or no answer',
      'not passed',
    ],
    tools.map(({ name, answers }) => {
      const { n, caught, inconclusive, clean, skipped, error } = tally(cases, answers);
      const counts = [n, caught, inconclusive, clean, skipped, error].map(String);
      return [name, ...counts, rate(caught + inconclusive + error, n)];
    }),
  );
}
