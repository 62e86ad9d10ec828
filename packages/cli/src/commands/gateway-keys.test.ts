// `vallum gateway keys`: from the command line to the list on the disk, and whether the gateway lets the key in.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Io } from '../answer.js';
import { makeProgress } from '../output/progress.js';
import { makeStyle } from '../output/style.js';
import { addGatewayKeys } from '../program/gateway-keys.js';

const KEY = /^vlm_([a-z2-7]{10})_[0-9A-Za-z]{33}_[0-9A-Za-z]{6}$/;
const SETTINGS = `
schema: vallum/gateway/v1
name: edge
listen: { rest: { address: "127.0.0.1:8080" } }
identity: { keys: gateway-keys.json }
upstreams: { models: { url: "http://127.0.0.1:9000" } }
routes:
  - model: spam-filter
    protocol: oip
    upstream: models
    serving: { by: nothing, reason: tried out on one machine }
`;

let folder = '';
let notices: string[] = [];
let now = new Date('2026-06-01T00:00:00Z');
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-gateway-keys-'));
  writeFileSync(join(folder, 'gateway.yaml'), SETTINGS);
  notices = [];
  now = new Date('2026-06-01T00:00:00Z');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One command line behind `vallum gateway`. */
async function keys(...words: readonly string[]): Promise<Answer> {
  let answer: Answer | undefined;
  const io: Io = {
    disk: nodeDisk,
    clock: () => now,
    keysFolder: folder,
    folder,
    style: makeStyle(false),
    progress: makeProgress(process.stderr, false, 80),
    notice: (line) => notices.push(line),
  };
  const gateway = new Command('gateway').exitOverride();
  addGatewayKeys(gateway, async (_, work) => {
    answer = await work(io);
  });
  await gateway.parseAsync(['keys', ...words, '--config', join(folder, 'gateway.yaml')], { from: 'user' });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

const idOf = ({ text }: Answer): string => KEY.exec(text)?.[1] ?? 'none';

describe('vallum gateway keys', () => {
  it('create shows a key once, warns, and keeps nothing of it', async () => {
    const made = await keys('create', 'web', '--role', 'infer', 'metadata', '--group', 'acme', '--label', 'shop');
    expect(made.text).toMatch(KEY);
    expect(made.json).toMatchObject({
      schema: 'vallum/gateway-keys-create/v1',
      principal: 'web',
      roles: ['infer', 'metadata'],
      key: made.text,
      id: idOf(made),
      notAfter: '2026-08-30T00:00:00Z',
      state: 'counts',
    });
    expect(notices).toEqual([expect.stringMatching(/shown this once/)]);
    expect(notices.join()).not.toContain(made.text);
    expect(readFileSync(join(folder, 'gateway-keys.json'), 'utf8')).not.toContain(made.text.slice(15, 48));
  });

  it('list names everything but secrets and hashes', async () => {
    expect((await keys('list')).text).toMatch(/Nobody has a key/);
    const made = await keys('create', 'web', '--role', 'infer', '--expires', '24h', '--name', 'Web shop');
    const listed = await keys('list');
    expect(listed.text).toBe(`web  ${idOf(made)}  counts  until 2026-06-02T00:00:00Z  infer`);
    const all = JSON.stringify(listed);
    expect([all.includes(made.text.slice(15)), all.includes('hash')]).toEqual([false, false]);
    now = new Date('2026-06-02T00:00:00Z');
    expect((await keys('list')).text).toMatch(/ expired /);
  });

  it('rotate gives a second key and the first an end; revoke ends one now', async () => {
    const first = await keys('create', 'web', '--role', 'infer');
    const second = await keys('rotate', 'web', '--overlap', '12h', '--expires', '52w');
    expect(second.json).toMatchObject({
      schema: 'vallum/gateway-keys-rotate/v1',
      id: idOf(second),
      former: [{ id: idOf(first), notAfter: '2026-06-01T12:00:00Z' }],
    });
    await expect(keys('rotate', 'web')).rejects.toThrow(code('GATEWAY_KEY_TWO'));
    const revoked = await keys('revoke', idOf(first), '--reason', 'seen in a log');
    expect(revoked.json).toEqual({
      schema: 'vallum/gateway-keys-revoke/v1',
      id: idOf(first),
      principal: 'web',
      reason: 'seen in a log',
    });
    expect((await keys('list')).json).toMatchObject({
      schema: 'vallum/gateway-keys-list/v1',
      principals: [{ keys: [{ state: 'revoked', revokedFor: 'seen in a log' }, { state: 'counts' }] }],
    });
    expect(idOf(await keys('rotate', 'web'))).not.toBe(idOf(second));
  });

  it.each(['', '90', 'd', '-1d', '0d', '1y', '99999w', '90d '])('refuses %j as a time', async (time) => {
    await expect(keys('create', 'web', '--role', 'infer', '--expires', time)).rejects.toThrow(code('GATEWAY_KEY_TIME'));
  });

  it('needs settings that say where keys are', async () => {
    writeFileSync(
      join(folder, 'gateway.yaml'),
      SETTINGS.replace(
        'keys: gateway-keys.json',
        'issuers: [{ issuer: "https://i.example", audience: x, algorithms: [ES256], jwks: k.json }]',
      ),
    );
    await expect(keys('list')).rejects.toThrow(code('GATEWAY_KEYS_PLACE'));
    writeFileSync(join(folder, 'gateway.yaml'), 'schema: 1');
    await expect(keys('list')).rejects.toThrow(code('GATEWAY_CONFIG'));
  });
});
