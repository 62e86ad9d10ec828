// Every byte of a ledger is changed in turn, and fsck has to find it and say which entry it concerns. Flips that lie in
// different entries or envelopes are made side by side, and each one has to be found; flips that shift what follows
// (lengths) and flips in tiles and checkpoint are made alone. Which bit is flipped follows from the position.
import { sha256, type Sha256 } from '@vallum/core';
import { generateKey, publicRecord, type SigningKey } from '@vallum/trust';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { entryOf, encodeEntry } from '../entry.js';
import { openLedger } from '../ledger.js';
import { leafHash } from '../merkle/hash.js';
import { MerkleTree } from '../merkle/tree.js';
import { signCheckpoint } from '../note/checkpoint.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { ORIGIN, places, Town } from '../testing/places.js';
import { idOf, sample, samples } from '../testing/statements.js';
import { readEnvelope } from '@vallum/trust';
import { fsck } from './fsck.js';
import type { FsckReport } from './fsck-log.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');
const { dir, statementsDir } = places('/p');
const options = { dir, statementsDir, publicKey: publicRecord(key) };

async function logOf(count: number, signer: SigningKey = key, packFrom = Infinity): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  const ledger = await openLedger({ disk, key: signer, packFrom, processes: new Town().process(1), ...places('/p') });
  await ledger.append(samples(author, 0, count));
  await ledger.close();
  return disk;
}

function flip(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << ((at * 5 + 3) % 8));
}

/** The report with the bytes at these places changed; they are changed back afterwards. */
async function withFlips(disk: MemoryDisk, places_: readonly (readonly [string, number])[]): Promise<FsckReport> {
  for (const [path, at] of places_) flip(disk.bytesOf(path), at);
  try {
    return await fsck({ disk, ...options });
  } finally {
    for (const [path, at] of places_) flip(disk.bytesOf(path), at);
  }
}

const named = (report: FsckReport): (number | undefined)[] => report.problems.map(({ entry }) => entry);

/** Where each entry's bytes (without its length) begin and end in a bundle. */
function framesOf(bundle: Uint8Array): (readonly [number, number])[] {
  const frames: (readonly [number, number])[] = [];
  for (let at = 0; at < bundle.length;) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    frames.push([at + 2, at + 2 + length]);
    at += 2 + length;
  }
  return frames;
}

