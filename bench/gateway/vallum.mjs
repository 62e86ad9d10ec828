// Vallum's gateway as the bench runs it: everything on that the issue names for a fully protected request.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start } from './processes.mjs';

const MUCH = 1_000_000_000;
/** Leases and refills are what a real budget does; only its size is beyond what the bench can use up. */
const rates = { requests: { limit: MUCH }, bytes: { limit: MUCH * 1_000 }, elements: { limit: MUCH * 1_000 } };

function settingsOf(ports, to) {
  const route = {
    protocol: 'oip',
    upstream: 'model',
    serving: { by: 'nothing', reason: 'a bench on this machine' },
    limits: { ...rates, concurrency: 1_000 },
  };
  return {
    schema: 'vallum/gateway/v1',
    name: 'bench',
    listen: { rest: { address: `127.0.0.1:${ports.rest}` } },
    operator: { address: `127.0.0.1:${ports.operator}` },
    state: 'state',
    identity: { keys: 'keys.json' },
    upstreams: { model: { url: `http://127.0.0.1:${to}`, connections: 256 } },
    routes: [
      {
        ...route,
        model: 'digits',
        input: { tensors: [{ name: 'x', datatype: 'FP32', shape: [-1, 64], minimum: 0, maximum: 1 }] },
        output: { round: 3, topK: 2 },
        detection: { kind: 'table', most: 'observe' },
      },
      {
        ...route,
        model: 'big',
        input: { tensors: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 224, 224], minimum: 0, maximum: 1 }] },
        output: { round: 3, topK: 2 },
        detection: { kind: 'tensor', most: 'observe' },
      },
    ],
    records: { waiting: 100_000 },
  };
}

/** A folder with its gateway.yaml, which JSON is too. @returns where REST and the operators' server will listen */
export async function gatewayFolder(folder, to) {
  mkdirSync(folder, { recursive: true });
  const ports = { rest: await freePort(), operator: await freePort() };
  writeFileSync(join(folder, 'gateway.yaml'), JSON.stringify(settingsOf(ports, to), undefined, 2));
  return ports;
}

export function newKey({ node, vallum }, folder) {
  const args = [vallum, 'gateway', 'keys', 'create', 'bench', '--role', 'infer', '--config', 'gateway.yaml'];
  const { stdout, stderr } = spawnSync(node, args, { cwd: folder, encoding: 'utf8' });
  const key = /vlm_\w+/.exec(stdout)?.[0];
  if (key === undefined) throw new Error(`no key was made: ${stderr}`);
  return key;
}

export async function gateway({ node, vallum }, folder, ports) {
  const args = [vallum, 'gateway', '--config', 'gateway.yaml'];
  return { port: ports.rest, ...(await start(node, args, { port: ports.rest, cwd: folder })) };
}
