// Beyond a folder of plain files: shards, single files, links, certificates, signatures elsewhere. What the format leaves
// open ends on the safe side, and a failed signing leaves nothing behind.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Disk, FileHasher } from '@vallum/core';
import { diskHasher, nodeDisk, VallumError } from '@vallum/core';
import { x509 } from '@vallum/formats/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from './bundle.js';
import { readLink } from './edge/read-link.js';
import { signaturePlace } from './place.js';
import type { SignOptions } from './sign.js';
import { signModel } from './sign.js';
import type { Signers } from './signers.js';
import { forge, modelFolder, put, removeFolders, resource, statementText, testKey } from './testing/fixtures.js';
import type { VerifyOptions } from './verify.js';
import { verifyModel } from './verify.js';

afterAll(removeFolders);
const key = testKey();
const signers: Signers = { method: 'key', keys: [key] };

const sign = (dir: string, options: Partial<SignOptions> = {}) => signModel({ disk: nodeDisk, dir, key, ...options });
const verify = (dir: string, options: Partial<VerifyOptions> = {}) =>
  verifyModel({ disk: nodeDisk, dir, signers, ...options });

interface Signed {
  readonly predicate: {
    readonly serialization: object;
    readonly resources: readonly { readonly name: string; readonly algorithm: string }[];
  };
}

const statementOf = (path: string): Signed => JSON.parse(readBundle(readFileSync(path)).payload.toString()) as Signed;

describe('shards', () => {
  it('cut every file at the size, and a change in any shard is found', async () => {
    const dir = modelFolder({ 'a:1': 'abcdefgh', b: 'abcdefg', c: 'abc' });
    expect(await sign(dir, { shardSize: 4 })).toMatchObject({ files: 3, bytes: 18, uncovered: [] });
    const { serialization, resources } = statementOf(`${dir}/model.sig`).predicate;
    expect(serialization).toMatchObject({ method: 'shards', shard_size: 4 });
    expect(resources.map(({ name }) => name)).toEqual(['a:1:0:4', 'a:1:4:8', 'b:0:4', 'b:4:7', 'c:0:3']);
    expect(new Set(resources.map(({ algorithm }) => algorithm))).toEqual(new Set(['sha256-sharded-4']));
    expect((await verify(dir)).status).toBe('valid');
    for (const text of ['abcdEfg', 'abcdef', 'abcdefgh', 'abcdefg\0', '', 'bacdefg']) {
      put(dir, { b: text });
      expect(await verify(dir)).toMatchObject({ code: 'files-differ', class: 'changed', files: { changed: ['b'] } });
    }
  });

  it('cover no empty file: it is named, and the model is not proven', async () => {
    const dir = modelFolder({ a: 'A', 'pkg/__init__.py': '' });
    expect(await sign(dir, { shardSize: 4 })).toMatchObject({ uncovered: ['pkg/__init__.py'] });
    const found = await verify(dir);
    expect(found).toMatchObject({
      status: 'refused',
      code: 'files-uncovered',
      class: 'uncovered',
      undecided: true,
      files: { uncovered: ['pkg/__init__.py'], extra: [] },
    });
    expect(await verify(dir, { ignoreUnsignedFiles: true })).toMatchObject({ status: 'valid-with-unsigned-files' });
    expect(await verify(dir, { profile: 'compat' })).toMatchObject({ status: 'valid-with-unsigned-files' });
    put(dir, { 'pkg/__init__.py': 'import os' });
    expect(await verify(dir)).toMatchObject({ code: 'files-differ', files: { extra: ['pkg/__init__.py'] } });
  });

  it('refuse a size that is none, and a folder of nothing but empty files', async () => {
    for (const shardSize of [0, -1, 1.5, Number.NaN])
      await expect(sign(modelFolder({ a: 'A' }), { shardSize })).rejects.toMatchObject({ code: 'SIGN_SHARDS' });
    await expect(sign(modelFolder({ a: '' }), { shardSize: 4 })).rejects.toMatchObject({ code: 'SIGN_EMPTY' });
  });
});

