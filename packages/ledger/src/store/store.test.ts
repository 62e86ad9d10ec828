// Content-addressed files: what is read is what the name says, or it is refused; torn and foreign files are replaced.
import { sha256, type Sha256 } from '@vallum/core';
import { generateKey, readEnvelope } from '@vallum/trust';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.js';
import { sample } from '../testing/statements.js';
import { BLOB_LIMIT, BlobStore, StatementStore } from './content-store.js';
import { inParallel } from './parallel.js';

let disk: MemoryDisk;
beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  await disk.sync('/');
});

describe('blobs', () => {
  const bytes = Buffer.from('all findings');

  test('are found by their digest, also after a loss of power', async () => {
    const id = await new BlobStore(disk, '/p/blobs').put(bytes);
    expect(id).toBe(sha256(bytes));
    const later = new BlobStore(disk.afterPowerLoss(), '/p/blobs');
    expect(Buffer.from((await later.get(id)) ?? [])).toEqual(bytes);
    expect(await later.get(sha256('nothing'))).toBeUndefined();
  });

  test('a changed blob is refused by name; a torn one is replaced by the next put', async () => {
    const store = new BlobStore(disk, '/p/blobs');
    const id = await store.put(bytes);
    disk.bytesOf(store.pathOf(id))[0] = 0;
    await expect(store.get(id)).rejects.toMatchObject({ code: 'BLOB_CHANGED' });
    await disk.write(store.pathOf(id), bytes.subarray(0, 3));
    await store.put(bytes);
    expect(await store.get(id)).toEqual(Uint8Array.from(bytes));
    const calls = disk.calls;
    await store.put(bytes);
    expect(disk.calls - calls).toBeLessThan(4);
  });

  test('a blob beyond the limit is refused', async () => {
    const put = new BlobStore(disk, '/p/blobs').put(new Uint8Array(BLOB_LIMIT + 1));
    await expect(put).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
  });
});

describe('statements', () => {
  const key = generateKey('author', 'ed25519');
  const [one, two] = [sample(key, 1), sample(key, 2)].map((bytes) => ({ bytes, signed: readEnvelope(bytes) }));

  test('are found by their id, in a folder of its first two digits', async () => {
    const store = new StatementStore(disk, '/p/statements');
    await store.put([one!, two!]);
    const { id } = one!.signed;
    expect(store.pathOf(id)).toBe(`/p/statements/${id.slice(0, 2)}/${id}.json`);
    expect((await store.get(id))?.signed.statement).toEqual(one!.signed.statement);
    expect(await store.get('0'.repeat(64) as Sha256)).toBeUndefined();
  });

  test('one statement under the name of another, and rubbish, are refused', async () => {
    const store = new StatementStore(disk, '/p/statements');
    await store.put([one!]);
    const { id } = one!.signed;
    await disk.write(store.pathOf(id), two!.bytes);
    await expect(store.get(id)).rejects.toMatchObject({ code: 'STATEMENT_CHANGED' });
    await disk.write(store.pathOf(id), Buffer.from('rubbish'));
    await expect(store.get(id)).rejects.toThrow();
    await store.put([one!]);
    expect((await store.get(id))?.signed.id).toBe(id);
  });
});

describe('inParallel', () => {
  test('keeps the order, bounds what runs, and waits for the rest after a failure', async () => {
    let [running, most] = [0, 0];
    const results = await inParallel([...Array(50).keys()], async (n) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      running -= 1;
      return 2 * n;
    });
    expect(results).toEqual([...Array(50).keys()].map((n) => 2 * n));
    expect([most, running]).toEqual([16, 0]);
    let done = 0;
    const failing = inParallel([...Array(50).keys()], async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (n === 3) throw new Error('three');
      done += 1;
    });
    await expect(failing).rejects.toThrow('three');
    const then = done;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(done).toBe(then);
    expect(done).toBeLessThan(49);
  });
});
