// The log of raw entries as other rooms use it: what was acknowledged stays, in order and with proofs, however long the
// log is; what lies on disk is never believed; and there is one writer.
import { VallumError, type Disk } from '@vallum/core';
import { generateKey, publicRecord } from '@vallum/trust';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEntryLog, type EntryLog, type EntryLogOptions } from './entry-log.js';
import { fsckLog } from './fsck/fsck-log.js';
import { leafHash } from './merkle/hash.js';
import { MerkleTree } from './merkle/tree.js';
import { verifyConsistency, verifyInclusion } from './merkle/verify.js';
import { isCheckpointSignedBy, readCheckpoint } from './note/checkpoint.js';
import { MemoryDisk } from './testing/memory-disk.js';
import { ORIGIN, Town } from './testing/places.js';

const key = generateKey('log', 'ed25519');
const dir = '/p/log';
const publicKey = publicRecord(key);
/** The test leaves of Certificate Transparency, and the root of all eight. */
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';

let disk: MemoryDisk;
let town: Town;
let options: EntryLogOptions;
beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  town = new Town();
  options = { disk, dir, origin: ORIGIN, key, processes: town.process(1) };
});
afterEach(() => {
  vi.useRealTimers();
});

const entryOf = (at: number): Buffer => Buffer.from(`entry ${at}`);
const entriesOf = (count: number, from = 0): Buffer[] => Array.from({ length: count }, (_, at) => entryOf(from + at));
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof VallumError ? error.code : String(error)),
  );

async function filled(count: number): Promise<EntryLog> {
  const log = await openEntryLog(options);
  await log.append(entriesOf(count));
  return log;
}

async function all(log: EntryLog, from?: number, to?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of log.entries(from, to)) found.push(Buffer.from(entry).toString());
  return found;
}