describe('a single file', () => {
  it('is signed beside itself by its name, and verified under `.` too', async () => {
    const dir = modelFolder({ 'model.onnx': 'weights', other: 'x' });
    await sign(dir, { file: 'model.onnx' });
    expect(statementOf(`${dir}/model.onnx.sig`).predicate.resources).toMatchObject([{ name: 'model.onnx' }]);
    expect(await verify(dir, { file: 'model.onnx' })).toMatchObject({ status: 'valid', files: { bytes: 7 } });
    // The reference knows it only as `.`.
    expect(await verify(dir, { file: 'model.onnx', profile: 'compat' })).toMatchObject({ code: 'files-differ' });
    await sign(dir, { file: 'model.onnx', profile: 'compat' });
    expect(statementOf(`${dir}/model.onnx.sig`).predicate.resources).toMatchObject([{ name: '.' }]);
    expect((await verify(dir, { file: 'model.onnx' })).status).toBe('valid');
    expect((await verify(dir, { file: 'model.onnx', profile: 'compat' })).status).toBe('valid');
    put(dir, { 'model.onnx': 'Weights' });
    expect(await verify(dir, { file: 'model.onnx' })).toMatchObject({ files: { changed: ['model.onnx'] } });
    symlinkSync('other', `${dir}/link`);
    await expect(sign(dir, { file: 'link' })).rejects.toMatchObject({ code: 'SIGN_LINK' });
    expect(await verify(dir, { file: 'gone', signaturePath: 'model.onnx.sig' })).toMatchObject({
      code: 'files-differ',
    });
  });
});

describe('links', () => {
  const linked = (links: Readonly<Record<string, string>>): string => {
    const dir = modelFolder({ a: 'A', 'd/b': 'B' });
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(`${dir}/${path}`), { recursive: true });
      symlinkSync(target, `${dir}/${path}`);
    }
    return dir;
  };

  it('inside the folder are followed where both sides allow it', async () => {
    const dir = linked({ l: 'a', 'd/up': '../a', 'x/all': '../d', chain: 'l' });
    await expect(sign(dir)).rejects.toMatchObject({ code: 'SIGN_LINK' });
    expect(await sign(dir, { readLink })).toMatchObject({ files: 7 });
    const { resources, serialization } = statementOf(`${dir}/model.sig`).predicate;
    expect(serialization).toMatchObject({ allow_symlinks: true });
    expect(resources.map(({ name }) => name)).toEqual(['a', 'chain', 'd/b', 'd/up', 'l', 'x/all/b', 'x/all/up']);
    expect((await verify(dir, { readLink })).status).toBe('valid');
    // Without leave to follow links, or with a signature that allows none, they are differences.
    expect(await verify(dir)).toMatchObject({ code: 'files-differ' });
    put(dir, { a: 'changed' });
    expect(await verify(dir, { readLink })).toMatchObject({
      files: { changed: ['a', 'chain', 'd/up', 'l', 'x/all/up'] },
    });
  });

  it.each([
    ['absolute', '/etc/hostname'],
    ['out of the folder', '../../m/a'],
    ['into itself', '../d'],
    ['to the folder', '..'],
    ['a ring', 'l'],
    ['to nothing', 'gone'],
    ['through a file', '../a/x'],
  ])('that lead elsewhere are refused: %s', async (_, target) => {
    const dir = linked({ 'd/l': target });
    await expect(sign(dir, { readLink })).rejects.toMatchObject({ code: 'SIGN_LINK' });
    expect(readdirSync(dir)).toEqual(['a', 'd']);
    const text = statementText({
      resources: [resource('a', 'A'), resource('d/b', 'B')],
      serialization: { allow_symlinks: true },
    });
    put(dir, { 'model.sig': forge(key, text) });
    expect(await verify(dir, { readLink })).toMatchObject({ code: 'files-differ', files: { extra: ['d/l'] } });
  });
});

