// `npm run bench:gateway`: a fully protected gateway beside plain nginx, plain haproxy and Portkey's gateway, all before the
// same upstream and in turn; big tensors; memory with many keys; Cedar without its cache. Needs nginx, haproxy and wrk
// (Debian), and for Portkey: npm install --ignore-scripts --prefix .cache/gateway-peers @portkey-ai/gateway@1.15.2
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { load, scriptOf } from '../gateway/load.mjs';
import { manyKeys, scriptOfMany } from '../gateway/many-keys.mjs';
import { haproxy, nginxProxy, portkey, upstream } from '../gateway/peers.mjs';
import { big, chat, small } from '../gateway/requests.mjs';
import { gateway as startGateway, gatewayFolder, newKey } from '../gateway/vallum.mjs';
import { median, runOnce } from '../measure.mjs';
import { plainTable } from '../report.mjs';

const ROUNDS = 4;
const SECONDS = 4;
const MIB = 2 ** 20;

export async function gateway(setting) {
  const missing = ['nginx', 'haproxy', 'wrk'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0)
    return { rows: [], notes: [`bench:gateway was left out: ${missing.join(', ')} is not here.`] };
  const running = [];
  const keep = (one) => {
    if (one !== undefined) running.push(one);
    return one;
  };
  try {
    const sections = await measured(setting, keep);
    sections.push(await memory(setting, running[0], keep), await cedar(setting));
    return { rows: [], notes: NOTES, sections };
  } finally {
    for (const one of running.reverse()) await one.stop();
  }
}

async function measured(setting, keep) {
  const { root, work, node } = setting;
  const model = keep(await upstream(join(work, 'upstream')));
  const front = keep(await nginxProxy(join(work, 'nginx'), model.port));
  const second = keep(await haproxy(join(work, 'haproxy'), model.port));
  const folder = join(work, 'gateway');
  const ports = await gatewayFolder(folder, model.port);
  const key = { authorization: `Bearer ${newKey(setting, folder)}` };
  const vallum = keep(await startGateway(setting, folder, ports));
  const other = keep(await portkey(root, node));
  const plain = scriptOf(work, 'small', small());
  const guarded = scriptOf(work, 'small-key', small(key));
  const targets = {
    'direct, no proxy': { port: model.port, script: plain },
    nginx: { ...front, script: plain },
    haproxy: { ...second, script: plain },
    'Vallum, fully protected': { ...vallum, script: guarded },
    ...(other && { 'Portkey 1.15.2, unprotected': { ...other, script: scriptOf(work, 'chat', chat(model.port)) } }),
  };
  // Code that has not been compiled yet is no figure of a gateway that runs for days.
  await load(targets['Vallum, fully protected'], { connections: 32, seconds: 20 });
  const many = await inTurn(targets, { connections: 32, seconds: SECONDS });
  const alone = await inTurn(targets, { connections: 1, seconds: SECONDS });
  const plainBig = scriptOf(work, 'big', big());
  const bigTargets = {
    'direct, no proxy': { port: model.port, script: plainBig },
    nginx: { ...front, script: plainBig },
    'Vallum, fully protected': { ...vallum, script: scriptOf(work, 'big-key', big(key)) },
  };
  await load(bigTargets['Vallum, fully protected'], { connections: 8, seconds: 8 });
  const bigs = await inTurn(bigTargets, { connections: 8, seconds: SECONDS });
  return [
    `## The gateway: 1 KB of JSON, 32 connections\n\n${throughputTable(many)}`,
    `## The gateway: one connection\n\n${latencyTable(alone)}`,
    `## The gateway: 602,112 bytes of a binary tensor, 8 connections\n\n${throughputTable(bigs)}`,
  ];
}

/** Every target once a round, so that all of them meet the same machine. */
async function inTurn(targets, how) {
  const runs = Object.fromEntries(Object.keys(targets).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, target] of Object.entries(targets)) runs[name].push(await load(target, how));
  return runs;
}

const spread = (values, digits) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
const whole = (value) => Math.round(value).toLocaleString('en');

/** Ratios are of one round each, then their median: a slow minute of the machine hits both sides. */
const beside = (own, theirs, figure) => own.map((run, round) => figure(run) / figure(theirs[round]));

