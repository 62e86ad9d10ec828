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

const output = (type: string, data: unknown): object => ({ output_type: 'display_data', data: { [type]: data } });
const deep = (value: unknown, levels: number): unknown => (levels === 0 ? value : { a: deep(value, levels - 1) });
const many = Array.from({ length: 50_001 }, () => ['a', 1]);

/** `{'t': secret}` as Python writes it: the length before, and BINPUT, the letter q, directly behind. */
function pickle2(secret: string): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(secret.length);
  return Buffer.from(`\x80\x02}q\0X\x01\0\0\0tq\x01X${size.toString('latin1')}${secret}q\x02s.`, 'latin1');
}

/** A field of text between two others: its length, 40 to 44, is a sign or a letter, and the next field begins with a letter. */
function protobuf(secret: string): Uint8Array {
  const field = (tag: string, text: string): string => `${tag}${String.fromCharCode(text.length)}${text}`;
  return Buffer.from(`\x08\x07${field('B', 'a'.repeat(70))}${field('J', secret)}${field('B', 'x')}\xff`, 'latin1');
}

function utf32(text: string): Uint8Array {
  const units = [...text].map((one) => Buffer.from([one.charCodeAt(0), 0, 0, 0]));
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\0', 'latin1'), ...units]);
}

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
    ['a key of an output', 'a.ipynb', (secret: string) => code('x', [output('application/json', { [secret]: 1 })])],
    ['a drawing', 'a.ipynb', (secret: string) => code('x', [output('image/svg+xml', `<text>${secret}</text>`)])],
    ['what only calls itself a picture', 'a.ipynb', (secret: string) => code('x', [output('image/png', secret)])],
    ['a deep output', 'a.ipynb', (secret: string) => code('x', [output('application/json', deep(secret, 50))])],
    ['a deeper output', 'a.ipynb', (secret: string) => code('x', [output('application/json', deep(secret, 90))])],
    ['an output behind many', 'a.ipynb', (secret: string) => code('x', [output('a/b', [...many, [secret]])])],
    [
      'two outputs of one stream',
      'a.ipynb',
      (secret: string) => code('x', [stream(`a ${secret.slice(0, 9)}`), stream(secret.slice(9))]),
    ],
    ['a cell that is none', 'a.ipynb', (secret: string) => JSON.stringify({ cells: [secret], worksheets: 1 })],
    ['cells that are none', 'a.ipynb', (secret: string) => JSON.stringify({ cells: { a: secret } })],
    ['outputs that are none', 'a.ipynb', (secret: string) => notebook({ cell_type: 'code', outputs: { a: secret } })],
    ['a pickle of protocol 2', 'm.pkl', (secret: string) => pickle2(secret)],
    ['a message of protobuf', 'm.onnx', (secret: string) => protobuf(secret)],
    ['JSON that spells it with escapes', 'a.json', (secret: string) => `{"t": "${secret.replace('_', '\\u005f')}"}`],
    ['UTF-16 without a mark', 'a.txt', (secret: string) => Buffer.from(`token ${secret}\n`, 'utf16le')],
    ['UTF-16, the high byte first', 'a.txt', (secret: string) => Buffer.from(`token ${secret}\n`, 'utf16le').swap16()],
    ['an array of texts of numpy', 'a.npy', (secret: string) => utf32(`token ${secret}`)],
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
    const picture = output('image/png', `iVBORw0KGgo/${AWS}/`);
    expect((await scanned({ 'a.ipynb': code('x', [picture]) })).findings).toEqual([]);
    expect((await scanned({ 'a.bin': numbers('password: hunter22x', 100) })).findings).toEqual([]);
  });

  it('judges before it cuts: no flood of mild findings hides a token, and what is cut is not examined', async () => {
    const mild = 'password: hunter22x\n'.repeat(300);
    const flood = Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`a${at + 10}.cfg`, mild]));
    const result = await scanned({ ...flood, 'z.cfg': `${mild}${TOKEN}\n` });
    expect(result).toMatchObject({ outcome: 'fail', reason: { message: '1 findings at high or above' } });
    expect(rulesIn(result)).toContain('VLM-SEC-001');
    expect(result.findings).toHaveLength(5_000);
    expect(JSON.stringify(result.coverage.notExamined)).toMatch(/further findings/);
    expect(await scanned({ 'a.cfg': mild })).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'not-examined' },
    });
    expect(await scanned({ 'a.cfg': 'password: hunter22x\n'.repeat(100) })).toMatchObject({ outcome: 'pass' });
  });

  it('reads what stands over a key and its value, and in a notebook tells a token once', async () => {
    const kaggle = { username: 'ann', key: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' };
    const told = await scanned({ 'a.ipynb': code('x', [output('application/json', kaggle)]) });
    expect(told.findings.map(({ message }) => message)).toEqual([expect.stringMatching(/line 1 \[kaggle\.key\]$/)]);
    expect((await scanned({ 'a.ipynb': code(TOKEN) })).findings).toHaveLength(1);
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