describe('a certificate', () => {
  const { alternativeNames, constraints, CODE_SIGNING, makeCertificate, purposes, usage } = x509;
  const root = makeCertificate({ subject: 'root', extensions: [constraints(true), usage('keyCertSign')] });
  const leaf = makeCertificate({
    subject: 'leaf',
    issuer: root,
    keys: key,
    extensions: [
      constraints(false),
      usage('digitalSignature'),
      purposes(CODE_SIGNING),
      alternativeNames(['email', 'ann@example.org']),
    ],
  });
  const byRoot: Signers = { method: 'certificate', roots: [root.der], now: new Date('2026-06-01T00:00:00Z') };

  it('vouches for the key', async () => {
    const dir = modelFolder({ a: 'A' });
    await sign(dir, { key: { privateKey: key.privateKey, chain: [leaf.der] } });
    expect(await verify(dir, { signers: byRoot })).toMatchObject({ status: 'valid', method: 'certificate' });
    expect(await verify(dir)).toMatchObject({ code: 'method-unsupported', undecided: true });
    const stranger = makeCertificate({ subject: 'root', extensions: [constraints(true), usage('keyCertSign')] });
    expect(await verify(dir, { signers: { ...byRoot, roots: [stranger.der] } })).toMatchObject({
      status: 'refused',
      class: 'signer',
    });
    put(dir, { a: 'B' });
    expect(await verify(dir, { signers: byRoot })).toMatchObject({ code: 'files-differ' });
  });

  it('of another key, or none at all, is refused before anything is written', async () => {
    const dir = modelFolder({ a: 'A' });
    for (const chain of [[root.der], [], [Buffer.from('x')], [leaf.der, Buffer.from('x')]])
      await expect(sign(dir, { key: { privateKey: key.privateKey, chain } })).rejects.toMatchObject({
        code: 'SIGN_CERTIFICATE',
      });
    expect(readdirSync(dir)).toEqual(['a']);
  });
});

describe('the signature file', () => {
  it('may lie outside the folder, and never replaces what is no signature', async () => {
    const dir = modelFolder({ a: 'A' });
    const outside = `${dirname(dir)}/detached.sig`;
    await sign(dir, { signaturePath: outside });
    expect(readdirSync(dir)).toEqual(['a']);
    expect(await verify(dir, { signaturePath: outside })).toMatchObject({ status: 'valid' });
    // An absolute path into the folder is the same as a relative one.
    await sign(dir, { signaturePath: `${dir}/in.sig` });
    expect(statementOf(`${dir}/in.sig`).predicate.serialization).toMatchObject({
      ignore_paths: ['.git', '.gitattributes', '.github', '.gitignore', 'in.sig'],
    });
    await expect(sign(dir, { signaturePath: 'a' })).rejects.toMatchObject({ code: 'SIGN_OVERWRITE' });
    expect(readFileSync(`${dir}/a`, 'utf8')).toBe('A');
    put(dir, { 'model.sig': '{"weights":1}' });
    await expect(sign(dir)).rejects.toMatchObject({ code: 'SIGN_OVERWRITE' });
  });

  it('is not there at all, nor half, when the disk is full', async () => {
    const dir = modelFolder({ a: 'A' });
    for (const step of ['create', 'sync', 'rename'] as const) {
      const full: Disk = {
        ...nodeDisk,
        [step]: () => Promise.reject(new VallumError('DISK_WRITE', 'the disk is full')),
      };
      await expect(sign(dir, { disk: full })).rejects.toMatchObject({ code: 'DISK_WRITE' });
      expect(readdirSync(dir)).toEqual(['a']);
    }
  });

  it('is not written when a file changed after it was hashed', async () => {
    const dir = modelFolder({ a: 'A', b: 'B' });
    const late: Disk = {
      ...nodeDisk,
      open: async (path) => {
        if (path.endsWith('/b')) writeFileSync(`${dir}/a`, 'a');
        return nodeDisk.open(path);
      },
    };
    await expect(sign(dir, { disk: late })).rejects.toMatchObject({
      code: expect.stringMatching(/_CHANGED$/) as string,
    });
    expect(existsSync(`${dir}/model.sig`)).toBe(false);
  });
});

