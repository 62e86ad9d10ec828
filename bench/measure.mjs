// Runs a command and measures it from outside: wall time, CPU time of it and all its children (GNU time), peak memory of
// the whole process tree (sampled from /proc, so a peak shorter than the sampling can be missed). Vallum and its peer take
// turns within one run, so that both meet the same machine; the median of all runs counts.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SAMPLE_MS = 50;
const TIME = '/usr/bin/time';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Resident bytes of a process and everything below it, now. */
function treeBytes(root) {
  const children = new Map();
  const resident = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      resident.set(Number(name), Number(fields[21]) * 4096);
    } catch {
      continue; // It ended meanwhile.
    }
  }
  const sum = (pid) => (resident.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((all, child) => all + sum(child), 0);
  return sum(root);
}

/**
 * Runs one command to its end.
 * @param options.exits the exit codes it may have, 0 unless given
 * @returns seconds (wall and CPU), exit code, output, and peak bytes when `options.memory` asks for them
 */
export async function runOnce([command, ...args], { cwd, env, exits = [0], memory = false } = {}) {
  const log = join(tmpdir(), `vallum-bench-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const started = process.hrtime.bigint();
  const child = spawn(TIME, ['-q', '-f', '%U %S', '-o', log, command, ...args], {
    cwd,
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peak = 0;
  const sampler = memory ? setInterval(() => (peak = Math.max(peak, treeBytes(child.pid))), SAMPLE_MS) : undefined;
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', () => reject(new Error(`${TIME} is needed: install the Debian package "time"`)));
    child.on('close', resolve);
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  clearInterval(sampler);
  const [user, system] = readFileSync(log, 'utf8').trim().split(' ').map(Number);
  rmSync(log);
  if (!exits.includes(code)) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return { wall, cpu: user + system, code, stdout, peak };
}

/** Runs several commands in turn, `n` rounds, the first round unmeasured. @returns a summary of each, by name */
export async function inTurn(commands, n, options = {}) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= n; round += 1)
    for (const [name, command] of Object.entries(commands)) {
      const ran = await runOnce(command, options);
      if (round > 0) runs[name].push(ran);
    }
  return Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, summarise(list)]));
}

export function summarise(runs) {
  return {
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    peak: Math.max(...runs.map(({ peak }) => peak ?? 0)),
    n: runs.length,
  };
}

/** A task measures itself and prints `{ "seconds", "cpu", "count" }`, without its start-up and preparation. */
export async function tasksInTurn(commands, n) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < n; round += 1)
    for (const [name, command] of Object.entries(commands)) {
      const { seconds, cpu, count } = JSON.parse((await runOnce(command)).stdout);
      runs[name].push({ wall: seconds, cpu, count });
    }
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, { ...summarise(list), count: list[0].count }]),
  );
}
