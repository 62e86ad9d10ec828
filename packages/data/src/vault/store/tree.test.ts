// A folder goes into one object and comes out byte for byte; each file can be read alone; and whatever goes wrong on the way,
// nothing is left where it would be found.
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { canonicalJson, digestDirectory, digestTree, nodeDisk, sha256 } from '@vallum/core';
import type { Disk } from '@vallum/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SealedReader } from '../format/open.js';
import { openObject } from '../format/open.js';
import { sealObject } from '../format/seal.js';
import { keys, plain, sourceFrom } from '../format/testing/sealed.js';
import { removeFolder } from './edge/remove-folder.js';
import type { OpenedTree } from './open-tree.js';
import { readTree, writeTree } from './open-tree.js';
import type { Place } from './testing/place.js';
import { fullAfter, ID, makePlace, sealAt } from './testing/place.js';
import type { TreeFile, TreeManifest } from './tree-manifest.js';
import { decodeManifest, digestOfTree, isPlainPath, LENGTH_BYTES } from './tree-manifest.js';

let place: Place;
beforeEach(() => {
  place = makePlace();
  place.put({
    'm/model.onnx': plain(3_000_000),
    'm/empty': '',
    'm/sub/dir/names \u00e9.txt': 'x',
    'm/model.sig': 'a signature',
  });
});
const readers: SealedReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
  place.remove();
});

async function opened(disk: Disk = nodeDisk): Promise<OpenedTree> {
  const reader = await openObject({ disk, path: `${place.vault}/${ID}`, keys });
  readers.push(reader);
  return readTree(reader);
}
const write = (tree: OpenedTree, target: string, disk: Disk = nodeDisk): Promise<void> =>
  writeTree({ disk, tree, target: place.at(target), removeFolder });

describe('a folder', () => {
  test('comes out as it went in, for its owner only', async () => {
    const sealed = await sealAt(place, 'm', { detached: ['model.sig'] });
    expect(sealed.header.digest).toBe(
      digestDirectory(await digestTree(nodeDisk, place.at('m'), (path) => path !== 'model.sig')),
    );
    await write(await opened(), 'out');
    expect(await digestTree(nodeDisk, place.at('out'))).toEqual(await digestTree(nodeDisk, place.at('m')));
    for (const [path, mode] of [
      ['out', 0o700],
      ['out/sub/dir', 0o700],
      ['out/empty', 0o600],
      ['out/model.onnx', 0o600],
    ] as const)
      expect([path, statSync(place.at(path)).mode & 0o777]).toEqual([path, mode]);
    expect(readdirSync(place.dir).sort()).toEqual(['m', 'out', 'vault']);
  });

  test('each file can be read alone, anywhere in it', async () => {
    await sealAt(place, 'm');
    const tree = await opened();
    const whole = plain(3_000_000);
    for (const [offset, length] of [
      [0, 5],
      [16_383, 2],
      [2_999_999, 10],
      [3_000_000, 1],
      [-4, 2],
      [1_000_000, 600_000],
    ] as const) {
      const from = Math.max(0, offset);
      const wanted = whole.subarray(from, Math.max(from, from + length));
      expect(Buffer.compare(Buffer.from((await tree.file('model.onnx')?.read(offset, length)) ?? []), wanted)).toBe(0);
    }
    expect((await tree.file('empty')?.read(0, 10))?.length).toBe(0);
    expect(tree.file('none')).toBeUndefined();
  });

  test('a single file is one', async () => {
    const sealed = await sealAt(place, 'm/sub/dir/names \u00e9.txt');
    expect(sealed.header.digest).toBe(sha256('x'));
    await write(await opened(), 'file.txt');
    expect(readFileSync(place.at('file.txt'), 'utf8')).toBe('x');
  });
});

