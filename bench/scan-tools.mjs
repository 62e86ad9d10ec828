// Asks each scanner about one case after another, two at a time: the verdict of a tool is the exit code it documents.
// Vallum starts anew for each case. The peers, all Python, fork from a process that has imported them (fork-peers.py): same
// command line, same exit code, a process of its own for each case, without two seconds of imports.
import { spawn } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { peersIn } from './peers.mjs';

export const SECONDS = 60;
const POOL = 2;

/** Exit codes: caught, clean, or neither (`error`), by each tool's documentation. A code that is not listed is an error. */
const PEERS = {
  picklescan: { modules: ['picklescan.cli', 'numpy', 'py7zr'], codes: { 0: 'clean', 1: 'caught' } },
  'picklescan --strict': { modules: ['picklescan.cli', 'numpy', 'py7zr'], codes: { 0: 'clean', 1: 'caught' } },
  // Its command takes one file, and no folder.
  fickling: { modules: ['fickling.cli'], codes: { 0: 'clean', 1: 'caught' }, filesOnly: true },
  // 3: there was nothing it can scan.
  modelscan: { modules: ['modelscan.cli', 'tensorflow', 'h5py'], codes: { 0: 'clean', 1: 'caught', 3: 'skipped' } },
  modelaudit: { modules: ['modelaudit.cli', 'onnx', 'h5py', 'numpy', 'py7zr'], codes: { 0: 'clean', 1: 'caught' } },
};
const VALLUM = { 0: 'clean', 1: 'caught', 2: 'inconclusive' };

/**
 * @returns the tools that are installed: `{ name, takes(case), open() }`; `open` starts one worker, whose `ask(path)` gives
 *   `{ verdict, code, detail }` and whose `close()` ends it
 */
export function scanTools({ root, work, node, warmUp }) {
  const installed = peersIn(root);
  const peers = Object.entries(PEERS)
    .filter(([key]) => installed[key] !== undefined)
    .map(([key, { modules, codes, filesOnly = false }]) => ({
      name: installed[key].name,
      takes: ({ folder }) => !(filesOnly && folder),
      open: () => peerWorker(installed[key].command, modules, codes, warmUp),
    }));
  return [{ name: 'Vallum', takes: () => true, open: () => vallumWorker(node, keptCommand(root, work)) }, ...peers];
}

/** The command as it is now: a build during the minutes of a run must not change what is measured. */
let kept;
function keptCommand(root, work) {
  if (kept !== undefined) return kept;
  const folder = join(work, 'vallum');
  for (const part of ['bin', 'build', 'package.json'])
    cpSync(join(root, 'packages/cli', part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return (kept = join(folder, 'bin/vallum.js'));
}

function vallumWorker(node, command) {
  const ask = (path) =>
    new Promise((resolve) => {
      const child = spawn(node, [command, 'scan', path, '--format', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] });
      const timer = setTimeout(() => child.kill('SIGKILL'), SECONDS * 1000);
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ verdict: VALLUM[code] ?? 'error', code, detail: vallumDetail(out) ?? err.slice(-300) });
      });
    });
  return { ask, close: () => {} };
}

/** What it says, short: rules with their messages, and what it could not examine. */
function vallumDetail(out) {
  let report;
  try {
    report = JSON.parse(out);
  } catch {
    return undefined;
  }
  const findings = report.files.flatMap(({ path, findings: list }) =>
    list.map(({ rule, severity, message }) => ({ path, rule, severity, message })),
  );
  const rank = ['critical', 'high', 'medium', 'low'];
  findings.sort((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
  return {
    findings: findings.slice(0, 6),
    notExamined: report.files.flatMap(({ path, notExamined }) => notExamined.map((n) => ({ path, ...n }))).slice(0, 6),
  };
}

function peerWorker(command, modules, codes, warmUp) {
  const [script, ...warmArgs] = command(warmUp);
  const server = spawn(
    join(dirname(script), 'python'),
    [join(import.meta.dirname, 'fork-peers.py'), script, ...modules],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        ...process.env,
        PROMPTFOO_DISABLE_TELEMETRY: '1',
        NO_ANALYTICS: '1',
        TF_CPP_MIN_LOG_LEVEL: '3',
        HF_HUB_OFFLINE: '1',
      },
    },
  );
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const send = async (request) => {
    server.stdin.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value);
  };
  const warm = send({ args: warmArgs, warm: true });
  const ask = async (path) => {
    await warm;
    const { code, tail } = await send({ args: command(path).slice(1), seconds: SECONDS });
    if (code === null) return { verdict: 'error', code, detail: `no answer in ${SECONDS} s` };
    // Python's own exit code after an exception is 1 as well.
    if (/^Traceback \(most recent call last\)/m.test(tail)) return { verdict: 'error', code, detail: tail.slice(-300) };
    return { verdict: codes[code] ?? 'error', code, detail: tail.slice(-300) };
  };
  return { ask, close: () => server.stdin.end() };
}

/** Asks one tool about all cases. @returns the answers in the order of the cases, `undefined` where it takes no such case */
export async function askAll(tool, cases) {
  const answers = new Array(cases.length);
  const queue = cases.map((one, index) => ({ one, index })).filter(({ one }) => tool.takes(one));
  const started = Date.now();
  const work = async () => {
    const worker = tool.open();
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      answers[next.index] = await worker.ask(next.one.path);
    worker.close();
  };
  await Promise.all(Array.from({ length: POOL }, work));
  return { answers, seconds: (Date.now() - started) / 1000 };
}
