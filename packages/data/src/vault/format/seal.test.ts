// What sealing does when the world does not hold still: full disks, failing calls, second writers, changing plaintext. In
// every case there is a whole object or none.
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDisk, sha256, VallumError } from '@vallum/core';
import { BATCH_BYTES } from './batches.js';
import { CHUNK_BYTES } from './chunked-encryption.js';
import { overwriteFile } from './edge/overwrite-file.js';
import { openToFile } from './open-to-file.js';
import { openObject } from './open.js';
import { sealObject } from './seal.js';
import { shredObject } from './shred.js';
import type { Change } from './testing/memory-disk.js';
import { diskFull, memoryDisk } from './testing/memory-disk.js';
import { keys, plain, seal, sealedDisk, sourceFrom } from './testing/sealed.js';

const NAMES = ['/v/mails.key', '/v/mails.sealed'];
const text = plain(2 * BATCH_BYTES + 3 * CHUNK_BYTES + 5);
const folder = mkdtempSync(join(tmpdir(), 'vallum-vault-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('sealing', () => {
  it('takes pieces of any size', async () => {
    for (const size of [1, 1000, CHUNK_BYTES, BATCH_BYTES + 1]) {
      const pieces: Buffer[] = [];
      const some = size === 1 ? text.subarray(0, 3000) : text;
      for (let at = 0; at < some.length; at += size) pieces.push(some.subarray(at, at + size));
      const disk = await sealedDisk(some, { source: sourceFrom(...pieces) });
      const reader = await openObject({ disk, path: '/v/mails', keys });
      expect(sha256(await reader.read(0, reader.size))).toBe(sha256(some));
    }
  });

  it('leaves nothing on a disk that is full after any number of bytes', async () => {
    const whole = await sealedDisk(text);
    const needed = [...whole.files.values()].reduce((sum, file) => sum + file.length, 0);
    for (const capacity of [0, 1, 300, BATCH_BYTES, text.length, needed - 1]) {
      const disk = memoryDisk();
      disk.capacity = capacity;
      await expect(seal(disk, text)).rejects.toMatchObject({ code: 'DISK_WRITE' });
      expect([...disk.files.keys()]).toEqual([]);
    }
    const disk = memoryDisk();
    disk.capacity = needed;
    await seal(disk, text);
    expect([...disk.files.keys()].sort()).toEqual(NAMES);
  });

  it('leaves nothing, or all of it, when any single call fails', async () => {
    const calls: Change[] = [];
    const counting = memoryDisk();
    counting.before = (change) => calls.push(change);
    await seal(counting, text);
    expect(calls.length).toBeGreaterThan(10);
    for (let failing = 0; failing < calls.length; failing += 1) {
      const disk = memoryDisk();
      let call = 0;
      disk.before = (change, path) => {
        if (call++ === failing && change !== 'remove') throw diskFull(path);
      };
      await expect(seal(disk, text)).rejects.toMatchObject({ code: 'DISK_WRITE' });
      expect([...disk.files.keys()], `call ${failing} ${calls[failing]}`).toEqual([]);
    }
  });

  it('makes both files durable before the sealed one gets its name', async () => {
    const disk = memoryDisk();
    const order: string[] = [];
    disk.before = (change, path) => order.push(`${change} ${path.replace(/[0-9a-f]{16}/, 'N')}`);
    await seal(disk, plain(5));
    expect(order).toEqual([
      'create /v/mails.sealed.N.tmp',
      'append /v/mails.sealed.N.tmp',
      'append /v/mails.sealed.N.tmp',
      'sync /v/mails.sealed.N.tmp',
      'create /v/mails.key',
      'append /v/mails.key',
      'sync /v/mails.key',
      'sync /v',
      'create /v/mails.sealed',
      'rename /v/mails.sealed',
      'sync /v',
    ]);
  });

  it('lets one of two writers win, whole', async () => {
    const disk = memoryDisk();
    const ran = await Promise.allSettled([seal(disk, text), seal(disk, text)]);
    expect(ran.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = ran.find((one) => one.status === 'rejected');
    expect(loser?.reason).toMatchObject({ code: 'VAULT_EXISTS' });
    expect([...disk.files.keys()].sort()).toEqual(NAMES);
    const reader = await openObject({ disk, path: '/v/mails', keys });
    expect(sha256(await reader.read(0, reader.size))).toBe(sha256(text));
  });

  it('never writes over an object, nor over the key of one', async () => {
    const disk = await sealedDisk(plain(10));
    const before = new Map(disk.files);
    await expect(seal(disk, plain(11))).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
    expect(disk.files).toEqual(before);
    disk.files.delete('/v/mails.sealed');
    await expect(seal(disk, plain(11))).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
    expect([...disk.files.keys()]).toEqual(['/v/mails.key']);
  });

  it.each([
    { why: 'shorter than announced', source: { ...sourceFrom(text.subarray(0, -1)), size: text.length } },
    { why: 'longer than announced', source: { ...sourceFrom(text), size: text.length - 1 } },
    { why: 'other bytes than announced', source: sourceFrom(plain(9), text.subarray(9, -1), plain(1)) },
  ])('refuses plaintext that is $why', async ({ source }) => {
    const disk = memoryDisk();
    await expect(seal(disk, text, { source })).rejects.toMatchObject({ code: 'VAULT_CHANGED' });
    expect([...disk.files.keys()]).toEqual([]);
  });

  it('binds a digest of something larger when it is told to', async () => {
    const digest = sha256('a whole tree');
    const disk = await sealedDisk(text, { digest, checkDigest: false });
    const reader = await openObject({ disk, path: '/v/mails', keys, expected: { digest } });
    expect(reader.header.digest).toBe(digest);
  });

  it('stops when it is told to', async () => {
    const disk = memoryDisk();
    await expect(seal(disk, text, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect([...disk.files.keys()]).toEqual([]);
  });

  it.each(['', 'a\nb', 'a\u202eb', 'x'.repeat(513), '\ud800'])('refuses the object name %j', async (object) => {
    await expect(seal(memoryDisk(), plain(1), { object })).rejects.toMatchObject({ code: 'VAULT_NAME' });
  });

  it('asks the provider for the key back before it writes anything', async () => {
    const disk = memoryDisk();
    const forgetful = { ...keys, unwrap: async () => Buffer.alloc(32) };
    await expect(seal(disk, text, { keys: forgetful })).rejects.toMatchObject({ code: 'VAULT_PROVIDER' });
    const silent = { ...keys, wrap: async () => ({ kek: 'a b', wrapped: Buffer.alloc(1) }) };
    await expect(seal(disk, text, { keys: silent })).rejects.toMatchObject({ code: 'VAULT_PROVIDER' });
    expect([...disk.files.keys()]).toEqual([]);
  });
});

describe('opening to a file', () => {
  it('writes the whole plaintext for its owner only', async () => {
    const path = join(folder, 'model');
    writeFileSync(join(folder, 'plain'), text);
    const source = await nodeDisk.open(join(folder, 'plain'));
    await sealObject({ disk: nodeDisk, path, source, object: 'm', version: '1', digest: sha256(text), keys });
    await source.close();
    for (const suffix of ['.sealed', '.key']) expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600);
    const reader = await openObject({ disk: nodeDisk, path, keys });
    const target = join(folder, 'opened');
    await openToFile({ disk: nodeDisk, reader, target, sha256: sha256(text) });
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readFileSync(target).equals(text)).toBe(true);
    const again = openToFile({ disk: nodeDisk, reader, target });
    await expect(again).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
    await expect(openToFile({ disk: nodeDisk, reader, target: '/dev/full' })).rejects.toMatchObject({
      code: 'VAULT_EXISTS',
    });
    const unlike = openToFile({ disk: nodeDisk, reader, target: join(folder, 'no'), sha256: sha256('') });
    await expect(unlike).rejects.toMatchObject({ code: 'VAULT_DIGEST' });
    await reader.close();
    expect(readdirSync(folder).sort()).toEqual(['model.key', 'model.sealed', 'opened', 'plain']);
  });

  it('releases nothing when a late chunk is damaged, or the disk is full, or another writer was faster', async () => {
    const disk = await sealedDisk(text);
    const sealed = disk.files.get('/v/mails.sealed')!;
    const bad = Buffer.from(sealed);
    bad[2 * BATCH_BYTES] = bad[2 * BATCH_BYTES]! ^ 1;
    disk.files.set('/v/mails.sealed', bad);
    const damaged = await openObject({ disk, path: '/v/mails', keys });
    const refused = openToFile({ disk, reader: damaged, target: '/out' });
    await expect(refused).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    expect([...disk.files.keys()].sort()).toEqual(NAMES);

    disk.files.set('/v/mails.sealed', sealed);
    const reader = await openObject({ disk, path: '/v/mails', keys });
    disk.capacity = sealed.length + BATCH_BYTES;
    await expect(openToFile({ disk, reader, target: '/out' })).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect([...disk.files.keys()].sort()).toEqual(NAMES);

    disk.capacity = Infinity;
    const ran = await Promise.allSettled([1, 2].map(() => openToFile({ disk, reader, target: '/out' })));
    expect(ran.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(disk.files.get('/out')!.equals(text)).toBe(true);
    expect([...disk.files.keys()].sort()).toEqual(['/out', ...NAMES]);
  });
});

describe('overwriting a key file', () => {
  it('writes where the old bytes lay, which another name of the file shows', async () => {
    const path = join(folder, 'shred');
    const source = sourceFrom(plain(3));
    await sealObject({ disk: nodeDisk, path, source, object: 'o', version: '1', digest: sha256(plain(3)), keys });
    linkSync(`${path}.key`, join(folder, 'kept'));
    const size = statSync(`${path}.key`).size;
    expect(await shredObject({ disk: nodeDisk, path, overwrite: overwriteFile })).toEqual({ otherNames: 1 });
    expect(existsSync(`${path}.key`)).toBe(false);
    expect(readFileSync(join(folder, 'kept')).equals(Buffer.alloc(size))).toBe(true);
  });

  it.each(['/dev/full', '/dev/null', folder, join(folder, 'nothing')])('refuses %s', async (path) => {
    await expect(overwriteFile(path)).rejects.toBeInstanceOf(VallumError);
  });
});
