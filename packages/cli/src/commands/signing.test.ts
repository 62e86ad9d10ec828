// `vallum sign` and `vallum verify` on keys and certificates of a person without a project: what they print, in JSON and
// text, and the exit code of each class of failure.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { x509 } from '@vallum/formats/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Io } from '../answer.js';
import { makeStyle } from '../output/style.js';
import { signCommand, type SignCommandOptions } from './sign.js';
import { verifyCommand, type VerifyCommandOptions } from './verify.js';

const { alternativeNames, constraints, CODE_SIGNING, ecKey, makeCertificate, purposes, usage } = x509;
const keys = ecKey();
const root = makeCertificate({ subject: 'root', extensions: [constraints(true), usage('keyCertSign')] });
const leaf = makeCertificate({
  subject: 'leaf',
  issuer: root,
  keys,
  extensions: [
    constraints(false),
    usage('digitalSignature'),
    purposes(CODE_SIGNING),
    alternativeNames(['email', 'ann@example.org']),
  ],
});
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;

let work: string;
let io: Io;
const at = (name: string): string => join(work, name);

beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'vallum-signing-')));
  mkdirSync(at('m/sub'), { recursive: true });
  writeFileSync(at('m/a'), 'A');
  writeFileSync(at('m/sub/b'), 'B');
  writeFileSync(at('key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(at('pub'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(at('cert'), pem(leaf.der));
  writeFileSync(at('root'), pem(root.der));
  io = {
    disk: nodeDisk,
    clock: () => new Date('2026-06-01T00:00:00Z'),
    keysFolder: at('keys'),
    folder: work,
    style: makeStyle(false),
    progress: { say: () => undefined, done: () => undefined },
    notice: () => undefined,
  };
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const sign = (options: SignCommandOptions = {}, model = 'm'): Promise<Answer> =>
  signCommand(io, at(model), { key: at('key'), ...options });
const verify = (options: VerifyCommandOptions = {}, model = 'm'): Promise<Answer> =>
  verifyCommand(io, at(model), options.roots === undefined ? { key: at('pub'), ...options } : options);

describe('sign and verify', () => {
  it('name each class of failure, all files in JSON and the first ones in text', async () => {
    await sign();
    expect(await verify()).toMatchObject({ exit: 0, json: { status: 'valid', method: 'key', files: 2 } });
    for (let i = 0; i < 30; i += 1) writeFileSync(at(`m/x${i}`), '');
    const extra = await verify();
    expect(extra).toMatchObject({ exit: 1, json: { class: 'extra', code: 'files-differ' } });
    expect((extra.json as { extra: string[] }).extra).toHaveLength(30);
    expect(extra.text).toContain('... and 10 more');
    const ignoring = await verify({ ignoreUnsignedFiles: true });
    expect(ignoring).toMatchObject({ exit: 0, json: { status: 'valid-with-unsigned-files' } });
    expect(ignoring.text).toContain('others that nobody signed are there too');
    rmSync(at('m/sub/b'));
    expect(await verify()).toMatchObject({ exit: 1, json: { class: 'missing', missing: ['sub/b'] } });
    writeFileSync(at('m/a'), 'B');
    expect(await verify()).toMatchObject({ exit: 1, json: { class: 'changed', changed: ['a'] } });
    writeFileSync(at('m/model.sig'), '{');
    expect(await verify()).toMatchObject({ exit: 1, json: { class: 'bundle', code: 'bundle-malformed' } });
    rmSync(at('m/model.sig'));
    expect(await verify()).toMatchObject({ exit: 2, json: { class: 'bundle', code: 'signature-absent' } });
  });

  it('use a certificate and tell who it names', async () => {
    expect(await sign({ certificate: at('cert') })).toMatchObject({ json: { method: 'certificate' } });
    const found = await verify({ roots: at('root'), identity: 'ann@example.org' });
    expect(found).toMatchObject({ exit: 0, json: { method: 'certificate', identity: 'ann@example.org' } });
    expect(await verify({ roots: at('root'), identity: 'bob@example.org' })).toMatchObject({
      exit: 1,
      json: { class: 'signer', code: 'identity-mismatch' },
    });
    expect(await verify()).toMatchObject({ exit: 2, json: { code: 'method-unsupported' } });
  });

  it('open an encrypted key with the passphrase in a file', async () => {
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' } as const;
    writeFileSync(at('key'), keys.privateKey.export(cipher));
    writeFileSync(at('pass'), 'right\n');
    expect(await sign({ passwordFile: at('pass') })).toMatchObject({ exit: 0 });
    await expect(sign()).rejects.toMatchObject({ code: 'SIGN_KEY' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ ...cipher, passphrase: 'x' });
    writeFileSync(at('key'), other);
    await expect(sign({ passwordFile: at('pass') })).rejects.toMatchObject({
      message: expect.stringContaining('the passphrase does not open') as string,
    });
  });

  it('leave the signature out however it and the folder are named', async () => {
    symlinkSync(work, at('alias'));
    const folder = relative(process.cwd(), at('m'));
    for (const [model, signature] of [
      [folder, at('m/x.sig')],
      [folder, './x.sig'],
      [at('m'), './sub/../x.sig'],
      [at('m'), at('alias/m/x.sig')],
      [at('alias/m'), at('m/sub/x.sig')],
      [at('m'), at('x.sig')],
      [at('m'), '../x.sig'],
    ] as const) {
      await signCommand(io, model, { key: at('key'), signature });
      const checked = await verifyCommand(io, model, { key: at('pub'), signature });
      expect(checked).toMatchObject({ exit: 0, json: { status: 'valid', files: 2 } });
      for (const path of ['m/x.sig', 'm/sub/x.sig', 'x.sig']) rmSync(at(path), { force: true });
    }
    // What is no signature is still a file.
    await sign({ signature: 'x.sig' });
    writeFileSync(at('m/y.sig'), '');
    expect(await verify({ signature: at('m/x.sig') })).toMatchObject({ exit: 1, json: { extra: ['y.sig'] } });
  });

  it('want the public key to verify with, and say so of a private one', async () => {
    await sign();
    for (const type of ['pkcs8', 'sec1'] as const)
      for (const cipher of [{}, { cipher: 'aes-256-cbc', passphrase: 'x' }]) {
        writeFileSync(at('private'), keys.privateKey.export({ type, format: 'pem', ...cipher }));
        await expect(verify({ key: at('private') })).rejects.toMatchObject({
          code: 'VERIFY_KEY',
          message: expect.stringContaining('private key') as string,
        });
      }
    expect(await verify({ key: at('pub') })).toMatchObject({ exit: 0 });
  });

  it('take a single file, shards, ignored paths', async () => {
    await sign({ ignore: ['sub'], shards: true });
    expect(await verify()).toMatchObject({
      exit: 0,
      json: { files: 1, ignored: [{ path: 'sub', files: 1, bytes: 1 }] },
      text: expect.stringContaining('ignored    sub (1 files, 1 bytes)') as string,
    });
    writeFileSync(at('m/empty'), '');
    expect(await verify()).toMatchObject({ exit: 2, json: { class: 'uncovered', uncovered: ['empty'] } });
    await sign({}, 'm/a');
    expect(readdirSync(at('m'))).toContain('a.sig');
    expect(await verify({}, 'm/a')).toMatchObject({ exit: 0, json: { files: 1 } });
  });
});
