// The JSON contract of `vallum gateway`: run and stopped, its API keys, what it learned, and a canary.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BIN } from '../command.js';
import type { Place } from '../command.js';
import type { Contract } from './contract.js';

interface Ports {
  readonly rest: number;
  readonly operator: number;
  readonly upstream: number;
}

function settings({ project }: Place, { rest, operator, upstream }: Ports): void {
  const serving = { by: 'store', project: '.', version: 'v1', folder: 'models/v1' };
  const limits = { requests: { limit: 1_000 }, lifetime: 100_000 };
  const input = { tensors: [{ name: 'x', datatype: 'FP32', shape: [1, 2], minimum: 0, maximum: 1 }] };
  const value = {
    schema: 'vallum/gateway/v1',
    name: 'edge',
    listen: { rest: { address: `127.0.0.1:${rest}` } },
    operator: { address: `127.0.0.1:${operator}` },
    state: 'state',
    identity: { keys: 'keys.json' },
    upstreams: { models: { url: `http://127.0.0.1:${upstream}` } },
    routes: [
      { model: 'spam-filter', protocol: 'oip', upstream: 'models', serving, limits, input, output: { round: 2 } },
    ],
    serving: { everySeconds: 0.2 },
    events: { file: 'events.jsonl' },
  };
  writeFileSync(join(project, 'gateway.yaml'), JSON.stringify(value, undefined, 1));
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Nobody listens on it now. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts it, works while it is open, stops it. @returns what it printed */
async function whileOpen({ dir, project }: Place, { operator }: Ports, work: () => Promise<void>): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: project, VALLUM_KEYS: join(dir, 'keys/runner') };
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [BIN, 'gateway', '--format', 'json'], { cwd: project, env, stdio: [...stdio] });
  const ended = once(child, 'exit');
  const printed: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
  const isOpen = async (): Promise<boolean> => {
    try {
      const status = await fetch(`http://127.0.0.1:${operator}/status`);
      const { routes, workers } = (await status.json()) as { routes: [{ gate?: { open: boolean } }]; workers: number };
      return workers > 0 && routes[0].gate?.open === true;
    } catch {
      return false;
    }
  };
  try {
    while (child.exitCode === null && !(await isOpen())) await new Promise((done) => setTimeout(done, 50));
    await work();
  } finally {
    child.kill('SIGTERM');
  }
  expect((await ended)[0]).toBe(0);
  return Buffer.concat(printed).toString();
}

/** A model that answers whatever it is asked. */
async function startModel(): Promise<Server> {
  const answer =
    '{"model_name":"spam-filter","outputs":[{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.25,0.75]}]}';
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  });
  await listening(server);
  return server;
}

export function gatewayContract({ place: placeOf, json, judge }: Contract): void {
  test('gateway: keys, and a run from its start to its end, probed and with evidence', async () => {
    const place = placeOf('released');
    await json(place, 'runner', ['gate', 'v1'], 0);
    const model = await startModel();
    const { port: upstream } = model.address() as AddressInfo;
    const ports = { rest: await freePort(), operator: await freePort(), upstream };
    settings(place, ports);
    const keys = (words: readonly string[]) => json(place, 'runner', ['gateway', 'keys', ...words], 0);
    expect(await keys(['list'])).toMatchObject({ principals: [] });
    const named = ['--name', 'The web shop', '--group', 'shops', '--label', 'checkout'];
    const first = await keys(['create', 'web', '--role', 'infer', 'metadata', ...named]);
    expect(first).toMatchObject({ principal: 'web', state: 'counts', label: 'checkout' });
    const second = await keys(['rotate', 'web', '--overlap', '1h', '--label', 'checkout']);
    expect(second).toMatchObject({ former: [{ id: first['id'], state: 'counts' }] });
    await keys(['revoke', String(first['id']), '--reason', 'for the contract']);
    expect(await keys(['list'])).toMatchObject({
      principals: [{ keys: [{ state: 'revoked', revokedFor: 'for the contract' }, { state: 'counts' }] }],
    });
    writeFileSync(join(place.project, 'key.txt'), String(second['key']));
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [0.1, 0.2] }];
    writeFileSync(join(place.project, 'input.json'), JSON.stringify({ inputs }));
    const how = ['--model', 'spam-filter', '--key-file', 'key.txt', '--input', 'input.json', '--rate', '200'];
    const probe = ['gateway', 'probe', `http://127.0.0.1:${ports.rest}`, ...how, '--authorised'];
    const printed = await whileOpen(place, ports, async () => {
      // Everything is refused; what nobody asked about is not proven.
      expect(await json(place, 'runner', probe, 2)).toMatchObject({
        reason: { code: 'quota-not-probed' },
        evidence: { kind: 'statement' },
      });
    });
    expect(judge(printed)).toMatchObject({ gateway: 'edge', events: { emitted: expect.any(Number) as number } });
    model.close();
    // Takes in what waited while the gateway held the ledger.
    await json(place, 'runner', ['gate', 'v1'], 0);
  });

  test('gateway learn: columns, and one range for all numbers', async () => {
    const place = placeOf('fresh');
    const rows = Array.from({ length: 60 }, (_, row) => `${row},${row % 2},${'abc'[row % 3]},note ${row * 7919}`);
    writeFileSync(join(place.project, 'train.csv'), `${['age,flag,kind,note', ...rows].join('\n')}\n`);
    const learn = (output: string, ...words: readonly string[]) =>
      json(place, 'runner', ['gateway', 'learn', 'train.csv', '--output', output, ...words], 0);
    expect(await learn('columns.json', '--ignore', 'flag')).toMatchObject({
      rows: 60,
      columns: [{ name: 'age', check: 'number' }, { name: 'kind', categories: 3 }, { name: 'note' }],
    });
    const numbers = ['--as', 'tensor', '--ignore', 'kind', 'note'];
    expect(await learn('tensor.json', ...numbers)).toMatchObject({ tensor: { elements: 2 } });
  });

  test('gateway canary: what an approved model answers', async () => {
    const place = placeOf('released');
    await json(place, 'runner', ['gate', 'v1'], 0);
    const upstream = createServer((request, response) => {
      request.resume();
      response.end('{"ready":true}');
    });
    const url = `http://127.0.0.1:${await listening(upstream)}`;
    const requests = [{ method: 'GET', path: '/v2/models/spam-filter/ready' }];
    const inputs = { schema: 'vallum/canary-inputs/v1', requests };
    writeFileSync(join(place.project, 'inputs.json'), JSON.stringify(inputs));
    const words = ['--upstream', url, '--inputs', 'inputs.json', '--output', 'canary.json', '--ignore', '/id'];
    const signed = await json(place, 'runner', ['gateway', 'canary', 'v1', ...words], 0);
    expect(signed).toMatchObject({ target: 'spam-filter@v1', exchanges: 1, ignore: ['/id'] });
    upstream.close();
  });
}
