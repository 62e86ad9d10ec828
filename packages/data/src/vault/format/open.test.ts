// Everything that somebody with the storage in hand can do to a sealed object, and what comes of it.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@vallum/core';
import { keyringProvider } from '../keys/keyring-provider.js';
import { newKek } from '../keys/keyring.js';
import { CHUNK_BYTES, PREFIX_BYTES, SEALED_CHUNK_BYTES } from './chunked-encryption.js';
import { decodeKeyRecord, encodeKeyRecord } from './key-record.js';
import type { Expected, SealedReader } from './open.js';
import { openObject } from './open.js';
import { rewrapObject } from './rewrap.js';
import { shredObject } from './shred.js';
import type { MemoryDisk } from './testing/memory-disk.js';
import { keys, plain, ring, rotatedKeys, seal, sealedDisk } from './testing/sealed.js';

const SEALED = '/v/mails.sealed';
const KEY = '/v/mails.key';

function open(disk: MemoryDisk, expected: Expected = {}): Promise<SealedReader> {
  return openObject({ disk, path: '/v/mails', keys, expected });
}

async function readAll(disk: MemoryDisk): Promise<Uint8Array> {
  const reader = await open(disk);
  return reader.read(0, reader.size);
}

function file(disk: MemoryDisk, path: string): Buffer {
  return disk.files.get(path)!;
}

/** Code of the error that opening and reading all ends with; undefined when it does not. */
async function refusal(disk: MemoryDisk): Promise<string | undefined> {
  return readAll(disk).then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

describe('a sealed object', () => {
  it.each([0, 1, 31, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 64 * CHUNK_BYTES, 130 * CHUNK_BYTES + 3])(
    'of %i bytes opens as it was sealed',
    async (bytes) => {
      const disk = await sealedDisk(plain(bytes));
      const reader = await open(disk, { object: 'dataset/mails', version: '2026-11', digest: sha256(plain(bytes)) });
      expect(reader.header).toMatchObject({ object: 'dataset/mails', version: '2026-11', bytes });
      expect(Buffer.from(await reader.read(0, bytes + 100)).equals(plain(bytes))).toBe(true);
    },
  );

  it('does not hold its plaintext', async () => {
    const disk = await sealedDisk(Buffer.from('the quick brown fox'));
    for (const bytes of disk.files.values()) expect(bytes.includes('quick')).toBe(false);
  });

  it('is sealed under a fresh key each time', async () => {
    const [one, two] = [await sealedDisk(plain(50)), await sealedDisk(plain(50))];
    expect(file(one, SEALED).equals(file(two, SEALED))).toBe(false);
  });

  it('reads anywhere what the plaintext has there', async () => {
    const text = plain(5 * CHUNK_BYTES + 77);
    const reader = await open(await sealedDisk(text));
    const place = fc.integer({ min: -10, max: text.length + 10 });
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: -5, max: 3 * CHUNK_BYTES }), async (offset, length) => {
        const from = Math.max(0, offset);
        const wanted = text.subarray(from, Math.max(from, from + length));
        expect(Buffer.from(await reader.read(offset, length)).equals(wanted)).toBe(true);
      }),
    );
  });

  it('touches only the chunks that are asked for', async () => {
    const disk = await sealedDisk(plain(10 * CHUNK_BYTES));
    const reads: number[] = [];
    const spied = {
      ...disk,
      open: async (path: string) => {
        const opened = await disk.open(path);
        return {
          ...opened,
          read: async (offset: number, length: number) => {
            reads.push(length);
            return opened.read(offset, length);
          },
        };
      },
    };
    const reader = await openObject({ disk: spied, path: '/v/mails', keys });
    reads.length = 0;
    await reader.read(5 * CHUNK_BYTES - 1, 2);
    expect(reads).toEqual([2 * SEALED_CHUNK_BYTES]);
  });
});

