// The strict profile: what the format forbids is refused with its own code, and differences name the files.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { afterAll, describe, expect, it } from 'vitest';
import { signModel } from './sign.js';
import reference from './testing/reference-bundle.json' with { type: 'json' };
import type { Plan, TestKey } from './testing/fixtures.js';
import {
  digestOf,
  forge,
  modelFolder,
  put,
  removeFolders,
  resource,
  statementText,
  testKey,
} from './testing/fixtures.js';
import type { Verification } from './verify.js';
import { signerOf, verifyModel } from './verify.js';

afterAll(removeFolders);
const key = testKey();
const FILES = { 'model.onnx': 'weights', 'model.json': '{}', 'deep/er/notes.md': 'text' };

async function signed(files: Readonly<Record<string, string>> = FILES, by: TestKey = key): Promise<string> {
  const dir = modelFolder(files);
  await signModel({ disk: nodeDisk, dir, key: by });
  return dir;
}

const check = (dir: string, trustedKeys = [key], ignoreUnsignedFiles = false): Promise<Verification> =>
  verifyModel({ disk: nodeDisk, dir, signers: { method: 'key', keys: trustedKeys }, ignoreUnsignedFiles });

async function codeOf(dir: string): Promise<string> {
  const result = await check(dir);
  return result.status === 'refused' ? result.code : result.status;
}

describe('a signed folder', () => {
  it.each(['P-256', 'P-384', 'P-521'])('verifies on %s and names its signer', async (curve) => {
    const own = testKey(curve);
    const dir = await signed(FILES, own);
    expect(await check(dir, [key, own])).toMatchObject({ status: 'valid', signer: { keyid: own.keyid } });
    expect(await signerOf({ disk: nodeDisk, dir, trustedKeys: [key, own] })).toBe(own.keyid);
    expect(await signerOf({ disk: nodeDisk, dir, trustedKeys: [key] })).toBeUndefined();
  });

  it('names every changed, missing and extra file at once', async () => {
    const dir = await signed({ ...FILES, 'b.txt': 'b', 'c.txt': 'c' });
    put(dir, { 'model.onnx': 'Weights', 'deep/new.py': 'x', 'a.txt': '' });
    unlinkSync(`${dir}/b.txt`);
    unlinkSync(`${dir}/c.txt`);
    symlinkSync('model.json', `${dir}/c.txt`);
    symlinkSync('/etc/hostname', `${dir}/link`);
    expect(await check(dir)).toMatchObject({
      status: 'refused',
      code: 'files-differ',
      files: { changed: ['c.txt', 'model.onnx'], missing: ['b.txt'], extra: ['a.txt', 'deep/new.py', 'link'] },
      signer: { keyid: key.keyid },
    });
  });

  it('accepts unsigned files only when asked, and then says so', async () => {
    const dir = await signed();
    put(dir, { 'extra.txt': '' });
    expect(await check(dir, [key], true)).toMatchObject({
      status: 'valid-with-unsigned-files',
      files: { extra: ['extra.txt'] },
    });
    put(dir, { 'model.json': '{"a":1}' });
    expect(await check(dir, [key], true)).toMatchObject({ status: 'refused', code: 'files-differ' });
  });

  it('is unproven without a signature or without the key, and says which', async () => {
    const dir = await signed();
    const other = await check(dir, [testKey()]);
    expect(other).toMatchObject({ status: 'refused', code: 'signer-untrusted' });
    expect(other).not.toHaveProperty('signer');
    put(dir, { 'model.onnx': 'W' });
    expect(await check(dir, [testKey()])).toMatchObject({ code: 'files-differ', files: { changed: ['model.onnx'] } });
    rmSync(`${dir}/model.sig`);
    expect(await codeOf(dir)).toBe('signature-absent');
  });

  it('counts what the signature leaves out', async () => {
    const dir = modelFolder({ ...FILES, '.git/hooks/post-checkout': 'echo', '.git/HEAD': 'ref' });
    await signModel({ disk: nodeDisk, dir, key });
    expect(await check(dir)).toMatchObject({
      status: 'valid',
      files: { ignored: [{ path: '.git', files: 2, bytes: 7 }] },
    });
  });
});

