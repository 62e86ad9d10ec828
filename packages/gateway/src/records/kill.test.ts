// A real process is killed with SIGKILL while records are on their way. Every record that it had seen acknowledged is in the
// ledger, once; the ledger opens again and is whole.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk } from '@vallum/core';
import { fsckLog } from '@vallum/ledger';
import { publicRecord } from '@vallum/trust';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecordBatch } from './batch.js';
import { RecordDesk } from './desk.js';
import { gatewayKey, gatewayLogFolder, openGatewayLog } from './edge/open-gateway-log.js';
import { readDecision } from './read-decision.js';
import { bundleChild } from './testing/bundle-child.js';

const ENOUGH = 1500;

let base: string;
let script: string;
beforeAll(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-kill-`);
  script = await bundleChild('records-child.ts', base);
});
afterAll(() => rm(base, { recursive: true, force: true }));

/** Kills the child when it has told of enough; what it had told of, whole lines only. */
async function killed(child: ChildProcess): Promise<readonly number[]> {
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
    if (text.length > ENOUGH * 4) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return text.split('\n').slice(0, -1).map(Number);
}

async function idsIn(state: string): Promise<readonly number[]> {
  const log = await openGatewayLog(nodeDisk, state, 'front');
  const ids: number[] = [];
  for await (const entry of log.entries()) ids.push(Number.parseInt(readDecision(entry).id, 16));
  await log.close();
  const publicKey = publicRecord(await gatewayKey(nodeDisk, state));
  expect(await fsckLog({ disk: nodeDisk, dir: gatewayLogFolder(state), publicKey })).toMatchObject({ ok: true });
  return ids;
}

it('a worker that is killed', async () => {
  const state = `${base}/worker`;
  const log = await openGatewayLog(nodeDisk, state, 'front');
  const desk = new RecordDesk({ log, reopen: () => Promise.reject(new Error('no')), tell: () => undefined });
  const child = spawn(process.execPath, [script, 'worker'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  child.on('message', (batch: RecordBatch) => {
    void desk.take(batch).then((ack) => child.connected && child.send(ack, () => undefined));
  });
  const told = await killed(child);
  desk.left('child');
  await desk.close();
  const ids = await idsIn(state);
  expect(told.length).toBeGreaterThan(ENOUGH / 2);
  expect(told.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('a primary that is killed', async () => {
  const state = `${base}/primary`;
  const child = spawn(process.execPath, [script, 'primary', state], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = await killed(child);
  const ids = await idsIn(state);
  expect(told.length).toBeGreaterThan(ENOUGH / 2);
  expect(told.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