describe('append', () => {
  test('the leaves of Certificate Transparency, one by one, give the published root', async () => {
    const log = await openEntryLog({ ...options, group: { entries: 1, waitMs: 0 } });
    for (const [at, leaf] of CT_LEAVES.entries()) expect(await log.append([Buffer.from(leaf, 'hex')])).toEqual([at]);
    expect([log.size, log.root]).toEqual([8, CT_ROOT]);
    expect(isCheckpointSignedBy(readCheckpoint(log.checkpoint), publicKey)).toBe(true);
    expect(Buffer.from(await log.entry(7)).toString('hex')).toBe(CT_LEAVES[7]);
    expect((await log.entry(0)).length).toBe(0);
  });

  test('property: whatever the groups, it is the tree of its entries, its files are whole, and it comes back', async () => {
    const groups = fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 200, max: 600 })), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(groups, async (sizes) => {
        const fresh = new MemoryDisk();
        await fresh.makeDirectory('/p');
        const own = { ...options, disk: fresh, group: { entries: 1, waitMs: 0 } };
        let log = await openEntryLog(own);
        const tree = new MerkleTree();
        for (const count of sizes) {
          const group = entriesOf(count, tree.size);
          expect(await log.append(group)).toEqual(group.map((_, at) => tree.size + at));
          for (const entry of group) tree.push(leafHash(entry));
          expect([log.size, log.root]).toEqual([tree.size, tree.root().toString('hex')]);
          await log.close();
          log = await openEntryLog(own);
        }
        expect(await all(log)).toEqual(entriesOf(tree.size).map(String));
        await log.close();
        expect(await fsckLog({ disk: fresh, dir, publicKey })).toMatchObject({ ok: true, problems: [], notes: [] });
      }),
      { numRuns: 20 },
    );
  });

  test('an entry of 65,535 bytes is taken, one more byte is not, and nothing of that call is entered', async () => {
    const log = await openEntryLog(options);
    expect(await log.append([new Uint8Array(65_535).fill(7)])).toEqual([0]);
    expect(await codeOf(log.append([entryOf(1), new Uint8Array(65_536)]))).toBe('LEDGER_ENTRY');
    expect([log.size, (await log.entry(0)).length, await log.append([])]).toEqual([1, 65_535, []]);
  });

  test('what a caller does to his buffer afterwards changes nothing', async () => {
    const log = await openEntryLog(options);
    const entry = Buffer.from('before');
    const appended = log.append([entry]);
    entry.write('after!');
    await appended;
    expect(await all(log)).toEqual(['before']);
    expect((await fsckLog({ disk, dir, publicKey })).ok).toBe(true);
  });

  test('calls side by side share a commit: 256 entries at once, fewer after 5 ms', async () => {
    const log = await openEntryLog({ ...options, group: { entries: 256, waitMs: 5 } });
    disk.dieAt({ call: Infinity, mode: 'before' });
    await Promise.all(entriesOf(255).map((entry) => log.append([entry])));
    const few = disk.calls;
    expect(few).toBeLessThan(20);
    await Promise.all(entriesOf(256, 255).map((entry) => log.append([entry])));
    expect(disk.calls - few).toBeLessThan(30);
    expect(await all(log)).toEqual(entriesOf(511).map(String));
  });

  test('a clock that is set back or stands still changes nothing: the log asks for no time of day', async () => {
    const log = await filled(3);
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const read = vi.spyOn(Date, 'now');
    await log.append([entryOf(3)]);
    await log.close();
    const again = await openEntryLog(options);
    expect(await all(again)).toEqual(entriesOf(4).map(String));
    await again.append([entryOf(4)]);
    expect(verifyInclusion(await again.prove(4), leafHash(entryOf(4)), again.root)).toBe(true);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('proofs', () => {
  test('every entry is proven and every earlier log is continued, across full tiles', async () => {
    const log = await filled(600);
    const tree = new MerkleTree();
    for (const entry of entriesOf(600)) tree.push(leafHash(entry));
    for (let at = 0; at < 600; at += 1) {
      expect(verifyInclusion(await log.prove(at), leafHash(entryOf(at)), log.root), `entry ${at}`).toBe(true);
      const before = tree.root(at).toString('hex') as typeof log.root;
      expect(verifyConsistency(await log.consistency(at), before, log.root), `size ${at}`).toBe(true);
    }
    for (const wrong of [-1, 600, 0.5, NaN]) await expect(log.prove(wrong)).rejects.toThrow(RangeError);
    for (const wrong of [-1, 601, 0.5]) await expect(log.consistency(wrong)).rejects.toThrow(RangeError);
    await expect(log.entry(600)).rejects.toThrow(RangeError);
  });

  test('a log with three levels of tiles is proven by a reader that holds only its right edge', async () => {
    await (await filled(66_000)).close();
    const reader = await openEntryLog({ disk, dir, origin: ORIGIN });
    for (const at of [0, 255, 256, 65_535, 65_536, 65_999]) {
      expect(verifyInclusion(await reader.prove(at), leafHash(entryOf(at)), reader.root)).toBe(true);
      expect(Buffer.from(await reader.entry(at))).toEqual(entryOf(at));
    }
    const before = new MerkleTree();
    for (const entry of entriesOf(65_600)) before.push(leafHash(entry));
    const old = before.root().toString('hex') as typeof reader.root;
    expect(verifyConsistency(await reader.consistency(65_600), old, reader.root)).toBe(true);
    expect(await all(reader, 65_530, 65_540)).toEqual(entriesOf(10, 65_530).map(String));
  });

  test.each([
    ['0/000', 40],
    ['1/000.p/2', 5],
    ['entries/000', 40],
  ])('after a flip in tile/%s nothing false is served', async (path, at) => {
    const log = await filled(600);
    const reader = await openEntryLog({ disk, dir, origin: ORIGIN });
    const bytes = disk.bytesOf(`${dir}/tile/${path}`);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    if (path === '0/000') expect(await codeOf(log.prove(0))).toBe('LEDGER_DAMAGED');
    if (path === '0/000') expect(await codeOf(reader.consistency(3))).toBe('LEDGER_DAMAGED');
    if (path === 'entries/000') expect(await codeOf(reader.entry(0))).toBe('LEDGER_DAMAGED');
    // The partial tile lives in memory; whoever opens the log next is told.
    if (path === '1/000.p/2') {
      expect(verifyInclusion(await reader.prove(300), leafHash(entryOf(300)), reader.root)).toBe(true);
      expect(await codeOf(openEntryLog({ disk, dir, origin: ORIGIN }))).toBe('LEDGER_DAMAGED');
    }
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(verifyInclusion(await log.prove(0), leafHash(entryOf(0)), log.root)).toBe(true);
  });
});

describe('opening', () => {
  test('the second writer reads and is told who holds it; after closing he gets it', async () => {
    const first = await filled(2);
    const second = await openEntryLog({ ...options, processes: town.process(2) });
    expect([second.writable, second.heldBy, second.size]).toEqual([false, 'process 1', 2]);
    expect(await codeOf(second.append([entryOf(2)]))).toBe('LEDGER_READ_ONLY');
    expect(await codeOf(second.prune())).toBe('LEDGER_READ_ONLY');
    await first.close();
    expect(await codeOf(first.append([entryOf(2)]))).toBe('LEDGER_READ_ONLY');
    const third = await openEntryLog({ ...options, processes: town.process(2) });
    expect(await third.append([entryOf(2)])).toEqual([2]);
  });

  test('another origin, another key, a taken checkpoint and a changed edge are refused', async () => {
    await (await filled(300)).close();
    expect(await codeOf(openEntryLog({ ...options, origin: 'example.org/other' }))).toBe('LEDGER_ORIGIN');
    expect(await codeOf(openEntryLog({ ...options, key: generateKey('x', 'ed25519') }))).toBe('LEDGER_KEY');
    for (const [path, message] of [
      ['entries/001.p/44', /entry 256 does not have the hash that tile\/0\/001\.p\/44 holds/],
      ['0/001.p/44', /tile\/0\/001\.p\/44 does not hold the hashes of its entries/],
      ['1/000.p/1', /its root hash or size/],
    ] as const) {
      const bytes = disk.bytesOf(`${dir}/tile/${path}`);
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      await expect(openEntryLog(options)).rejects.toThrow(message);
      bytes[5] = (bytes[5] ?? 0) ^ 1;
    }
    await disk.remove(`${dir}/checkpoint`);
    expect(await codeOf(openEntryLog(options))).toBe('LEDGER_DAMAGED');
  });

  test('an older state of the files, or a fork of them, is convicted by any proof or size that was served before', async () => {
    const log = await filled(280);
    const [early, checkpoint] = [disk.copy(), log.checkpoint];
    await log.append(entriesOf(10, 280));
    const { size, root } = log;
    const receipt = await log.prove(285);
    await log.close();
    // Truncated to the checkpoint of before: rightly signed, but shorter than what was seen.
    const back = await openEntryLog({ disk: early, dir, origin: ORIGIN });
    expect([back.checkpoint, back.size < size]).toEqual([checkpoint, true]);
    await expect(back.consistency(size)).rejects.toThrow(RangeError);
    // Forked from there, by the holder of the key: longer, and still not the log that was seen.
    const other = new Town();
    other.kill(1);
    const fork = await openEntryLog({ ...options, disk: early, processes: other.process(2) });
    await fork.append(entriesOf(30, 500));
    expect(verifyConsistency(await fork.consistency(size), root, fork.root)).toBe(false);
    expect(verifyInclusion(receipt, leafHash(await fork.entry(285)), root)).toBe(false);
    expect(verifyInclusion(receipt, leafHash(entryOf(285)), root)).toBe(true);
    // Only the checkpoint put back: the files do not bear it out.
    await disk.write(`${dir}/checkpoint`, Buffer.from(checkpoint));
    expect(await codeOf(openEntryLog(options))).toBe('LEDGER_DAMAGED');
  });

  test('a reader that meets a writer in the middle of his work starts over', async () => {
    const log = await filled(5);
    let met = false;
    const racing: Pick<Disk, 'stat' | 'list' | 'read'> = {
      stat: (path) => disk.stat(path),
      list: (path) => disk.list(path),
      read: async (path, limit) => {
        const bytes = await disk.read(path, limit);
        if (!met && path.endsWith('checkpoint')) await log.append([entryOf(5)]);
        met = true;
        return bytes;
      },
    };
    const reading = { disk: racing as Disk, dir, origin: ORIGIN };
    expect((await openEntryLog(reading)).size).toBe(6);
  });
});

describe('what a crash left', () => {
  /** A checkpoint of 5 entries over the files of 8. */
  async function withTail(): Promise<void> {
    const log = await filled(5);
    const before = Buffer.from(log.checkpoint);
    const early = disk.copy();
    await log.append(entriesOf(3, 5));
    await log.close();
    for (const path of early.files().filter((name) => name.includes('/tile/')))
      await disk.write(path, early.bytesOf(path));
    await disk.write(`${dir}/checkpoint`, before);
  }

  test('raw entries that nobody vouches for are not rolled forward, and their files go', async () => {
    await withTail();
    const log = await openEntryLog(options);
    expect([log.size, log.recovered]).toEqual([5, 0]);
    expect(disk.files().filter((path) => path.includes('.p/8'))).toEqual([]);
  });

  test('the owner may vouch for them, up to the first that he does not', async () => {
    await withTail();
    const log = await openEntryLog({ ...options, vouch: async (entry, index) => index < 7 && entry.length > 0 });
    expect([log.size, log.recovered, (await all(log)).at(-1)]).toEqual([7, 2, 'entry 6']);
    expect((await fsckLog({ disk, dir, publicKey })).notes).toEqual([]);
  });

  test('prune removes outgrown tiles, and keeps a partial one whose wider successor is missing', async () => {
    const log = await filled(300);
    const partial = disk.bytesOf(`${dir}/tile/0/001.p/44`);
    await disk.write(`${dir}/tile/0/001.p/40`, partial.slice(0, 40 * 32));
    await disk.makeDirectory(`${dir}/tile/0/000.p`);
    await disk.write(`${dir}/tile/0/000.p/200`, disk.bytesOf(`${dir}/tile/0/000`).slice(0, 200 * 32));
    expect((await fsckLog({ disk, dir, publicKey })).notes.toSorted()).toEqual(['tile/0/000.p/200', 'tile/0/001.p/40']);
    const [pruned, appended] = await Promise.all([log.prune(), log.append(entriesOf(1, 300))]);
    expect([pruned, appended]).toEqual([2, [300]]);
    await disk.write(`${dir}/tile/0/001.p/40`, partial.slice(0, 40 * 32));
    await disk.remove(`${dir}/tile/0/001.p/45`);
    expect(await log.prune()).toBe(0);
    expect(await log.prune()).toBe(0);
  });
});