describe('a bundle of the reference implementation', () => {
  const spki = createPublicKey(reference.publicKey).export({ type: 'spki', format: 'der' });
  const author = { keyid: createHash('sha256').update(spki).digest('hex'), spki: spki.toString('base64') };

  it('verifies, with a note on its order, and a change is found', async () => {
    const dir = modelFolder({ ...reference.files, 'model.sig': reference.bundle });
    const result = await verifyModel({ disk: nodeDisk, dir, signers: { method: 'key', keys: [author] } });
    expect(result).toMatchObject({ status: 'valid', signer: { keyid: author.keyid } });
    expect(result.files?.warnings).toEqual(['the listed files are not in code point order']);
    expect(result.files?.ignored).toEqual([{ path: '.gitattributes', files: 1, bytes: 3 }]);
    put(dir, { empty: 'no longer' });
    expect(await verifyModel({ disk: nodeDisk, dir, signers: { method: 'key', keys: [author] } })).toMatchObject({
      code: 'files-differ',
      files: { changed: ['empty'] },
    });
  });
});

const upperRoot = (text: string): string =>
  text.replace(/"sha256":"[0-9a-f]{64}"/, (m) => m.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase()));

describe('statements that a good key signed and the format forbids', () => {
  const good: Plan = { resources: [resource('a', 'A'), resource('b', 'B')] };
  const cases: readonly (readonly [string, string, string])[] = [
    ['nothing wrong', 'valid', statementText(good)],
    ['unsorted', 'valid', statementText({ resources: [...good.resources].reverse() })],
    [
      'upper-case digest',
      'valid',
      statementText(good).replace(/"digest":"([0-9a-f]{64})"/, (m) => m.toUpperCase().replace('DIGEST', 'digest')),
    ],
    ['a name twice', 'resource-duplicate', statementText({ resources: [resource('b', 'bad'), ...good.resources] })],
    ['./b', 'path-unsafe', statementText({ resources: [resource('a', 'A'), resource('./b', 'B')] })],
    ['../m/b', 'path-unsafe', statementText({ resources: [resource('a', 'A'), resource('../m/b', 'B')] })],
    ['/etc/hostname', 'path-unsafe', statementText({ resources: [resource('/etc/hostname', 'A')] })],
    ['deep//b', 'path-unsafe', statementText({ resources: [resource('deep//b', 'A')] })],
    ['no file', 'resources-empty', statementText({ resources: [] })],
    ['all ignored', 'path-unsafe', statementText({ resources: [], serialization: { ignore_paths: ['.'] } })],
    ['listed and ignored', 'resource-ignored', statementText({ ...good, serialization: { ignore_paths: ['b'] } })],
    ['wrong root', 'root-digest', statementText({ ...good, root: digestOf('x') })],
    [
      'other hash',
      'algorithm-mismatch',
      statementText({ resources: [{ ...resource('a', 'A'), algorithm: 'blake3' }] }),
    ],
    ['other method', 'serialization-unsupported', statementText({ ...good, serialization: { method: 'tree' } })],
    [
      'other hash for all',
      'serialization-unsupported',
      statementText({ ...good, serialization: { hash_type: 'md5' } }),
    ],
    ['shards of no size', 'statement-malformed', statementText({ ...good, serialization: { method: 'shards' } })],
    ['root in upper case', 'statement-malformed', upperRoot(statementText(good))],
    [
      'other predicate',
      'predicate-type',
      statementText({ ...good, statement: { predicateType: 'https://slsa.dev/provenance/v1' } }),
    ],
    ['other type', 'statement-malformed', statementText({ ...good, statement: { _type: 'x' } })],
    ['two subjects', 'statement-malformed', statementText({ ...good, statement: { subject: [{}, {}] } })],
    [
      'a key twice',
      'statement-malformed',
      statementText(good).replace('{', '{"_type":"https://in-toto.io/Statement/v1",'),
    ],
    ['not JSON', 'statement-malformed', 'hello'],
  ];
  it.each(cases)('%s: %s', async (_, wanted, text) => {
    expect(await codeOf(modelFolder({ a: 'A', b: 'B', 'model.sig': Buffer.from(forge(key, text)).toString() }))).toBe(
      wanted,
    );
  });
});

