// Programs that a bench starts, and what they cost: CPU time and resident bytes of a process and of everything below it.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/** Clock ticks a second that /proc counts in: 100 on every Linux that Node runs on. */
const TICKS = 100;
const PAGE = 4096;

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program and waits until something listens on its port. */
export async function start(command, args, { port, env = {}, cwd } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-4_000)));
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (let attempt = 0; attempt < 600 && !(await isOpen(port)); attempt += 1) {
    if (isOver) throw new Error(`${command} ended at once: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: child.pid,
    stop: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
    },
  };
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** @returns `{ pid, parent, cpu, resident }` of each process of the tree, seconds and bytes; the root comes first */
export function treeOf(root) {
  const all = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
      all.set(Number(name), {
        pid: Number(name),
        parent: Number(fields[1]),
        cpu,
        resident: Number(fields[21]) * PAGE,
      });
    } catch {
      continue; // It ended meanwhile.
    }
  }
  const below = (pid) =>
    [...all.values()].filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)]);
  const first = all.get(root);
  return first === undefined ? [] : [first, ...below(root)];
}
