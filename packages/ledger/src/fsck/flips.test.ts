// Bits that turn over at rest. A log of 256 entries, every single bit of every file alone; a log of 10,000 entries, seeded
// flips, one to a bundle or tile so that many are made side by side and each one has to be found; and a pack of envelopes.
// Found means: the report says so and names the entry, or for what is no entry the file. The quick run takes a part of the
// places, spread evenly; the nightly run all 100,000 and every bit.
import { generateKey, publicRecord } from '@vallum/trust';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEntryLog } from '../entry-log.js';
import { openLedger } from '../ledger.js';
import { isLongRun } from '../testing/long-run.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { ORIGIN, places, Town } from '../testing/places.js';
import { idOf, samples } from '../testing/statements.js';
import { fsck } from './fsck.js';
import { fsckLog } from './fsck-log.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');
const publicKey = publicRecord(key);
const dir = '/p/log';

async function logOf(count: number): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  const log = await openEntryLog({ disk, dir, origin: ORIGIN, key, processes: new Town().process(1) });
  await log.append(Array.from({ length: count }, (_, at) => Buffer.from(`e${at}`)));
  await log.close();
  return disk;
}

const flip = (bytes: Uint8Array, bit: number): number => (bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));

/** The entry of a bundle in which a byte lies, its length included. */
function entryAt(bundle: Uint8Array, at: number): number {
  let entry = -1;
  for (let from = 0; from <= at; from += 2 + (((bundle[from] ?? 0) << 8) | (bundle[from + 1] ?? 0))) entry += 1;
  return entry;
}

/** Repeatable pseudo-random integers below a bound (mulberry32). */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe('a log of 256 entries, every bit alone', () => {
  test.each(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1', 'checkpoint'])('%s', async (path) => {
    const disk = await logOf(256);
    const file = disk.bytesOf(`${dir}/${path}`);
    const whole = Uint8Array.from(file);
    const step = isLongRun() || file.length < 500 ? 1 : 61;
    let flips = 0;
    for (let bit = 0; bit < file.length * 8; bit += step) {
      flip(file, bit);
      const { ok, problems } = await fsckLog({ disk, dir, publicKey });
      flip(file, bit);
      flips += 1;
      expect(ok, `${path} bit ${bit}`).toBe(false);
      const [first] = problems;
      if (path === 'checkpoint') expect(problems.some(({ what }) => what.includes('checkpoint'))).toBe(true);
      else if (path === 'tile/entries/000') expect(first?.entry, `bit ${bit}`).toBe(entryAt(whole, bit >> 3));
      else if (path === 'tile/0/000') expect(first?.entry, `bit ${bit}`).toBe(bit >> 8);
      else expect(first?.what, `bit ${bit}`).toContain('tile/1/000.p/1');
      expect(problems.length).toBeLessThan(4);
    }
    expect(flips).toBeGreaterThan(150);
  });
});