describe('nothing is left', () => {
  test.each([0, 3_000, 1_500_000])('of an object when the disk is full after %i bytes', async (bytes) => {
    await expect(sealAt(place, 'm', { disk: fullAfter(bytes) })).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect(readdirSync(place.vault)).toEqual([]);
  });

  test('of an object when a file changes after it was hashed', async () => {
    let opens = 0;
    const disk: Disk = {
      ...nodeDisk,
      open: (path) => {
        // The survey reads each file once; the second time it is read to be encrypted.
        if (path.endsWith('/empty') && (opens += 1) === 2) writeFileSync(path, 'no more');
        return nodeDisk.open(path);
      },
    };
    await expect(sealAt(place, 'm', { disk })).rejects.toMatchObject({ code: 'VAULT_CHANGED' });
    expect(readdirSync(place.vault)).toEqual([]);
  });

  test.each([0, 1_000_000, 2_999_999])('of the plaintext when the disk is full after %i bytes', async (bytes) => {
    await sealAt(place, 'm');
    await expect(write(await opened(), 'out', fullAfter(bytes))).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect(readdirSync(place.dir).sort()).toEqual(['m', 'vault']);
  });

  test('of the plaintext when a chunk was changed, though others are good', async () => {
    await sealAt(place, 'm');
    const path = `${place.vault}/${ID}.sealed`;
    const bytes = readFileSync(path);
    bytes[2_000_000] = (bytes[2_000_000] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(write(await opened(), 'out')).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    expect(readdirSync(place.dir).sort()).toEqual(['m', 'vault']);
  });
});

describe('where plaintext is not put', () => {
  test.each<[string, string, () => void]>([
    ['over a file', 'VAULT_EXISTS', () => writeFileSync(place.at('out'), 'mine')],
    ['into a folder', 'VAULT_EXISTS', () => mkdirSync(place.at('out'))],
    ['over a link', 'VAULT_EXISTS', () => symlinkSync('/nowhere', place.at('out'))],
    ['where others can write', 'VAULT_SHARED', () => chmodSync(place.dir, 0o777)],
  ])('%s', async (_, code, prepare) => {
    await sealAt(place, 'm');
    const tree = await opened();
    prepare();
    await expect(write(tree, 'out')).rejects.toMatchObject({ code });
  });
});

describe('what could not be opened again is not sealed', () => {
  test.each(['back\\slash.txt', 'line\nbreak', 'bell\u0007'])('a file called %j', async (name) => {
    place.put({ [`m/${name}`]: 'x' });
    await expect(sealAt(place, 'm')).rejects.toMatchObject({
      code: 'VAULT_TREE',
      message: expect.stringContaining('cannot be sealed') as string,
    });
    expect(readdirSync(place.vault)).toEqual([]);
  });

  test.each([
    ['a', 255],
    ['\u00e9', 127],
    ['\u{1f512}', 63],
  ])('names as long as a file system takes come back: %s %i times', async (letter, count) => {
    const name = letter.repeat(count);
    place.put({ [`l/${name}/${name}`]: 'x' });
    await sealAt(place, 'l');
    await write(await opened(), name);
    expect(readFileSync(place.at(`${name}/${name}/${name}`), 'utf8')).toBe('x');
    const file = await sealAt(place, `l/${name}/${name}`, { id: 'e'.repeat(32) });
    const reader = await openObject({ disk: nodeDisk, path: `${place.vault}/${'e'.repeat(32)}`, keys });
    readers.push(reader);
    mkdirSync(place.at('alone'));
    await write(await readTree(reader), `alone/${name}`);
    expect(sha256(readFileSync(place.at(`alone/${name}`)))).toBe(file.header.digest);
    expect(readdirSync(place.at('alone'))).toEqual([name]);
  });

  test('a folder that lists what its digest leaves out, other than the signature of a model', async () => {
    const data = { project: 'p', kind: 'data', name: 'feed' } as const;
    for (const more of [{ detached: ['empty'] }, { detached: ['model.sig'], name: data }])
      await expect(sealAt(place, 'm', more)).rejects.toMatchObject({ code: 'VAULT_TREE' });
    expect(readdirSync(place.vault)).toEqual([]);
  });
});

/** Without the rules: as another program would write it. */
function rawManifest({ form, files }: TreeManifest): Buffer {
  const json = Buffer.from(
    canonicalJson({ schema: 'vallum/sealed-tree/v1', form, files: files.map((one) => ({ ...one })) }),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64BE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

describe('what another program sealed', () => {
  const sealRaw = async (payload: Uint8Array, digest = sha256('')): Promise<void> => {
    const path = `${place.vault}/${ID}`;
    const source = sourceFrom(payload);
    await sealObject({
      disk: nodeDisk,
      path,
      source,
      object: 'p/model/v1',
      version: ID,
      digest,
      checkDigest: false,
      keys,
    });
  };
  const named = (...paths: string[]): TreeManifest => ({
    form: 'folder',
    files: paths.map((path) => ({ path, bytes: 1, sha256: sha256('x') })),
  });

  test.each<[string, TreeManifest]>([
    ['a path that climbs', named('../../x')],
    ['an absolute path', named('/tmp/x')],
    ['a path with a dot', named('a/./b')],
    ['a path twice', named('a', 'a')],
    ['a file below a file', named('a', 'a/b')],
    ['one file that is two', { ...named('a', 'b'), form: 'file' }],
  ])('%s is refused', async (_, manifest) => {
    await sealRaw(Buffer.concat([rawManifest(manifest), Buffer.from('xx')]));
    await expect(opened()).rejects.toMatchObject({ code: 'VAULT_TREE' });
  });

  const loose = (path: string, more: Partial<TreeFile> = {}): TreeManifest => ({
    form: 'folder',
    files: [...named('a').files, { path, bytes: 1, sha256: sha256('x'), detached: true, ...more }],
  });

  test.each<[string, TreeManifest, string]>([
    ['a file that the digest does not cover', loose('b'), 'p/model/v1'],
    ['a signature that is not at the root', loose('b/model.sig'), 'p/model/v1'],
    ['a signature of data', loose('model.sig'), 'p/data/feed'],
    ['a signature in an object of another program', loose('model.sig'), 'thing'],
    ['a signature too large to be one', loose('model.sig', { bytes: 64 * 1024 * 1024 + 1 }), 'p/model/v1'],
    ['one file that is a signature', { form: 'file', files: loose('model.sig').files.slice(1) }, 'p/model/v1'],
  ])('%s is refused', (_, manifest, object) => {
    const read = (): TreeManifest => decodeManifest(rawManifest(manifest).subarray(LENGTH_BYTES), object);
    expect(read).toThrow(expect.objectContaining({ code: 'VAULT_TREE' }) as Error);
  });

  test('the signature of a model is not', () => {
    const bytes = rawManifest(loose('model.sig')).subarray(LENGTH_BYTES);
    expect(decodeManifest(bytes, 'p/model/v1')).toEqual(loose('model.sig'));
  });

  test('sizes that do not add up, and a digest that is another', async () => {
    await sealRaw(Buffer.concat([rawManifest(named('a')), Buffer.from('xx')]), digestOfTree(named('a')));
    await expect(opened()).rejects.toMatchObject({ code: 'VAULT_DIGEST' });
  });

  test('a length that promises too much', async () => {
    await sealRaw(Buffer.alloc(LENGTH_BYTES, 0xff));
    await expect(opened()).rejects.toMatchObject({ code: 'VAULT_TREE' });
  });

  test('no bytes make the reader of the list do anything but read or refuse', () => {
    const json = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.array(fc.string({ unit: 'binary' })).map((paths) => rawManifest(named(...paths)).subarray(LENGTH_BYTES)),
    );
    fc.assert(
      fc.property(json, (bytes) => {
        try {
          const { files } = decodeManifest(bytes, 'it');
          expect(files.every(({ path }) => isPlainPath(path) && !path.split('/').includes('..'))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'VAULT_TREE' });
        }
      }),
      { numRuns: 150 },
    );
  });
});
