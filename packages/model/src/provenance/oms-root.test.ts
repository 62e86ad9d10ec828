// The root that is carried beside the subject is the one that the signer of the same folder signs.
import { digestTree, nodeDisk, sha256 } from '@vallum/core';
import type { FileDigest } from '@vallum/core';
import { afterAll, expect, it } from 'vitest';
import { signModel } from '../sign/sign.js';
import { modelFolder, removeFolders, testKey } from '../sign/testing/fixtures.js';
import { modelSigningRoot } from './oms-root.js';

afterAll(removeFolders);

it('is the root of the model signature, without what belongs to version control', async () => {
  const dir = modelFolder({
    'sub/x': '1',
    'sub-a': '2',
    'sub.b': '3',
    '\uff41': '4',
    '\u{1f600}': '5',
    '.gitignore': '6',
  });
  const files = await digestTree(nodeDisk, dir);
  const { root } = await signModel({ disk: nodeDisk, dir, key: { privateKey: testKey().privateKey } });
  expect(modelSigningRoot(files)).toBe(root);
});

it('is SHA-256 over the raw digests in code point order', () => {
  const file = (path: string): FileDigest => ({ path, sha256: sha256(path) });
  const [a, b] = [file('\u{1f600}'), file('\uff41')];
  // UTF-16 would put the emoji first.
  const raw = Buffer.concat([b, a].map((one) => Buffer.from(one.sha256, 'hex')));
  expect(modelSigningRoot([a, b, file('.git/HEAD')])).toBe(sha256(raw));
});