describe('an attacker with the storage', () => {
  let disk: MemoryDisk;
  let sealed: Buffer;
  let body: number;
  const bytes = 3 * CHUNK_BYTES + 100;

  beforeAll(async () => {
    disk = await sealedDisk(plain(bytes));
    sealed = file(disk, SEALED);
    body = sealed.indexOf('\n') + 1 + PREFIX_BYTES;
  });

  const chunk = (of: Buffer, at: number): Buffer =>
    of.subarray(body + at * SEALED_CHUNK_BYTES, body + (at + 1) * SEALED_CHUNK_BYTES);
  const rebuilt = async (content: Buffer): Promise<string | undefined> => {
    disk.files.set(SEALED, content);
    const code = await refusal(disk);
    disk.files.set(SEALED, sealed);
    return code;
  };

  it('cannot cut it off, at a chunk or anywhere, or add to it', async () => {
    for (let at = 0; at <= 4; at += 1)
      for (const off of [-1, 0, 1]) {
        const end = body + at * SEALED_CHUNK_BYTES + off;
        if (end < sealed.length) expect(await rebuilt(sealed.subarray(0, end))).toBe('VAULT_TRUNCATED');
      }
    expect(await rebuilt(sealed.subarray(0, -1))).toBe('VAULT_TRUNCATED');
    expect(await rebuilt(Buffer.concat([sealed, Buffer.from([0])]))).toBe('VAULT_TRUNCATED');
    expect(await rebuilt(Buffer.concat([sealed, chunk(sealed, 0)]))).toBe('VAULT_TRUNCATED');
    expect(await rebuilt(Buffer.alloc(0))).toBe('VAULT_HEADER');
  });

  it('cannot cut it off and say so in the header', async () => {
    const line = sealed.subarray(0, sealed.indexOf('\n')).toString();
    const shorter = line.replace(`"bytes":${bytes}`, `"bytes":${bytes - CHUNK_BYTES}`);
    expect(shorter).not.toBe(line);
    const content = [Buffer.from(`${shorter}\n`), sealed.subarray(body - PREFIX_BYTES, -SEALED_CHUNK_BYTES)];
    expect(await rebuilt(Buffer.concat(content))).toBe('VAULT_KEY');
  });

  it('cannot reorder or repeat chunks', async () => {
    const [zero, one, two] = [0, 1, 2].map((at) => chunk(sealed, at)) as [Buffer, Buffer, Buffer];
    const rest = sealed.subarray(body + 3 * SEALED_CHUNK_BYTES);
    const start = sealed.subarray(0, body);
    for (const order of [
      [one, zero, two],
      [zero, two, one],
      [two, one, zero],
      [zero, zero, two],
      [zero, one, one],
    ])
      expect(await rebuilt(Buffer.concat([start, ...order, rest]))).toBe('VAULT_DAMAGED');
  });

  it.each([
    { why: 'of another object', more: { object: 'dataset/other' } },
    { why: 'of another version', more: { version: '2026-12' } },
    { why: 'of another seal of the same object', more: {} },
  ])('cannot put in a chunk, a body or a key file $why', async ({ more }) => {
    const other = await sealedDisk(plain(bytes), more);
    const foreign = file(other, SEALED);
    const foreignBody = foreign.indexOf('\n') + 1;
    const swapped = Buffer.concat([
      sealed.subarray(0, body),
      foreign.subarray(foreignBody + PREFIX_BYTES, foreignBody + PREFIX_BYTES + SEALED_CHUNK_BYTES),
      sealed.subarray(body + SEALED_CHUNK_BYTES),
    ]);
    expect(await rebuilt(swapped)).toBe('VAULT_DAMAGED');
    const line = sealed.subarray(0, body - PREFIX_BYTES);
    expect(await rebuilt(Buffer.concat([line, foreign.subarray(foreignBody)]))).toBe('VAULT_MISMATCH');
    const mine = file(disk, KEY);
    disk.files.set(KEY, file(other, KEY));
    expect(await refusal(disk)).toBe('VAULT_MISMATCH');
    // And when the names in the foreign key file are made to fit, the wrapped key was wrapped for other names.
    const { kek, wrapped } = decodeKeyRecord(file(other, KEY), KEY);
    disk.files.set(KEY, encodeKeyRecord({ ...decodeKeyRecord(mine, KEY), kek, wrapped }));
    expect(await refusal(disk)).toBe('VAULT_UNWRAP');
    disk.files.set(KEY, mine);
    expect(await refusal(disk)).toBeUndefined();
  });

  it('cannot have a whole other object taken for the expected one', async () => {
    const other = await sealedDisk(plain(9), { version: '2026-10' });
    await expect(open(other, { version: '2026-11' })).rejects.toMatchObject({ code: 'VAULT_CONTEXT' });
    await expect(open(other, { object: 'model/x' })).rejects.toMatchObject({ code: 'VAULT_CONTEXT' });
    await expect(open(other, { digest: sha256('') })).rejects.toMatchObject({ code: 'VAULT_CONTEXT' });
  });

  it('cannot have a provider of theirs give another key', async () => {
    const theirs = { ...keys, unwrap: async () => Buffer.alloc(32, 1) };
    const refused = openObject({ disk, path: '/v/mails', keys: theirs });
    await expect(refused).rejects.toMatchObject({ code: 'VAULT_KEY' });
  });

  it('is told apart from a provider without the key, or with another one under its name', async () => {
    const none = keyringProvider('none', [newKek()]);
    await expect(openObject({ disk, path: '/v/mails', keys: none })).rejects.toMatchObject({ code: 'VAULT_NO_KEK' });
    const wrong = keyringProvider('wrong', [{ ...newKek(), id: ring[0]!.id }]);
    await expect(openObject({ disk, path: '/v/mails', keys: wrong })).rejects.toMatchObject({ code: 'VAULT_UNWRAP' });
  });

  it.each([
    { what: 'an empty object', size: 0 },
    { what: 'a small object', size: 20 },
  ])('cannot flip one bit of $what or of its key file', async ({ size }) => {
    const small = await sealedDisk(plain(size));
    for (const path of [SEALED, KEY]) {
      const good = file(small, path);
      for (let bit = 0; bit < good.length * 8; bit += 1) {
        const bad = Buffer.from(good);
        bad[bit >> 3] = bad[bit >> 3]! ^ (1 << (bit & 7));
        small.files.set(path, bad);
        expect(await refusal(small), `${path} bit ${bit}`).toMatch(/^VAULT_/);
      }
      small.files.set(path, good);
    }
  });

  it('cannot flip a bit of the empty chunk that ends a full one', async () => {
    const full = await sealedDisk(plain(CHUNK_BYTES));
    const bad = Buffer.from(file(full, SEALED));
    bad[bad.length - 1] = bad[bad.length - 1]! ^ 1;
    full.files.set(SEALED, bad);
    await expect(open(full)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
  });
});

describe('rotation and shredding', () => {
  it('wraps the key anew and leaves the ciphertext alone', async () => {
    const disk = await sealedDisk(plain(100));
    const before = file(disk, SEALED);
    const done = await rewrapObject({ disk, path: '/v/mails', from: keys, to: rotatedKeys });
    expect(done).toEqual({ before: ring[0]!.id, after: (await rotatedKeys.status()).active });
    expect(file(disk, SEALED)).toBe(before);
    expect(await refusal(disk)).toBe('VAULT_NO_KEK');
    const reader = await openObject({ disk, path: '/v/mails', keys: rotatedKeys });
    expect(Buffer.from(await reader.read(0, 100))).toEqual(plain(100));
  });

  it('keeps the old key file when the new provider cannot give a key back, and when the disk is full', async () => {
    const disk = await sealedDisk(plain(100));
    const before = file(disk, KEY);
    const forgetful = { ...rotatedKeys, unwrap: async () => Buffer.alloc(32) };
    const refused = rewrapObject({ disk, path: '/v/mails', from: keys, to: forgetful });
    await expect(refused).rejects.toMatchObject({ code: 'VAULT_PROVIDER' });
    disk.capacity = 0;
    const full = rewrapObject({ disk, path: '/v/mails', from: keys, to: rotatedKeys });
    await expect(full).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect(file(disk, KEY)).toBe(before);
    expect([...disk.files.keys()].sort()).toEqual([KEY, SEALED]);
  });

  it('destroys the key and says afterwards that it is gone', async () => {
    const disk = await sealedDisk(plain(100));
    const order: string[] = [];
    disk.before = (change, path) => order.push(`${change} ${path}`);
    const overwrite = async (path: string): Promise<void> => void order.push(`overwrite ${path}`);
    expect(await shredObject({ disk, path: '/v/mails', overwrite })).toEqual({ otherNames: 0 });
    expect(order).toEqual([`overwrite ${KEY}`, `remove ${KEY}`, 'sync /v']);
    expect(await refusal(disk)).toBe('VAULT_SHREDDED');
    const again = shredObject({ disk, path: '/v/mails', overwrite });
    await expect(again).rejects.toMatchObject({ code: 'VAULT_SHREDDED' });
  });

  it('does not seal over a shredded object', async () => {
    const disk = await sealedDisk(plain(100));
    disk.files.delete(KEY);
    await expect(seal(disk, plain(5))).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
    expect(disk.files.has(KEY)).toBe(false);
  });
});
