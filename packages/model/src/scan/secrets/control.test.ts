// secret.scan: where a secret hides beside its clean twin, what is in scope, and how narrow an allowed entry is. The stand-ins
// are put together here, so that no secret scanner takes this file for a leak.
import { gzipSync } from 'node:zlib';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import type { ControlResult, Planned } from '@vallum/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Files, Folder } from '../environment/testing/folder.js';
import { makeFolder, rulesIn, runOf } from '../environment/testing/folder.js';
import type { AllowedSecret } from './allowed.js';
import { planSecretScan } from './control.js';

const folders: Folder[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const TOKEN = `ghp_${'aB3dE5fG7h'.repeat(4)}`;
const AWS = `AKIA${'Q7XM2LZ5'.repeat(2)}`;

interface Change {
  readonly allowed?: readonly AllowedSecret[];
  readonly outOfScope?: readonly string[];
  readonly today?: string;
}

function planned(files: Files, change: Change = {}): Promise<Planned> {
  const folder = makeFolder({ 'README.md': 'A project.\n', ...files });
  folders.push(folder);
  return planSecretScan({
    disk: nodeDisk,
    root: folder.root,
    outOfScope: [],
    allowed: [],
    today: '2026-06-01',
    subjectName: 'x-repository',
    ...change,
  });
}
const scanned = async (files: Files, change: Change = {}): Promise<ControlResult> =>
  runOf(await planned(files, change));

const notebook = (cell: object): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] });
const code = (source: string, outputs: readonly object[] = []): string =>
  notebook({ cell_type: 'code', metadata: {}, source: [source], outputs });
const stream = (text: string): object => ({ output_type: 'stream', name: 'stdout', text: [text] });

function safetensors(note: string): Uint8Array {
  const header = Buffer.from(JSON.stringify({ __metadata__: { note } }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header]);
}

const numbers = (text: string, at: number): Uint8Array => {
  const bytes = Buffer.alloc(3 * 1024 * 1024, 0x81);
  bytes.write(text, at, 'latin1');
  return bytes;
};