describe('a file that changes while others are hashed', () => {
  it('is noticed although its size and its time are set back', async () => {
    const dir = modelFolder({ a: 'A', b: 'B' });
    const { atime, mtime } = statSync(`${dir}/a`);
    const late = diskHasher(nodeDisk);
    const hasher: FileHasher = {
      ...late,
      hash: async (requests, options) => {
        const hashed = await late.hash(requests, options);
        writeFileSync(`${dir}/a`, 'X');
        utimesSync(`${dir}/a`, atime, mtime);
        return hashed;
      },
    };
    await expect(sign(dir, { hasher })).rejects.toMatchObject({ code: 'SIGN_CHANGED' });
    expect(readdirSync(dir)).toEqual(['a', 'b']);
    expect(await sign(dir)).toMatchObject({ files: 2 });
  });
});

describe('a signature that is too large to be read', () => {
  it('is not written', async () => {
    const dir = modelFolder({ a: 'A' });
    await expect(sign(dir, { name: 'm'.repeat(50 * 1024 * 1024) })).rejects.toMatchObject({ code: 'SIGN_SIZE' });
    expect(readdirSync(dir)).toEqual(['a']);
  });
});

describe('the place of a signature', () => {
  const here = process.cwd();
  it.each([
    ['m', undefined, 'm/model.sig', 'model.sig'],
    ['m', './x.sig', 'm/./x.sig', 'x.sig'],
    ['./m/', 'sub/../x.sig', './m//sub/../x.sig', 'x.sig'],
    ['m', `${here}/m/x.sig`, `${here}/m/x.sig`, 'x.sig'],
    [`${here}/m`, `${here}/n/../m/x.sig`, `${here}/n/../m/x.sig`, 'x.sig'],
    ['.', `${here}/x.sig`, `${here}/x.sig`, 'x.sig'],
    ['/', '/x.sig', '/x.sig', 'x.sig'],
    ['m', `${here}/more/x.sig`, `${here}/more/x.sig`, undefined],
    ['m', '../x.sig', 'm/../x.sig', undefined],
    ['m', '/x.sig', '/x.sig', undefined],
  ])('of %s at %s', (dir, signaturePath, path, own) => {
    expect(signaturePlace({ dir, ...(signaturePath === undefined ? {} : { signaturePath }) })).toMatchObject({
      path,
      own,
    });
  });
});

describe('what is left out', () => {
  it('is signed as such and counted', async () => {
    const dir = modelFolder({ a: 'A', 'cache/x': 'xx', 'cache/deep/y': 'y', '.git/HEAD': 'z' });
    const ignored = [
      { path: '.git', files: 1, bytes: 1 },
      { path: 'cache', files: 2, bytes: 3 },
    ];
    expect(await sign(dir, { ignore: ['.git', 'cache'] })).toMatchObject({ files: 1, ignored });
    expect(await verify(dir)).toMatchObject({ status: 'valid', files: { ignored } });
    put(dir, { 'cache/run.py': 'import os' });
    expect(await verify(dir)).toMatchObject({
      status: 'valid',
      files: { ignored: [ignored[0], { path: 'cache', files: 3, bytes: 12 }] },
    });
  });

  it('does not change the two root digests, which differ where the orders do', async () => {
    const dir = modelFolder({ 'sub/x': '1', 'sub-a': '2', 'sub.b': '3' });
    const { root, roots } = await sign(dir);
    expect(root).toBe(roots.codePoint);
    expect(roots.component).not.toBe(roots.codePoint);
    expect(await verify(dir)).toMatchObject({ files: { root, roots } });
    expect((await sign(modelFolder({ a: '1', b: '2' }))).roots).toMatchObject({
      codePoint: expect.any(String) as string,
    });
  });
});
