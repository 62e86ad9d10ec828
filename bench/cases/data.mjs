// `npm run bench:data`: readers, profiles, drift, label issues and label-free performance beside scipy, pyarrow, pandas,
// Evidently, cleanlab and NannyML. Needs them in .venv/data:
//   python3 -m venv .venv/data && .venv/data/bin/pip install scipy scikit-learn pyarrow evidently cleanlab nannyml faker python-stdnum
// The poisoning grid trains some hundred models and takes an hour or more: `node bench/tasks/poison-grid.mjs`; its last table is
// bench/poison-grid.md. The calibration of drift in full is bench/drift-calibration.md.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOnce, tasksInTurn } from '../measure.mjs';
import { perSecond } from '../report.mjs';

const N = 3;
const ROWS = 1_000_000;

export async function data({ root, work, node }) {
  const python = join(root, '.venv/data/bin/python');
  if (!existsSync(python)) return { rows: [], notes: ['bench:data was left out: its peers are not in .venv/data.'] };
  const setting = {
    work,
    python,
    task: (name, ...args) => [node, join(root, 'bench/tasks', name), ...args.map(String)],
    peer: (name, ...args) => [python, join(root, 'bench/tasks', name), ...args.map(String)],
    real: (name) => join(root, 'node_modules/vega-datasets/data', name),
  };
  const rows = [...(await reading(setting)), await labelIssues(setting)];
  const parts = [await performance(setting), await personalTexts(setting)];
  return {
    rows,
    notes: [
      'Readers: every value is read and summed, in one thread; the peers fill columns of their own and sum them.',
      'Label issues: probabilities drawn by the same recipe on each side, one process.',
      ...parts.flatMap(({ notes }) => notes),
    ],
    sections: parts.map(({ section }) => section),
  };
}

async function reading({ work, task, peer, real }) {
  const wide = join(work, 'wide');
  mkdirSync(wide, { recursive: true });
  await runOnce(peer('wide-table.py', wide, ROWS));
  const files = [
    ['flights-3m.parquet, 3 million x 5', real('flights-3m.parquet')],
    ['1 million x 20 numbers, Parquet', join(wide, 'reference.parquet')],
    ['zipcodes.csv', real('zipcodes.csv')],
  ];
  const rows = [];
  for (const [what, path] of files) {
    const runs = await tasksInTurn({ ours: task('read-table.mjs', path), peer: peer('read_table.py', path) }, N);
    const name = path.endsWith('.csv') ? 'pandas' : 'pyarrow';
    rows.push({
      what: `read ${what}`,
      ours: runs.ours,
      peer: { ...runs.peer, name },
      show: ({ wall, count }) => perSecond(count / wall, 'rows'),
    });
  }
  return rows;
}

async function labelIssues({ task, peer }) {
  const size = [ROWS, 10];
  const runs = await tasksInTurn(
    { ours: task('label-issues.mjs', ...size), peer: peer('label_issues.py', ...size) },
    N,
  );
  return {
    what: 'label issues, 1 million rows x 10 classes',
    ours: runs.ours,
    peer: { ...runs.peer, name: 'cleanlab' },
    show: ({ wall, count }) => perSecond(count / wall, 'rows'),
  };
}

async function performance({ work, task, peer }) {
  const folder = join(work, 'performance');
  mkdirSync(folder, { recursive: true });
  const estimates = join(folder, 'peer.jsonl');
  writeFileSync(estimates, (await runOnce(peer('performance.py', folder))).stdout);
  const lines = (await runOnce(task('performance.mjs', folder, estimates))).stdout.trimEnd().split('\n');
  const cell = (value) => (value === null || value === undefined ? '' : value.toFixed(4));
  const table = lines.map((line) => {
    const { name, metric, chunks, peer: other, cbpe, asReference, whereBoth } = JSON.parse(line);
    const { n, pape, cbpe: beside, better } = whereBoth;
    return `| ${name} | ${metric} | ${chunks} | ${cell(asReference)} | ${cell(other)} | ${cell(cbpe)} | ${n} | ${cell(pape)} | ${cell(beside)} | ${better} |`;
  });
  return {
    section: [
      '## Performance without labels: mean absolute error of the estimate over chunks',
      '| Data | Metric | Chunks | As the reference | NannyML CBPE | CBPE | Chunks that PAPE answers | PAPE | CBPE there | PAPE nearer |\n|---|---|---|---|---|---|---|---|---|---|\n' +
        table.join('\n'),
    ].join('\n\n'),
    notes: ['Performance: chunks of 5,000 rows (housing: 500) of the data that PyPI nannyml carries; 20 resamples.'],
  };
}

async function personalTexts({ work, task, peer }) {
  const file = join(work, 'personal.jsonl');
  writeFileSync(file, (await runOnce(peer('personal-texts.py', 7, 400))).stdout);
  const { rows } = JSON.parse((await runOnce(task('personal-texts.mjs', file))).stdout);
  const table = rows.map(
    ({ class: name, n, right, low, high }) =>
      `| ${name} | ${right} of ${n} | ${low.toFixed(3)} to ${high.toFixed(3)} |`,
  );
  return {
    section: [
      '## Personal data in sentences that PyPI faker invents (seed 7)',
      `| Class | Right | 95 % interval |\n|---|---|---|\n${table.join('\n')}`,
    ].join('\n\n'),
    notes: [
      'Personal data: the rules were mended after seeds 1 and 2 of these sentences, so they are no longer unseen.',
    ],
  };
}