test('a log of 10,000 entries, seeded flips, one to a file', async () => {
  const disk = await logOf(10_000);
  const bundles = disk.files().filter((path) => path.includes('/entries/'));
  const tiles = disk.files().filter((path) => path.includes('/tile/0/'));
  const firstOf = (path: string): number => 256 * Number(/\/(\d{3})(?:\.p\/\d+)?$/.exec(path)?.[1]);
  const draw = draws(20_261_122);
  const wanted = isLongRun() ? 100_000 : 4_000;
  let flips = 0;
  for (let round = 0; flips < wanted; round += 1) {
    // One witness at a time: flips in both would leave it open which of them the checkpoint bears out.
    const files = round % 2 === 0 ? bundles : tiles;
    const made = files.map((path) => {
      const bit = draw(disk.bytesOf(path).length * 8);
      const at = bit >> 3;
      const within = files === tiles ? Math.floor(at / 32) : entryAt(disk.bytesOf(path), at);
      return { path, bit, entry: firstOf(path) + within };
    });
    for (const { path, bit } of made) flip(disk.bytesOf(path), bit);
    const { problems } = await fsckLog({ disk, dir, publicKey });
    for (const { path, bit } of made) flip(disk.bytesOf(path), bit);
    const named = new Set(problems.map(({ entry }) => entry));
    expect(made.filter(({ entry }) => !named.has(entry))).toEqual([]);
    // A changed length shifts what follows it in its bundle; nothing outside these bundles is blamed.
    const where = problems.map(({ what }) => /tile\/(?:entries|0)\/\S+/.exec(what)?.[0]?.replace(/^tile\/\w+\//, ''));
    expect(new Set(where.filter((path) => path !== undefined)).size).toBeLessThanOrEqual(files.length);
    flips += made.length;
  }
  console.log(`${flips} flips, all found and located`);
  expect((await fsckLog({ disk, dir, publicKey })).problems).toEqual([]);
}, 1_500_000);

describe('a pack of 12 envelopes', () => {
  const COUNT = 12;
  const envelopes = samples(author, 0, COUNT);
  const { statementsDir } = places('/p');
  let disk: MemoryDisk;
  let pack: string;
  beforeAll(async () => {
    disk = new MemoryDisk();
    await disk.makeDirectory('/p');
    const ledger = await openLedger({ disk, key, processes: new Town().process(1), ...places('/p') });
    await ledger.append(envelopes);
    await ledger.close();
    const found = disk.files().filter((path) => path.startsWith(statementsDir));
    expect(found).toEqual([expect.stringMatching(/\/packs\/[0-9a-f]{64}\.pack$/)]);
    pack = found[0] ?? '';
  });
  const check = () => fsck({ disk, ...places('/p'), publicKey });

  test('it is whole, and every entry has its envelope', async () => {
    expect(await check()).toMatchObject({ ok: true, size: COUNT, problems: [], notes: [] });
  });

  test('every bit alone', async () => {
    const file = disk.bytesOf(pack);
    const bodies = file.length - envelopes.reduce((sum, { length }) => sum + length, 0);
    const ends = envelopes.map((_, at) => envelopes.slice(0, at + 1).reduce((sum, { length }) => sum + length, bodies));
    const step = isLongRun() ? 1 : 131;
    for (let bit = 0; bit < file.length * 8; bit += bit >> 3 < bodies ? Math.min(step, 5) : step) {
      flip(file, bit);
      const { ok, problems } = await check();
      flip(file, bit);
      expect(ok, `bit ${bit}`).toBe(false);
      const named = problems.map(({ entry }) => entry);
      if (bit >> 3 >= bodies) expect(named, `bit ${bit}`).toEqual([ends.findIndex((end) => bit >> 3 < end)]);
      else expect(named.every((entry) => entry !== undefined && entry < COUNT)).toBe(true);
    }
  });

  test('cut short, the entries whose envelopes are gone are named', async () => {
    const copy = disk.copy();
    await copy.write(pack, disk.bytesOf(pack).slice(0, -1));
    const report = await fsck({ disk: copy, ...places('/p'), publicKey });
    expect(report.problems.map(({ entry }) => entry)).toEqual([COUNT - 1]);
    expect(report.notes).toEqual([pack]);
  });

  test('a copy merges by set union, and a planted file does not stand in for the packed one', async () => {
    const copy = disk.copy();
    const forged = samples(generateKey('x', 'ed25519'), 0, 1)[0] ?? new Uint8Array();
    const id = idOf(forged);
    await copy.makeDirectory(`${statementsDir}/${id.slice(0, 2)}`);
    await copy.write(`${statementsDir}/${id.slice(0, 2)}/${id}.json`, forged);
    await copy.write(`${statementsDir}/packs/${'0'.repeat(64)}.pack`, disk.bytesOf(pack));
    expect(await fsck({ disk: copy, ...places('/p'), publicKey })).toMatchObject({ ok: true, problems: [], notes: [] });
  });
});
