// age files written here are opened by the age program and the other way round; recipients that are no recipients, and
// what a full disk or a damaged object leaves behind.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDisk } from '@vallum/core';
import { openObject } from '../format/open.js';
import { sealObject } from '../format/seal.js';
import { keys, plain, sealedDisk, sourceFrom } from '../format/testing/sealed.js';
import type { MemoryDisk } from '../format/testing/memory-disk.js';
import { sha256 } from '@vallum/core';
import type { AgeRecipient } from './age-file.js';
import { decryptAge, encryptAge, exportAge } from './age-file.js';
import { decodeBech32, encodeBech32 } from './bech32.js';
import { AGE_CHUNK_BYTES } from './payload.js';
import { newIdentity, parseIdentity, parseRecipient } from './x25519.js';

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function openAge(disk: MemoryDisk, path: string, identity: string): Promise<Buffer> {
  return joined(decryptAge(await disk.open(path), [parseIdentity(identity)]));
}

const SIZES = [0, 1, AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, 3 * AGE_CHUNK_BYTES];
const alice = newIdentity();
const bob = newIdentity();

describe('an age file', () => {
  it.each(SIZES)('of %i bytes comes back for each of its recipients', async (size) => {
    const disk = await sealedDisk(plain(size));
    const reader = await openObject({ disk, path: '/v/mails', keys });
    const recipients = [alice, bob].map(({ recipient }) => parseRecipient(recipient));
    await exportAge({ disk, reader, target: '/out.age', recipients });
    for (const { identity } of [alice, bob])
      expect((await openAge(disk, '/out.age', identity)).equals(plain(size))).toBe(true);
    const stranger = openAge(disk, '/out.age', newIdentity().identity);
    await expect(stranger).rejects.toMatchObject({ code: 'AGE_NO_MATCH' });
  });

  it('opens with its passphrase', async () => {
    const recipient = { kind: 'passphrase', passphrase: 'correct horse', logN: 10 } as const;
    const disk = await sealedDisk(plain(0));
    disk.files.set('/out.age', await joined(encryptAge(sourceFrom(plain(99)), [recipient])));
    expect(await joined(decryptAge(await disk.open('/out.age'), [recipient]))).toEqual(plain(99));
    const wrong = decryptAge(await disk.open('/out.age'), [{ ...recipient, passphrase: 'horse' }]);
    await expect(joined(wrong)).rejects.toMatchObject({ code: 'AGE_NO_MATCH' });
  });

  it('is for somebody, and a passphrase is for nobody else', async () => {
    const passphrase = { kind: 'passphrase', passphrase: 'x' } as const;
    const lists: AgeRecipient[][] = [[], [passphrase, parseRecipient(alice.recipient)], [passphrase, passphrase]];
    for (const recipients of lists)
      await expect(joined(encryptAge(sourceFrom(plain(1)), recipients))).rejects.toMatchObject({
        code: 'AGE_RECIPIENT',
      });
    expect(() => parseRecipient(alice.identity)).toThrow(/no age recipient/);
    expect(() => parseRecipient(alice.recipient.toUpperCase())).toThrow(/no age recipient/);
    expect(() => parseIdentity(alice.recipient)).toThrow(/no age identity/);
    const zero = parseRecipient(encodeBech32('age', Buffer.alloc(32)));
    await expect(joined(encryptAge(sourceFrom(plain(1)), [zero]))).rejects.toThrow(/low order/);
  });

  it('is whole or not there', async () => {
    const disk = await sealedDisk(plain(200_000));
    const before = [...disk.files.keys()];
    const reader = await openObject({ disk, path: '/v/mails', keys });
    const recipients = [parseRecipient(alice.recipient)];
    disk.capacity = 300_000;
    const full = exportAge({ disk, reader, target: '/out.age', recipients });
    await expect(full).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect([...disk.files.keys()]).toEqual(before);
  });
});

describe('Bech32', () => {
  it('comes back, and one changed character never does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(60), fc.constantFrom(...'qpzry9x8'), (bytes, at, letter) => {
        const text = encodeBech32('age', bytes);
        expect(decodeBech32('age', text)).toEqual(Buffer.from(bytes));
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        if (changed !== text && at < text.length) expect(decodeBech32('age', changed)).toBeUndefined();
      }),
    );
  });

  it('reads the examples of the specification', () => {
    const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
    const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
    expect(encodeBech32('age', parseIdentity(identity).publicKey)).toBe(recipient);
    expect(decodeBech32('age-secret-key-', identity)).toEqual(Buffer.alloc(32, 0x42));
    for (const wrong of ['', '1', 'age1', 'age1!', identity.replace('GFP', 'gfp'), 'a'.repeat(300)])
      expect(decodeBech32('age', wrong)).toBeUndefined();
  });
});

const missing = ['age', 'age-keygen'].filter((name) => spawnSync(name, ['--version']).error !== undefined);

describe.skipIf(missing.length > 0)(
  `the age program${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`,
  () => {
    let folder: string;
    let recipient: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'vallum-age-'));
      execFileSync('age-keygen', ['-o', join(folder, 'identity')], { stdio: 'pipe' });
      recipient = execFileSync('age-keygen', ['-y', join(folder, 'identity')])
        .toString()
        .trim();
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    // The last one has more than 256 chunks, so that the counter carries.
    it.each([...SIZES, 257 * AGE_CHUNK_BYTES + 1])(
      'opens %i bytes that were sealed and exported here',
      async (size) => {
        const path = join(folder, `object-${size}`);
        const content = plain(size);
        const digest = sha256(content);
        await sealObject({
          disk: nodeDisk,
          path,
          source: sourceFrom(content),
          object: 'o',
          version: '1',
          digest,
          keys,
        });
        const reader = await openObject({ disk: nodeDisk, path, keys });
        const target = `${path}.age`;
        await exportAge({
          disk: nodeDisk,
          reader,
          target,
          recipients: [parseRecipient(alice.recipient), parseRecipient(recipient)],
        });
        await reader.close();
        const opened = execFileSync('age', ['-d', '-i', join(folder, 'identity'), target], { maxBuffer: 2 ** 26 });
        expect(opened.equals(content)).toBe(true);
      },
    );

    it.each([...SIZES, 257 * AGE_CHUNK_BYTES + 1])('writes %i bytes that open here', async (size) => {
      const path = join(folder, `plain-${size}`);
      writeFileSync(path, plain(size));
      execFileSync('age', ['-r', recipient, '-r', alice.recipient, '-o', `${path}.age`, path], { stdio: 'pipe' });
      const identity = /^AGE-SECRET-KEY-1.*$/m.exec(readFileSync(join(folder, 'identity'), 'utf8'))?.[0] ?? '';
      for (const text of [identity, alice.identity]) {
        const file = await nodeDisk.open(`${path}.age`);
        expect((await joined(decryptAge(file, [parseIdentity(text)]))).equals(plain(size))).toBe(true);
        await file.close();
      }
    });
  },
);