describe('secret.scan', () => {
  it.each([
    ['a source', 'train.py', (secret: string) => `token = "${secret}"\n`],
    ['an ignored file', '.env', (secret: string) => `TOKEN=${secret}\n`],
    [
      'the configuration of git',
      '.git/config',
      (secret: string) => `[remote "o"]\n\turl = https://x:${secret}@h.example/r\n`,
    ],
    ['a cell', 'a.ipynb', (secret: string) => code(`login("${secret}")`)],
    ['a cell behind escapes', 'a.ipynb', (secret: string) => code(secret).replace(secret, `\\u0067${secret.slice(1)}`)],
    ['an output', 'a.ipynb', (secret: string) => code('print(x)', [stream(`token ${secret}\n`)])],
    ['a broken notebook', 'a.ipynb', (secret: string) => `{"cells": [ ${secret}`],
    ['the metadata of weights', 'models/m.safetensors', safetensors],
    ['bytes across two windows', 'models/m.bin', (secret: string) => numbers(secret, 1024 * 1024 - 10)],
    ['the end of bytes', 'models/m.bin', (secret: string) => numbers(secret, 3 * 1024 * 1024 - 44)],
    ['a packed file', 'log.txt.gz', (secret: string) => gzipSync(`token ${secret}\n`)],
  ] as const)('finds a token in %s', async (_, path, make) => {
    const result = await scanned({ [path]: make(TOKEN) });
    expect(rulesIn(result)).toContain('VLM-SEC-001');
    expect(result).toMatchObject({ outcome: 'fail' });
    expect(JSON.stringify(result)).not.toContain(TOKEN.slice(6, 20));
    const stand = TOKEN.replace(/.{20}$/, '');
    expect(rulesIn(await scanned({ [path]: make(stand) }))).not.toContain('VLM-SEC-001');
  });

  it('says where: line, cell, byte, rule', async () => {
    const { findings } = await scanned({
      'a.py': `x = 1\nkey = "${AWS}"\n`,
      'a.ipynb': code('x', [stream(TOKEN)]),
    });
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/output of cell 1 \[github\.token\]$/),
      expect.stringMatching(/line 2 \[aws\.access_key\]$/),
    ]);
  });

  it('leaves pictures, and words beside bytes, alone', async () => {
    const picture = { output_type: 'display_data', data: { 'image/png': AWS } };
    expect((await scanned({ 'a.ipynb': code('x', [picture]) })).findings).toEqual([]);
    expect((await scanned({ 'a.bin': numbers('password: hunter22x', 100) })).findings).toEqual([]);
  });

  it('shows a password that only a word announces, below the gate', async () => {
    const result = await scanned({ 'a.cfg': 'password: hunter22x\n' });
    expect(result).toMatchObject({ outcome: 'pass', findings: [{ rule: 'VLM-SEC-002', severity: 'medium' }] });
  });

  it('is inconclusive where a packed part is not unpacked', async () => {
    const zstd = Buffer.from('28b52ffd0458', 'hex');
    expect(await scanned({ 'a.zst': zstd })).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'not-examined' },
    });
  });

  describe('its scope', () => {
    it('is the folder without state, caches, old commits, and what another control speaks about', async () => {
      const files = {
        '.vallum/statements/x': TOKEN,
        '.git/COMMIT_EDITMSG': TOKEN,
        'node_modules/a/a.js': TOKEN,
        'feeds/a/rows.jsonl': TOKEN,
      };
      expect(await scanned(files, { outOfScope: ['feeds/a/rows.jsonl'] })).toMatchObject({
        outcome: 'pass',
        coverage: { examined: { files: 1 } },
      });
      expect(
        await scanned({ ...files, 'feeds/a/notes.txt': TOKEN }, { outOfScope: ['feeds/a/rows.jsonl'] }),
      ).toMatchObject({
        outcome: 'fail',
      });
    });

    it('does not follow links', async () => {
      const outside = makeFolder({ secret: TOKEN });
      folders.push(outside);
      const task = await planned({});
      symlinkSync(join(outside.root, 'secret'), join(folders.at(-1)?.root ?? '', 'link'));
      expect(await runOf(task)).toMatchObject({ outcome: 'pass' });
    });

    it('is the subject: what is in it changes the digest, what is not does not', async () => {
      const subjectOf = async (files: Files): Promise<string> => {
        const task = await planned(files);
        return 'run' in task ? task.subject.digest.sha256 : '';
      };
      const first = await subjectOf({ 'a.py': '1' });
      expect(await subjectOf({ 'a.py': '1', '.vallum/x': '2' })).toBe(first);
      expect(await subjectOf({ 'a.py': '2' })).not.toBe(first);
    });

    it('must be at rest', async () => {
      const task = await planned({ 'a.py': '1' });
      folders.at(-1)?.write({ 'b.py': '2' });
      expect(await runOf(task)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'subject-changed' } });
    });
  });

  describe('an allowed entry', () => {
    const content = `key = "${AWS}"\n`;
    const entry: AllowedSecret = {
      file: 'tests/a.py',
      rule: 'aws.access_key',
      sha256: sha256(content),
      reason: 'a made-up key of a test',
      until: '2026-12-31',
    };

    it('covers one rule in one file of exact bytes', async () => {
      const result = await scanned({ 'tests/a.py': content }, { allowed: [entry] });
      expect(result).toMatchObject({ outcome: 'pass', findings: [] });
      expect(result.metrics).toContainEqual({ id: 'secrets.allowed', value: 1, unit: 'findings' });
    });

    it.each([
      ['another file', { 'tests/b.py': content }, {}],
      ['changed bytes', { 'tests/a.py': `${content}\n` }, {}],
      ['another rule', { 'tests/a.py': content }, { rule: 'github.token' }],
      ['a day that is over', { 'tests/a.py': content }, { until: '2026-05-31' }],
    ])('does not cover %s', async (_, files, change) => {
      expect(await scanned(files as Files, { allowed: [{ ...entry, ...change }] })).toMatchObject({ outcome: 'fail' });
    });

    it('is a parameter while it holds, so that evidence made under it turns stale after', async () => {
      const at = async (today: string): Promise<unknown> => {
        const task = await planned({}, { allowed: [entry], today });
        return 'run' in task ? task.parameters['allowed'] : undefined;
      };
      expect(await at('2026-12-31')).toEqual([{ ...entry }]);
      expect(await at('2027-01-01')).toEqual([]);
    });

    it('can accept a part that is not examined', async () => {
      const zstd = Buffer.from('28b52ffd0458', 'hex');
      const allowed = [{ ...entry, file: 'a.zst', rule: 'not-examined', sha256: sha256(zstd) }];
      expect(await scanned({ 'a.zst': zstd }, { allowed })).toMatchObject({ outcome: 'pass' });
    });
  });
});
