// What is written is the format byte by byte, and what cannot be signed soundly is not signed at all.
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Disk } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import { afterAll, describe, expect, it } from 'vitest';
import { signModel } from './sign.js';
import { digestOf, modelFolder, put, removeFolders, testKey } from './testing/fixtures.js';
import { verifyModel } from './verify.js';

afterAll(removeFolders);
const key = testKey();

describe('signModel', () => {
  it('writes the bundle that the specification describes', async () => {
    const dir = modelFolder({ 'sub/x': '1', 'sub-a': '2', 'sub.b': '3', '.gitignore': '*' });
    const result = await signModel({ disk: nodeDisk, dir, key, name: 'demo' });
    const bundle = JSON.parse(readFileSync(`${dir}/model.sig`, 'utf8')) as {
      dsseEnvelope: { payload: string; signatures: { sig: string }[] };
    };
    const pem = key.publicKey.export({ type: 'spki', format: 'pem' });
    expect(bundle).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: digestOf(pem as string) }, tlogEntries: [] },
      dsseEnvelope: { payloadType: 'application/vnd.in-toto+json', signatures: [{ keyid: '' }] },
    });
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64');
    // Code point order of whole names, as the specification (5.2.1) has it.
    const digests = ['2', '3', '1'].map(digestOf);
    const root = createHash('sha256')
      .update(Buffer.from(digests.join(''), 'hex'))
      .digest('hex');
    expect(JSON.parse(payload.toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'demo', digest: { sha256: root } }],
      predicateType: 'https://model_signing/signature/v1.0',
      predicate: {
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: ['.git', '.gitattributes', '.github', '.gitignore', 'model.sig'],
        },
        resources: ['sub-a', 'sub.b', 'sub/x'].map((name, i) => ({ name, algorithm: 'sha256', digest: digests[i] })),
      },
    });
    expect(result).toMatchObject({ keyid: key.keyid, root, files: 3, bytes: 3 });
    const signedText = Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
      payload,
    ]);
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]!.sig, 'base64');
    expect(verify('sha256', signedText, key.publicKey, signature)).toBe(true);
  });

  it('signs again over its own signature, and may write it under another name', async () => {
    const dir = modelFolder({ a: 'A' });
    await signModel({ disk: nodeDisk, dir, key });
    put(dir, { a: 'B' });
    await signModel({ disk: nodeDisk, dir, key });
    expect((await verifyModel({ disk: nodeDisk, dir, signers: { method: 'key', keys: [key] } })).status).toBe('valid');
    await signModel({ disk: nodeDisk, dir, key, signaturePath: 'other.sig' });
    const other = await verifyModel({
      disk: nodeDisk,
      dir,
      signers: { method: 'key', keys: [key] },
      signaturePath: 'other.sig',
    });
    expect(other).toMatchObject({
      status: 'valid',
      files: {
        signed: new Set(['a', 'model.sig']),
      },
    });
  });

  const refused = async (dir: string, code: string, options = {}): Promise<void> => {
    await expect(signModel({ disk: nodeDisk, dir, key, ...options })).rejects.toMatchObject({ code });
    expect(existsSync(`${dir}/model.sig`)).toBe(false);
  };

  it('refuses keys that the format does not allow', async () => {
    const dir = modelFolder({ a: 'A' });
    await refused(dir, 'SIGN_KEY', { key: generateKeyPairSync('ed25519') });
    await refused(dir, 'SIGN_KEY', { key: testKey('secp256k1') });
    await refused(dir, 'SIGN_KEY', { key: generateKeyPairSync('rsa', { modulusLength: 2048 }) });
  });

  it('refuses an empty folder, links, and names or ignored paths that are no plain paths', async () => {
    await refused(modelFolder({}), 'SIGN_EMPTY');
    await refused(modelFolder({ '.git/HEAD': 'x' }), 'SIGN_EMPTY');
    const linked = modelFolder({ a: 'A' });
    symlinkSync('a', `${linked}/b`);
    await refused(linked, 'SIGN_LINK');
    await refused(modelFolder({ 'a\nb': 'A' }), 'SIGN_NAME');
    await refused(modelFolder({ a: 'A' }), 'SIGN_NAME', { ignore: ['../x'] });
  });

  it('refuses a folder that changes while it is hashed', async () => {
    const dir = modelFolder({ a: 'A', b: 'B' });
    const growing: Disk = {
      ...nodeDisk,
      open: async (path) => {
        if (path.endsWith('/a')) writeFileSync(`${dir}/late`, '');
        return nodeDisk.open(path);
      },
    };
    await refused(dir, 'SIGN_CHANGED', { disk: growing });
    const rewriting: Disk = {
      ...nodeDisk,
      open: async (path) => {
        const file = await nodeDisk.open(path);
        if (path.endsWith('/b')) writeFileSync(path, 'BB');
        return file;
      },
    };
    await refused(dir, 'TREE_CHANGED', { disk: rewriting });
  });
});
