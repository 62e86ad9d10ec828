// One run of wrk against a target, with what each of the target's processes spent meanwhile.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { treeOf } from './processes.mjs';

/** A script for wrk that sends one request and counts the answers that are not 200. */
export function scriptOf(folder, name, { path, headers, body }) {
  const file = join(folder, `${name}.lua`);
  const bytes = join(folder, `${name}.body`);
  writeFileSync(bytes, body);
  const lines = Object.entries(headers).map(
    ([key, value]) => `wrk.headers[${JSON.stringify(key)}] = ${JSON.stringify(value)}`,
  );
  writeFileSync(
    file,
    `wrk.method = "POST"
wrk.path = ${JSON.stringify(path)}
local file = io.open(${JSON.stringify(bytes)}, "rb")
wrk.body = file:read("*a")
file:close()
${lines.join('\n')}
`,
  );
  return file;
}

/**
 * @returns requests a second, the median latency in milliseconds, and microseconds of CPU a request: of the first process
 *   and of those below it
 */
export async function load({ port, script, pid }, { connections, seconds }) {
  const before = pid === undefined ? [] : treeOf(pid);
  const out = await run('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '--timeout',
    '20s',
    '-s',
    script,
    `http://127.0.0.1:${port}`,
  ]);
  const after = pid === undefined ? [] : treeOf(pid);
  const requests = Number(/(\d+) requests in/.exec(out)?.[1] ?? 0);
  const faults = /Non-2xx or 3xx responses: (\d+)|Socket errors: .*/.exec(out)?.[0];
  if (requests === 0 || faults !== undefined) throw new Error(`the load on ${port} failed: ${faults ?? out}`);
  const spent = after.map((one) => one.cpu - (before.find(({ pid: id }) => id === one.pid)?.cpu ?? 0));
  const perRequest = (cpu) => (1e6 * cpu) / requests;
  const [first = 0, ...others] = spent;
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]),
    p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(out)[1]),
    first: perRequest(first),
    below: perRequest(others.reduce((sum, one) => sum + one, 0)),
    cpu: perRequest(spent.reduce((sum, one) => sum + one, 0)),
    resident: after.map(({ resident }) => resident),
  };
}

function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1_000 }[unit];
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', () => resolve(out));
  });
}