describe('bundles', () => {
  type Change = (text: string) => string;
  const swap =
    (from: string | RegExp, to: string): Change =>
    (text) =>
      text.replace(from, to);
  const cases: readonly (readonly [string, string, Change])[] = [
    ['log entries left out', 'valid', swap(',"tlogEntries":[]', '')],
    ['key id null', 'valid', swap('"keyid":""', '"keyid":null')],
    ['key id left out', 'valid', swap(',"keyid":""', '')],
    ['no hint', 'valid', swap(/"hint":"[0-9a-f]{64}"/, '')],
    ['old key field', 'valid', swap(/"hint":"[0-9a-f]{64}"/, '"rawBytes":"AAAA","keyDetails":"X"')],
    ['white space', 'valid', swap('{', ' {\n')],
    ['hint of another key', 'signer-untrusted', swap(/"hint":"[0-9a-f]{64}"/, `"hint":"${'a'.repeat(64)}"`)],
    ['hint in upper case', 'bundle-malformed', (text) => text.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())],
    ['a key id', 'bundle-malformed', swap('"keyid":""', '"keyid":"me"')],
    ['log entries', 'bundle-malformed', swap('"tlogEntries":[]', '"tlogEntries":[{}]')],
    ['older media type', 'media-type', swap('bundle.v0.3+json', 'bundle+json;version=0.2')],
    ['no signature', 'signature-count', swap(/"signatures":\[.*\]/, '"signatures":[]')],
    ['a second signature', 'signature-count', swap('"signatures":[', '"signatures":[{"sig":"AAAA"},')],
    ['two materials', 'bundle-malformed', swap('"publicKey":', '"x509CertificateChain":{},"publicKey":')],
    ['no material', 'bundle-malformed', swap(/"publicKey":\{[^}]*\},/, '')],
    [
      'a certificate',
      'method-unsupported',
      swap(/"publicKey":\{[^}]*\}/, '"x509CertificateChain":{"certificates":[{"rawBytes":"AAAA"}]}'),
    ],
    ['a keyless one', 'method-unsupported', swap(/"publicKey":\{[^}]*\}/, '"certificate":{"rawBytes":"AAAA"}')],
    [
      'a chain of none',
      'bundle-malformed',
      swap(/"publicKey":\{[^}]*\}/, '"x509CertificateChain":{"certificates":[]}'),
    ],
    ['other payload type', 'payload-type', swap('application/vnd.in-toto+json', 'text/plain')],
    ['a stray field', 'bundle-malformed', swap('{', '{"extra":1,')],
    ['a field twice', 'bundle-malformed', swap('{', '{"mediaType":"x",')],
    ['loose base64', 'bundle-malformed', swap('"payload":"', '"payload":"\\n')],
    ['changed payload', 'signature-invalid', swap(/"payload":"[^"]*"/, '"payload":"e30="')],
    ['changed signature', 'signature-invalid', swap(/"sig":"[^"]*"/, '"sig":"AAAA"')],
  ];
  it.each(cases)('%s: %s', async (_, wanted, change) => {
    const dir = await signed();
    const text = readFileSync(`${dir}/model.sig`, 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(`${dir}/model.sig`, changed);
    expect(await codeOf(dir)).toBe(wanted);
  });

  it('refuses a signature file that is a link', async () => {
    const dir = await signed();
    const text = readFileSync(`${dir}/model.sig`, 'utf8');
    writeFileSync(`${dir}/../other.sig`, text);
    rmSync(`${dir}/model.sig`);
    symlinkSync('../other.sig', `${dir}/model.sig`);
    expect(await codeOf(dir)).toBe('signature-unreadable');
  });
});