describe('a log of 40 entries, every byte of every file', () => {
  const COUNT = 40;
  const ids = samples(author, 0, COUNT).map(idOf);
  const pathOf = (id: Sha256): string => `${statementsDir}/${id.slice(0, 2)}/${id}.json`;
  const [bundle, tile, checkpoint] = [`${dir}/tile/entries/000.p/40`, `${dir}/tile/0/000.p/40`, `${dir}/checkpoint`];
  let disk: MemoryDisk;
  beforeAll(async () => {
    disk = await logOf(COUNT);
  });

  test('untouched, it is whole, and these are its files', async () => {
    expect(await fsck({ disk, ...options })).toMatchObject({
      ok: true,
      size: COUNT,
      origin: ORIGIN,
      problems: [],
      notes: [],
    });
    expect(disk.files().sort()).toEqual([bundle, tile, checkpoint, ...ids.map(pathOf)].sort());
  });

  test('envelopes: each one is found and its entry named', async () => {
    const longest = Math.max(...ids.map((id) => disk.bytesOf(pathOf(id)).length));
    let flips = 0;
    for (let at = 0; at < longest; at += 1) {
      const hit = [...ids.entries()].filter(([, id]) => at < disk.bytesOf(pathOf(id)).length);
      const report = await withFlips(
        disk,
        hit.map(([, id]) => [pathOf(id), at] as const),
      );
      expect(named(report), `byte ${at}`).toEqual(hit.map(([index]) => index));
      flips += hit.length;
    }
    expect(flips).toBe(ids.reduce((sum, id) => sum + disk.bytesOf(pathOf(id)).length, 0));
  });

  test('entries: each one is found and its entry named', async () => {
    const frames = framesOf(disk.bytesOf(bundle));
    expect(frames).toHaveLength(COUNT);
    for (let at = 0; at < 1024; at += 1)
      for (const parity of [0, 1]) {
        const hit = [...frames.entries()].filter(([n, [from, to]]) => n % 2 === parity && from + at < to);
        if (hit.length === 0) continue;
        const report = await withFlips(
          disk,
          hit.map(([, [from]]) => [bundle, from + at] as const),
        );
        expect(named(report), `byte ${at} of every second entry`).toEqual(hit.map(([n]) => n));
      }
  });

  test('lengths of entries: each one is found and the entry named', async () => {
    for (const [n, [from]] of framesOf(disk.bytesOf(bundle)).entries())
      for (const at of [from - 2, from - 1]) {
        const report = await withFlips(disk, [[bundle, at]]);
        expect(report.ok).toBe(false);
        expect(named(report)[0], `length of entry ${n}`).toBe(n);
      }
  });

  test('tile: each one is found and the entry named', async () => {
    for (let at = 0; at < 32; at += 1)
      for (const parity of [0, 1]) {
        const hit = [...ids.keys()].filter((n) => n % 2 === parity);
        const report = await withFlips(
          disk,
          hit.map((n) => [tile, 32 * n + at] as const),
        );
        expect(named(report), `byte ${at} of every second hash`).toEqual(hit);
        expect(report.problems.every(({ what }) => what.includes('the hash of entry'))).toBe(true);
      }
  });

  test('checkpoint: each one is found, and no entry is blamed', async () => {
    for (let at = 0; at < disk.bytesOf(checkpoint).length; at += 1) {
      const report = await withFlips(disk, [[checkpoint, at]]);
      expect(
        report.problems.some(({ what }) => what.includes('checkpoint')),
        `byte ${at}`,
      ).toBe(true);
      expect(named(report).every((entry) => entry === undefined)).toBe(true);
    }
  });

  test.each<[string, (copy: MemoryDisk) => Promise<void>, number | undefined, RegExp]>([
    ['a missing envelope', (copy) => copy.remove(pathOf(ids[7]!)), 7, /entry 7 is missing/],
    [
      'an envelope for another',
      (copy) => copy.write(pathOf(ids[7]!), sample(author, 8)),
      7,
      /does not hold what its name says/,
    ],
    [
      'a signature by another key',
      (copy) => copy.write(pathOf(ids[7]!), sample(generateKey('x', 'ed25519'), 7)),
      7,
      /not the one that was entered/,
    ],
    ['a missing bundle', (copy) => copy.remove(bundle), 0, /entries\/000\.p\/40/],
    ['a missing tile', (copy) => copy.remove(tile), 0, /tile\/0\/000\.p\/40/],
    ['a missing checkpoint', (copy) => copy.remove(checkpoint), undefined, /there is none/],
    ['a cut bundle', (copy) => copy.write(bundle, disk.bytesOf(bundle).slice(0, -1)), 39, /entry 39/],
    [
      'a longer bundle',
      (copy) => copy.write(bundle, Buffer.concat([disk.bytesOf(bundle), Buffer.alloc(3)])),
      39,
      /behind its last entry/,
    ],
    [
      'a longer tile',
      (copy) => copy.write(tile, Buffer.concat([disk.bytesOf(tile), Buffer.alloc(32)])),
      undefined,
      /does not have 40 hashes/,
    ],
  ])('%s is found', async (_, change, entry, message) => {
    const copy = disk.copy();
    await change(copy);
    const report = await fsck({ disk: copy, ...options });
    const problem = report.problems.find(({ what }) => message.test(what));
    expect(report.ok).toBe(false);
    expect(problem, JSON.stringify(report.problems)).toBeDefined();
    expect(problem?.entry).toBe(entry);
  });

  test('a file that is broken beside a whole copy in a pack is a note, a whole one is none', async () => {
    const packed = await logOf(COUNT, key, 1);
    const [pack = ''] = packed.files().filter((path) => path.endsWith('.pack'));
    expect((await fsck({ disk: packed, ...options })).notes).toEqual([]);
    await packed.makeDirectory(pathOf(ids[7]!).slice(0, pathOf(ids[7]!).lastIndexOf('/')));
    await packed.write(pathOf(ids[7]!), Buffer.from('rubbish'));
    const report = await fsck({ disk: packed, ...options });
    expect([report.ok, report.problems]).toEqual([true, []]);
    expect(report.notes).toEqual([expect.stringMatching(/whole elsewhere/) as string]);
    expect(report.notes[0]).toContain(pathOf(ids[7]!));
    await packed.write(pathOf(ids[7]!), sample(author, 7));
    expect((await fsck({ disk: packed, ...options })).notes).toEqual([]);
    await packed.remove(pack);
    await packed.write(pathOf(ids[7]!), Buffer.from('rubbish'));
    expect(named(await fsck({ disk: packed, ...options }))).toEqual([...ids.keys()]);
  });

  test('a log of another key, and a checkpoint of a longer log, are found', async () => {
    const other = await logOf(3, generateKey('other', 'ed25519'));
    const report = await fsck({ disk: other, ...options });
    expect(report.problems).toEqual([{ what: 'the checkpoint is not signed by the key of this ledger' }]);
    const copy = disk.copy();
    await copy.write(checkpoint, Buffer.from(signCheckpoint({ origin: ORIGIN, size: 1e15, root: sha256('x') }, key)));
    const longer = await fsck({ disk: copy, ...options });
    expect(longer.problems.map(({ entry }) => entry)).toContain(40);
  });

  test('an entry that was signed into the log but never derived from an envelope is found', async () => {
    const entry = entryOf(readEnvelope(sample(author, 1)));
    const forged = encodeEntry({ ...entry, outcome: 'fail' });
    const tree = new MerkleTree();
    tree.push(leafHash(forged));
    const copy = await logOf(0);
    await copy.makeDirectory(`${dir}/tile/entries/000.p`);
    await copy.makeDirectory(`${dir}/tile/0/000.p`);
    await copy.makeDirectory(`${statementsDir}/${entry.statement.slice(0, 2)}`);
    await copy.write(
      `${dir}/tile/entries/000.p/1`,
      Buffer.concat([Buffer.from([forged.length >> 8, forged.length & 255]), forged]),
    );
    await copy.write(`${dir}/tile/0/000.p/1`, leafHash(forged));
    await copy.write(pathOf(entry.statement), sample(author, 1));
    const root = tree.root().toString('hex') as Sha256;
    await copy.write(checkpoint, Buffer.from(signCheckpoint({ origin: ORIGIN, size: 1, root }, key)));
    const report = await fsck({ disk: copy, ...options });
    expect(report.problems).toEqual([
      { entry: 0, what: expect.stringContaining('not the one that was entered') as string },
    ]);
  });
});