function throughputTable(runs) {
  const lines = Object.entries(runs).map(([name, own]) => {
    const rates = own.map(({ rate }) => rate);
    const hasCpu = own[0].cpu > 0;
    return [
      name,
      `${whole(median(rates))} (${whole(Math.min(...rates))}–${whole(Math.max(...rates))})`,
      spread(
        beside(own, runs.nginx, ({ rate }) => rate),
        3,
      ),
      spread(
        own.map(({ p50 }) => p50),
        2,
      ),
      hasCpu
        ? spread(
            own.map(({ cpu }) => cpu),
            1,
          )
        : '',
      hasCpu
        ? spread(
            beside(own, runs.nginx, ({ cpu }) => 1e6 / cpu),
            3,
          )
        : '',
      name.startsWith('Vallum')
        ? `worker ${spread(
            own.map((run) => run.below),
            1,
          )}, primary ${spread(
            own.map((run) => run.first),
            1,
          )}`
        : '',
    ];
  });
  const portkeys = runs['Portkey 1.15.2, unprotected'];
  const ours = runs['Vallum, fully protected'];
  const times =
    portkeys === undefined
      ? ''
      : `\n\nPortkey takes ${spread(
          beside(portkeys, ours, ({ cpu }) => cpu),
          1,
        )} times Vallum's CPU a request.`;
  const head = [
    'Through',
    'requests/s',
    'of nginx',
    'p50, ms',
    'CPU a request, µs',
    'requests a core-second, of nginx',
    'CPU by process, µs',
  ];
  return plainTable(head, lines) + times;
}

function latencyTable(runs) {
  const direct = runs['direct, no proxy'];
  const lines = Object.entries(runs).map(([name, own]) => [
    name,
    spread(
      own.map(({ p50 }) => p50),
      3,
    ),
    own === direct
      ? ''
      : spread(
          own.map(({ p50 }, round) => p50 - direct[round].p50),
          3,
        ),
  ]);
  return plainTable(['Through', 'p50, ms', 'added to direct, ms'], lines);
}

async function memory(setting, model, keep) {
  const folder = join(setting.work, 'many');
  const ports = await gatewayFolder(folder, model.port);
  const tokens = manyKeys(folder, 10_000, Date.now());
  const vallum = keep(await startGateway(setting, folder, ports));
  const script = scriptOfMany(folder, tokens, small());
  const runs = [];
  for (let round = 0; round < ROUNDS; round += 1)
    runs.push(await load({ ...vallum, script }, { connections: 32, seconds: 6 }));
  const requests = runs.reduce((sum, { rate }) => sum + 6 * rate, 0);
  const lines = runs.map(({ resident: [primary, worker] }, round) => [
    `${round + 1}`,
    (worker / MIB).toFixed(0),
    (primary / MIB).toFixed(0),
  ]);
  return `## The gateway: memory with 100,000 keys and 10,000 principals

Resident MiB after each of ${ROUNDS} rounds, about ${whole(requests)} requests in all, every principal in turn.

${plainTable(['Round', 'worker', 'primary with detectors'], lines)}`;
}

async function cedar({ root, node }) {
  const lines = [];
  for (const policies of [4, 24, 204]) {
    const runs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const command = [node, join(root, 'bench/tasks/cedar-uncached.mjs'), String(policies), '300'];
      runs.push(JSON.parse((await runOnce(command)).stdout));
    }
    lines.push([
      policies,
      spread(
        runs.map(({ wall }) => wall),
        0,
      ),
      spread(
        runs.map(({ cpu }) => cpu),
        0,
      ),
    ]);
  }
  return `## The gateway: a Cedar decision that nobody remembered\n\n${plainTable(['Policies', 'wall, µs', 'CPU, µs'], lines)}`;
}

const NOTES = [
  `Gateway: median of ${ROUNDS} rounds of ${SECONDS} s in turn, least and most in brackets; ratios are taken round by round. One worker each, one thread of wrk, everything on the cores above: wrk, upstream and proxy share them.`,
  'Fully protected: API key, limits on requests, bytes and elements, Cedar (remembered), strict JSON, shape and ranges, two best classes and three digits, a keyed digest of the input, a record in the ledger, sketches for the detectors. nginx and haproxy pass bytes on; Portkey runs its chat route to a custom host, without key or record.',
  'CPU is of all processes and threads of a program, by /proc; that of Vallum’s primary holds the ledger and the detectors.',
  'The upstream is nginx with a fixed answer; for big tensors it reads the whole body first.',
];
