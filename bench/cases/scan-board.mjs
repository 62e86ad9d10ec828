// How much the scanners see: hundreds of attacks, their clean twins and files of the real libraries (bench/scan-corpus),
// each shown to Vallum and to every peer that is installed. The corpora are written once into `.cache/scan-corpus`; all
// answers are kept in `.cache/scan-board.json`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askAll, scanTools, SECONDS } from '../scan-tools.mjs';
import { alarmTable, recallTable, verdictTable } from '../scan-tables.mjs';

const NAMED = 40;

function corpus(root, name) {
  const folder = join(root, '.cache/scan-corpus', name);
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) {
    const python = process.env.VALLUM_BENCH_PYTHON ?? 'python3';
    const script = join(root, `bench/scan-corpus/make_${name}.py`);
    const made = spawnSync(python, [script, folder], {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (made.status !== 0)
      throw new Error(`${script} failed; has ${python} the libraries of bench/scan-corpus/README.md?`);
  }
  return { folder, ...JSON.parse(readFileSync(manifest, 'utf8')) };
}

const located = (folder, path) => ({ path: join(folder, path), folder: statSync(join(folder, path)).isDirectory() });

/** Twins of one family are often the same file: one of each is asked about. */
function distinctTwins(folder, cases) {
  const seen = new Set();
  return cases
    .filter(({ twin }) => twin !== undefined)
    .map((one) => ({ ...located(folder, one.twin), name: one.twin, kind: 'twins of attacks' }))
    .filter((one) => {
      if (one.folder) return true;
      const digest = createHash('sha256')
        .update(one.path.split('/').at(-1))
        .update(readFileSync(one.path))
        .digest('hex');
      return !seen.has(digest) && seen.add(digest);
    });
}

export async function scanBoard({ root, work, node }) {
  const attack = corpus(root, 'attack');
  const benign = corpus(root, 'benign');
  const attacks = attack.cases.map((one) => ({ ...one, ...located(attack.folder, one.path), name: one.path }));
  const clean = [
    ...benign.cases.map((one) => ({ ...one, ...located(benign.folder, one.path), name: one.path })),
    ...distinctTwins(attack.folder, attack.cases),
  ];
  const cases = [...attacks, ...clean].map((one, index) => ({ ...one, index }));
  const must = cases.filter(({ expected }) => expected === 'fail');
  const may = cases.filter(({ expected }) => expected === 'not-pass');
  const harmless = cases.slice(attacks.length);

  const warmUp = join(work, 'warm.pkl');
  writeFileSync(warmUp, 'N.');
  const tools = [];
  for (const tool of scanTools({ root, work, node, warmUp })) {
    const { answers, seconds } = await askAll(tool, cases);
    console.error(`  ${tool.name}: ${cases.length} cases in ${seconds.toFixed(0)} s`);
    tools.push({ name: tool.name, answers });
  }
  keep(root, cases, tools);

  const sections = [
    `### Attacks that must fail, caught: ${must.length}`,
    recallTable(must, tools),
    `### Broken and exhausting input, where "inconclusive" is right as well: ${may.length}`,
    verdictTable(may, tools),
    '### All attacks',
    verdictTable([...must, ...may], tools),
    `### Benign files: false alarms, and "+n?" inconclusive: ${harmless.length}`,
    alarmTable(harmless, tools),
    '### Benign files, all answers',
    verdictTable(harmless, tools),
  ];
  return { rows: [], sections, notes: notesOf({ tools, must, may, harmless, attack, benign }) };
}

function notesOf({ tools, must, may, harmless, attack, benign }) {
  const [{ answers }] = tools;
  const named = (what, list) => {
    const shown = list.slice(0, NAMED).map(({ name }) => name);
    return `${what}: ${list.length === 0 ? 'none' : shown.join(', ')}${list.length > NAMED ? `, and ${list.length - NAMED} more` : ''}.`;
  };
  const that =
    (...verdicts) =>
    ({ index }) =>
      verdicts.includes(answers[index].verdict);
  return [
    named('Vallum passed, of the attacks that must fail', must.filter(that('clean'))),
    named('Vallum was inconclusive, of the attacks that must fail', must.filter(that('inconclusive'))),
    named('Vallum passed, of the others', may.filter(that('clean'))),
    named('Vallum gave no verdict (error)', [...must, ...may, ...harmless].filter(that('error'))),
    named('False alarms of Vallum', harmless.filter(that('caught'))),
    named('Benign and inconclusive for Vallum', harmless.filter(that('inconclusive'))),
    ...[...attack.skipped, ...benign.skipped].map(({ what, why }) => `Not in the corpus: ${what} (${why}).`),
    `"Caught" is the exit code for malware that each tool documents. Time-outs (${SECONDS} s), exceptions and codes for errors are no detection; in "not passed" they count for every tool. fickling is asked about files only. Intervals: Clopper-Pearson, 95 %.`,
  ];
}

function keep(root, cases, tools) {
  const answers = cases.map(({ index, name, family, kind, expected, about }) => ({
    name,
    family,
    kind,
    expected,
    about,
    answers: Object.fromEntries(tools.map((tool) => [tool.name, tool.answers[index]])),
  }));
  writeFileSync(join(root, '.cache/scan-board.json'), `${JSON.stringify(answers, undefined, 1)}\n`);
}