describe('a log of 300 entries, with a full tile and a second level', () => {
  let disk: MemoryDisk;
  beforeAll(async () => {
    disk = await logOf(300);
  });

  test('it is whole', async () => {
    expect((await fsck({ disk, ...options })).problems).toEqual([]);
    expect(disk.files().filter((path) => path.includes('/tile/'))).toHaveLength(5);
  });

  test('property: a flip of any bit of any file is found, and located where it is in one entry', async () => {
    const files = disk.files();
    const inLedger = files.filter((path) => path.startsWith(dir));
    const indexOf = new Map(samples(author, 0, 300).map((envelope, index) => [idOf(envelope) as string, index]));
    const anywhere = fc.tuple(fc.oneof(fc.constantFrom(...inLedger), fc.constantFrom(...files)), fc.nat());
    await fc.assert(
      fc.asyncProperty(anywhere, async ([path, position]) => {
        const at = position % disk.bytesOf(path).length;
        const report = await withFlips(disk, [[path, at]]);
        expect(report.ok, `${path} ${at}`).toBe(false);
        const first = named(report)[0];
        const envelope = /([0-9a-f]{64})\.json$/.exec(path)?.[1];
        if (envelope !== undefined) expect(named(report)).toEqual([indexOf.get(envelope)]);
        else if (path.includes('/tile/entries/')) {
          const frame = framesOf(disk.bytesOf(path)).findIndex(([, to]) => at < to);
          expect(first).toBe(frame + (path.endsWith('.p/44') ? 256 : 0));
        } else if (path.includes('/tile/0/'))
          expect(first).toBe(Math.floor(at / 32) + (path.endsWith('.p/44') ? 256 : 0));
        else if (path.includes('/tile/1/')) expect(report.problems[0]).toMatchObject({ entry: 0 });
        else expect(first).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});
