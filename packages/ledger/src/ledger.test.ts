// The ledger as its users see it: what is appended stays, in order, and what is on disk is never believed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk, sha256, VallumError, type Disk, type Sha256 } from '@vallum/core';
import { generateKey, publicRecord, readEnvelope } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fsck } from './fsck/fsck.js';
import { openLedger, type Ledger, type LedgerOptions } from './ledger.js';
import { leafHash } from './merkle/hash.js';
import { verifyConsistency, verifyInclusion } from './merkle/verify.js';
import { isCheckpointSignedBy, readCheckpoint } from './note/checkpoint.js';
import { encodeEntry, entryOf } from './entry.js';
import { StatementStore } from './store/content-store.js';
import { readStatements } from './read-statements.js';
import { MemoryDisk } from './testing/memory-disk.js';
import { places, Town } from './testing/places.js';
import { idOf, sample, samples } from './testing/statements.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');

let disk: MemoryDisk;
let town: Town;
let options: LedgerOptions;

beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  town = new Town();
  options = { disk, key, processes: town.process(1), ...places('/p') };
});

const reader = (): Promise<Ledger> => openLedger({ disk, ...places('/p') });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof VallumError ? error.code : String(error)),
  );

async function filled(count: number): Promise<Ledger> {
  const ledger = await openLedger(options);
  await ledger.append(samples(author, 0, count));
  return ledger;
}

describe('append', () => {
  test('entries keep their order and come back after a reopening, with their envelopes', async () => {
    const ledger = await openLedger(options);
    expect(await ledger.append(samples(author, 0, 3))).toEqual([0, 1, 2]);
    expect(await ledger.append(samples(author, 3, 400))).toEqual(Array.from({ length: 400 }, (_, at) => 3 + at));
    const { root, checkpoint } = ledger;
    await ledger.close();
    const again = await reader();
    expect([again.size, again.root, again.checkpoint]).toEqual([403, root, checkpoint]);
    expect(isCheckpointSignedBy(readCheckpoint(checkpoint), publicRecord(key))).toBe(true);
    const statements = await readStatements(again);
    expect(statements.map(({ signed }) => signed?.id)).toEqual(samples(author, 0, 403).map(idOf));
    expect(statements.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  test('a statement that is there keeps its index, also twice in one call', async () => {
    const ledger = await filled(3);
    const [first, fresh] = [sample(author, 0), sample(author, 9)];
    expect(await ledger.append([first, fresh, fresh, sample(author, 2)])).toEqual([0, 3, 3, 2]);
    expect(ledger.size).toBe(4);
  });

  test('the same statement with another signature is a conflict, and nothing of that call is entered', async () => {
    const ledger = await filled(3);
    const other = generateKey('other', 'ed25519');
    const stolen = sample(other, 1);
    expect(idOf(stolen)).toBe(idOf(sample(author, 1)));
    const [fine, bad] = await Promise.allSettled([
      ledger.append([sample(author, 20)]),
      ledger.append([sample(author, 21), stolen]),
    ]);
    expect(fine.status).toBe('fulfilled');
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'LEDGER_CONFLICT' } });
    expect(await codeOf(ledger.append([sample(author, 22), sample(other, 22)]))).toBe('LEDGER_CONFLICT');
    expect(ledger.size).toBe(4);
    expect(await ledger.append([sample(author, 23)])).toEqual([4]);
  });

  test('calls made side by side share one commit', async () => {
    const ledger = await filled(1);
    disk.dieAt({ call: Infinity, mode: 'before' });
    await ledger.append([sample(author, 100)]);
    const one = disk.calls;
    await Promise.all(Array.from({ length: 50 }, (_, at) => ledger.append([sample(author, 200 + at)])));
    // Each statement has its own file, at most four calls; the log is written once.
    expect(disk.calls).toBeLessThan(one + 50 * 5 + one);
    expect(ledger.size).toBe(52);
  });

  test('a broken envelope is refused before anything is written', async () => {
    const ledger = await filled(1);
    const calls = disk.calls;
    expect(await codeOf(ledger.append([sample(author, 5), Buffer.from('{}')]))).not.toBe('no error');
    expect([disk.calls, ledger.size]).toEqual([calls, 1]);
  });

  test('after a failed write the ledger shows only what is durable and takes nothing until it is opened again', async () => {
    const ledger = await filled(2);
    const { root, checkpoint } = ledger;
    disk.dieAt({ call: 6, mode: 'before' });
    expect(await codeOf(ledger.append([sample(author, 5)]))).toBe('LEDGER_FAILED');
    expect([ledger.size, ledger.root, ledger.checkpoint, ledger.entries().length]).toEqual([2, root, checkpoint, 2]);
    expect(await codeOf(ledger.append([sample(author, 6)]))).toBe('LEDGER_FAILED');
  });

  test('partial tiles that were outgrown are removed', async () => {
    const ledger = await filled(250);
    for (let n = 0; n < 10; n += 1) await ledger.append([sample(author, 1000 + n)]);
    const tiles = disk.files().filter((path) => path.includes('/tile/'));
    expect(tiles.map((path) => path.replace('/p/.vallum/ledger/tile/', ''))).toEqual([
      '0/000',
      '0/001.p/4',
      '1/000.p/1',
      'entries/000',
      'entries/001.p/4',
    ]);
  });
});

