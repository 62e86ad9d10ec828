// `node table.mjs FALSE-ALARMS.jsonl... THEFT.jsonl EVASION.jsonl`: the whole table as Markdown, worst case first. Files are told
// apart by what their lines hold; several runs of one task are added up.
import { readFileSync } from 'node:fs';
import { clopperPearson } from '@vallum/stats';

const STEPS = ['tighten', 'degrade', 'block'];
const files = process.argv.slice(2).map((file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)),
);
const percent = (value) => `${(100 * value).toFixed(value < 0.01 ? 2 : 1)} %`;
const rate = (k, n) => {
  const { low, high } = clopperPearson(k, n);
  return `${k} of ${n} (${percent(low)} to ${percent(high)})`;
};
const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const span = (list) => (list.length === 0 ? '-' : `${middle(list)} (${Math.min(...list)} to ${Math.max(...list)})`);
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const head = (...names) => {
  row(...names);
  row(...names.map(() => '---'));
};
/** The first query at which a caller was on this step or a higher one. */
const reached = ({ first }, step) => {
  const queries = STEPS.slice(STEPS.indexOf(step)).flatMap((at) => first[at] ?? []);
  return queries.length === 0 ? [] : [Math.min(...queries)];
};
const groups = (rows, keyOf) => [
  ...(Map.groupBy?.(rows, keyOf) ??
    rows.reduce((map, r) => map.set(keyOf(r), [...(map.get(keyOf(r)) ?? []), r]), new Map())),
];

const alarms = files.filter(([line]) => line.table !== undefined).map((lines) => lines.at(-1));
if (alarms.length > 0) {
  console.log(`\n## False alarms: honest callers, seeds ${alarms.map(({ seed }) => seed).join(', ')}\n`);
  head('callers', 'principal-days', 'queries', ...STEPS.map((step) => `${step} or more`));
  const kinds = new Map();
  for (const { table } of alarms)
    for (const line of table) {
      const sum = kinds.get(line.kind) ?? { kind: line.kind, days: 0, queries: 0, tighten: 0, degrade: 0, block: 0 };
      for (const name of ['days', 'queries', ...STEPS]) sum[name] += line[name];
      kinds.set(line.kind, sum);
    }
  const worstFirst = [...kinds.values()].sort((a, b) => b.tighten / b.days - a.tighten / a.days);
  for (const line of [kinds.get('all'), ...worstFirst.filter(({ kind }) => kind !== 'all')])
    row(line.kind, line.days, line.queries, ...STEPS.map((step) => rate(line[step], line.days)));
}

const thefts = files.flat().filter(({ fidelity }) => fidelity !== undefined);
if (thefts.length > 0) {
  console.log(`\n## Theft: agreement of the student with the victim, ${thefts[0].budget} queries\n`);
  head(
    'thief',
    'accounts',
    'runs',
    ...STEPS.map((step) => `queries to ${step}`),
    'answered',
    'agreement',
    'without the gateway',
  );
  const lines = groups(thefts, ({ name, accounts }) => `${name} ${accounts}`).map(([, runs]) => runs);
  lines.sort((a, b) => middle(b.map(({ fidelity }) => fidelity)) - middle(a.map(({ fidelity }) => fidelity)));
  for (const runs of lines) {
    const { name, accounts } = runs[0];
    const open = thefts.filter((run) => run.name === name && run.open !== undefined).map((run) => run.open);
    const at = STEPS.map(
      (step) =>
        `${runs.filter((run) => reached(run, step).length > 0).length}: ${span(runs.flatMap((run) => reached(run, step)))}`,
    );
    row(
      name,
      accounts,
      runs.length,
      ...at,
      span(runs.map(({ answered }) => answered)),
      percent(middle(runs.map(({ fidelity }) => fidelity))),
      percent(middle(open)),
    );
  }
}

const evasions = files.flat().filter(({ attack }) => attack !== undefined);
if (evasions.length > 0) {
  console.log('\n## Evasion\n');
  head(
    'attack',
    'accounts',
    'queries in all',
    ...STEPS.map((step) => `on ${step}, and queries to it`),
    'within 50',
    'nearest before degrade',
    'nearest at the end',
  );
  const lines = groups(evasions, ({ attack, accounts }) => `${attack} ${accounts}`).map(([, runs]) => runs);
  const flagged = (runs) => runs.filter((run) => reached(run, 'tighten').length > 0).length / runs.length;
  lines.sort((a, b) => flagged(a) - flagged(b));
  for (const runs of lines) {
    const at = STEPS.map((step) => {
      const queries = runs.flatMap((run) => reached(run, step));
      return `${rate(queries.length, runs.length)}: ${span(queries)}`;
    });
    const far = (values) => (values.length === 0 ? '-' : middle(values).toFixed(1));
    const number = (value) => (typeof value === 'number' ? [value] : []);
    row(
      runs[0].attack,
      runs[0].accounts,
      span(runs.map(({ queries }) => queries)),
      ...at,
      rate(runs.filter((run) => reached(run, 'tighten')[0] <= 50).length, runs.length),
      far(runs.flatMap((run) => number(run.nearest?.degrade))),
      far(runs.flatMap((run) => number(run.best))),
    );
  }
}