describe('proofs', () => {
  test('every entry is proven, and the log is proven to continue every earlier one', async () => {
    const ledger = await openLedger(options);
    const roots: Sha256[] = [ledger.root];
    for (let n = 0; n < 20; n += 1) {
      await ledger.append([sample(author, n)]);
      roots.push(ledger.root);
    }
    for (const [index, entry] of ledger.entries().entries())
      expect(verifyInclusion(ledger.prove(index), leafHash(encodeEntry(entry)), ledger.root)).toBe(true);
    for (const [size, root] of roots.entries())
      expect(verifyConsistency(ledger.consistency(size), root, ledger.root)).toBe(true);
    for (const wrong of [-1, 20, 0.5, NaN]) expect(() => ledger.prove(wrong)).toThrow(RangeError);
    expect(() => ledger.consistency(21)).toThrow(RangeError);
  });
});

describe('opening', () => {
  test('a project without a ledger reads as an empty one and nothing is made', async () => {
    const ledger = await reader();
    expect([ledger.size, ledger.checkpoint, ledger.writable, ledger.entries()]).toEqual([0, '', false, []]);
    expect(disk.files()).toEqual([]);
    expect(await codeOf(ledger.append([sample(author, 1)]))).toBe('LEDGER_READ_ONLY');
  });

  test('the second writer reads and is told who holds it; after closing he gets it', async () => {
    const first = await filled(2);
    const second = await openLedger({ ...options, processes: town.process(2) });
    expect([second.writable, second.heldBy, second.size]).toEqual([false, 'process 1', 2]);
    expect(await codeOf(second.append([sample(author, 9)]))).toBe('LEDGER_READ_ONLY');
    await second.close();
    await first.close();
    expect(await codeOf(first.append([sample(author, 9)]))).toBe('LEDGER_READ_ONLY');
    const third = await openLedger({ ...options, processes: town.process(2) });
    expect([third.writable, third.heldBy]).toEqual([true, undefined]);
  });

  test('another origin, another key or a key of another kind is refused', async () => {
    await (await filled(2)).close();
    expect(await codeOf(openLedger({ ...options, origin: 'example.org/other' }))).toBe('LEDGER_ORIGIN');
    expect(await codeOf(openLedger({ ...options, key: generateKey('x', 'ed25519') }))).toBe('LEDGER_KEY');
    const fresh = { ...options, ...places('/p/q'), key: generateKey('x', 'p256') };
    expect(await codeOf(openLedger(fresh))).toBe('NOTE_KEY');
    expect((await openLedger(options)).writable).toBe(true);
  });

  test.each<[string, string, RegExp]>([
    ['entries/000.p/40', 'entry 17', /entry 17 does not have the hash that tile\/0\/000\.p\/40 holds/],
    ['0/000.p/40', '', /tile\/0\/000\.p\/40 does not hold the hashes/],
  ])('a changed byte in %s is named', async (path, where, message) => {
    await (await filled(40)).close();
    const bytes = disk.bytesOf(`/p/.vallum/ledger/tile/${path}`);
    const entry = readEnvelope(sample(author, 17));
    const at = where === '' ? 100 : Buffer.from(bytes).indexOf(entry.id) + 5;
    // Another digit: the entry stays well formed.
    bytes[at] = bytes[at] === 0x31 ? 0x32 : 0x31;
    await expect(openLedger(options)).rejects.toThrow(message);
    await expect(reader()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED', errorClass: 'unproven' });
  });

  test('a missing checkpoint is never taken for a new ledger, nor an older one for the newest', async () => {
    const ledger = await filled(3);
    const old = ledger.checkpoint;
    await ledger.append(samples(author, 3, 3));
    const { root } = ledger;
    await ledger.close();
    await disk.remove('/p/.vallum/ledger/checkpoint');
    expect(await codeOf(openLedger(options))).toBe('LEDGER_DAMAGED');
    await disk.write('/p/.vallum/ledger/checkpoint', Buffer.from(old));
    expect(await codeOf(reader())).toBe('LEDGER_DAMAGED');
    const whole = readCheckpoint(old);
    expect(whole.size).toBe(3);
    expect(root).not.toBe(whole.root);
  });

  test('a checkpoint that claims a huge size is refused at once', async () => {
    await (await filled(3)).close();
    const text = Buffer.from(disk.bytesOf('/p/.vallum/ledger/checkpoint')).toString();
    await disk.write('/p/.vallum/ledger/checkpoint', Buffer.from(text.replace('\n3\n', '\n9000000000000000\n')));
    expect(await codeOf(reader())).toBe('LEDGER_DAMAGED');
  });

  test('a reader that meets a writer in the middle of his work starts over', async () => {
    const writer = await filled(5);
    let met = false;
    const racing: Pick<Disk, 'stat' | 'list' | 'read'> = {
      stat: (path) => disk.stat(path),
      list: (path) => disk.list(path),
      read: async (path, limit) => {
        const bytes = await disk.read(path, limit);
        if (!met && path.endsWith('checkpoint')) await writer.append([sample(author, 77)]);
        met = true;
        return bytes;
      },
    };
    expect((await openLedger({ disk: racing as Disk, ...places('/p') })).size).toBe(6);
  });
});

describe('what a crash left', () => {
  /** The files of a log of 8 entries under the checkpoint of one of 5. */
  async function withTail(): Promise<{ readonly ids: Sha256[] }> {
    const ledger = await filled(5);
    const before = Buffer.from(ledger.checkpoint);
    await ledger.close();
    const earlier = disk.copy();
    const later = await openLedger(options);
    await later.append(samples(author, 5, 3));
    await later.close();
    for (const path of earlier.files().filter((name) => name.includes('/tile/')))
      await disk.write(path, earlier.bytesOf(path));
    await disk.write('/p/.vallum/ledger/checkpoint', before);
    return { ids: samples(author, 5, 3).map(idOf) };
  }

  test('a whole tail is rolled forward, once', async () => {
    const { ids } = await withTail();
    expect((await reader()).size).toBe(5);
    const ledger = await openLedger(options);
    expect([ledger.size, ledger.recovered]).toEqual([8, 3]);
    expect(
      ledger
        .entries()
        .slice(5)
        .map(({ statement }) => statement),
    ).toEqual(ids);
    await ledger.close();
    const again = await openLedger(options);
    expect([again.size, again.recovered]).toEqual([8, 0]);
    const report = await fsck({ ...options, publicKey: publicRecord(key) });
    expect([report.ok, report.notes]).toEqual([true, []]);
  });

  test('what has no envelope, or another one, ends the tail', async () => {
    const { ids } = await withTail();
    await disk.remove(`/p/.vallum/statements/${ids[1]!.slice(0, 2)}/${ids[1]!}.json`);
    expect((await openLedger(options)).size).toBe(6);
    expect(disk.files().filter((path) => path.includes('.p/8'))).toEqual([]);
  });

  test('an envelope by another key does not vouch for an entry', async () => {
    const { ids } = await withTail();
    const forged = sample(generateKey('other', 'ed25519'), 6);
    await disk.write(`/p/.vallum/statements/${ids[1]!.slice(0, 2)}/${ids[1]!}.json`, forged);
    expect((await openLedger(options)).size).toBe(6);
  });

  test('an envelope that would not be admitted ends the tail', async () => {
    const { ids } = await withTail();
    const admit: LedgerOptions['admit'] = ({ id }) => (id === ids[1] ? 'its signature is not valid' : undefined);
    const ledger = await openLedger({ ...options, admit });
    expect([ledger.size, ledger.recovered]).toEqual([6, 1]);
    expect(disk.files().filter((path) => path.includes('.p/8'))).toEqual([]);
  });

  test('a half-written checkpoint is removed, and nothing that only looks like one', async () => {
    await (await filled(1)).close();
    const dir = '/p/.vallum/ledger';
    for (const name of ['checkpoint.0123456789abcdef.tmp', 'checkpoint.tmp', 'notes.0123456789abcdef.tmp'])
      await disk.write(`${dir}/${name}`, Buffer.from('half'));
    await openLedger(options);
    expect(disk.files().filter((path) => path.endsWith('.tmp'))).toEqual([
      `${dir}/checkpoint.tmp`,
      `${dir}/notes.0123456789abcdef.tmp`,
    ]);
  });

  test('a tail of rubbish or behind other entries is removed', async () => {
    await (await filled(5)).close();
    const bundle = Buffer.from(disk.bytesOf('/p/.vallum/ledger/tile/entries/000.p/5'));
    const fresh = sample(author, 9);
    const entry = encodeEntry(entryOf(readEnvelope(fresh)));
    const store = new StatementStore(disk, '/p/.vallum/statements');
    await store.put([{ bytes: fresh, signed: readEnvelope(fresh) }]);
    const behind = Buffer.concat([bundle, Buffer.from([entry.length >> 8, entry.length & 255]), entry]);
    const [foreign, rubbish] = [Buffer.from(behind), Buffer.concat([bundle, Buffer.from([0, 3, 1, 2, 3])])];
    foreign[40] = (foreign[40] ?? 0) ^ 1;
    await disk.write('/p/.vallum/ledger/tile/entries/000.p/7', foreign);
    await disk.write('/p/.vallum/ledger/tile/entries/000.p/6', rubbish);
    const ledger = await openLedger(options);
    expect([ledger.size, ledger.recovered]).toEqual([5, 0]);
    expect(disk.files().filter((path) => /\.p\/[67]$/.test(path))).toEqual([]);
  });

  test('a tail cannot enter a statement again', async () => {
    await (await filled(5)).close();
    const bundle = Buffer.from(disk.bytesOf('/p/.vallum/ledger/tile/entries/000.p/5'));
    const first = bundle.subarray(0, 2 + bundle.readUInt16BE(0));
    await disk.write('/p/.vallum/ledger/tile/entries/000.p/6', Buffer.concat([bundle, first]));
    expect((await openLedger(options)).size).toBe(5);
  });
});

describe('on a real disk', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(`${tmpdir()}/vallum-ledger-`);
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  test('a thousand statements in one group, then one more, then fsck', async () => {
    const real: LedgerOptions = { disk: nodeDisk, key, ...places(base) };
    const ledger = await openLedger(real);
    const indices = await ledger.append(samples(author, 0, 1000));
    expect(indices.at(-1)).toBe(999);
    const second = await openLedger(real);
    expect([second.writable, second.heldBy]).toEqual([false, 'this process']);
    expect(await ledger.append([sample(author, 5000)])).toEqual([1000]);
    await ledger.close();
    const report = await fsck({ ...real, publicKey: publicRecord(key) });
    expect(report).toMatchObject({ ok: true, size: 1001, problems: [], notes: [], root: ledger.root });
    expect(sha256(await nodeDisk.read(`${base}/.vallum/ledger/checkpoint`, 1000))).toBe(sha256(ledger.checkpoint));
  });
});
