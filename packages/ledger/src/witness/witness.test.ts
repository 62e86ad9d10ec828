// A witness against honest and hostile logs, without a network: what it cosigns, what it refuses, and what it remembers.
import { VallumError, type Sha256 } from '@vallum/core';
import { generateKey, type SigningKey } from '@vallum/trust';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { leafHash } from '../merkle/hash.js';
import { consistencyHashes } from '../merkle/proofs.js';
import { MerkleTree } from '../merkle/tree.js';
import { readCheckpoint, signCheckpoint } from '../note/checkpoint.js';
import { cosignedAt } from '../note/cosignature.js';
import { isSignedBy, rawEd25519 } from '../note/signed-note.js';
import { readVkey, type VerifierKey } from '../note/vkey.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { askWitness, type Post } from './ask.js';
import { readAddCheckpoint, writeAddCheckpoint } from './request.js';
import { Witness } from './witness.js';

const ORIGIN = 'example.org/log';
const logKey = generateKey('log', 'ed25519');
const witnessKey = generateKey('witness', 'ed25519');

function verifierOf(key: SigningKey, name = ORIGIN): VerifierKey {
  return { name, publicKey: rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' })), use: 'log' };
}

/** A log whose entries are texts; `fork` shares the first `size` of them. */
class TestLog {
  readonly #tree = new MerkleTree();
  readonly entries: readonly string[];
  readonly key: SigningKey;

  constructor(entries: readonly string[], key = logKey) {
    this.entries = entries;
    this.key = key;
    for (const entry of entries) this.#tree.push(leafHash(Buffer.from(entry)));
  }
  get size(): number {
    return this.entries.length;
  }
  get checkpoint(): string {
    return signCheckpoint(
      { origin: ORIGIN, size: this.size, root: this.#tree.root().toString('hex') as Sha256 },
      this.key,
    );
  }
  consistency(oldSize: number): { readonly hashes: readonly Sha256[] } {
    const hashes = consistencyHashes(this.#tree.nodeAt, oldSize, this.size);
    return { hashes: hashes.map((hash) => Buffer.from(hash).toString('hex') as Sha256) };
  }
}

const names = (from: number, to: number, mark = ''): string[] =>
  Array.from({ length: to - from }, (_, at) => `entry ${from + at}${mark}`);
const honest = (size: number): TestLog => new TestLog(names(0, size));
const forked = (at: number, size: number): TestLog => new TestLog([...names(0, at), ...names(at, size, ' forged')]);

let disk: MemoryDisk;
let now: Date;
function open(logs: readonly VerifierKey[] = [verifierOf(logKey)]): Witness {
  return new Witness({ disk, dir: '/state', name: 'example.net/w1', key: witnessKey, logs, clock: () => now });
}
const postTo =
  (witness: Witness): Post =>
  (body) =>
    witness.addCheckpoint(body);

beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/state');
  now = new Date('2026-11-22T10:00:00Z');
});

describe('an honest log', () => {
  test('is cosigned as it grows, and the cosignature verifies with the printed key only', async () => {
    const witness = open();
    const vkey = readVkey(witness.vkey);
    for (const size of [0, 1, 1, 7, 300]) {
      const { note, at } = await askWitness(honest(size), vkey, postTo(witness));
      expect(at).toEqual(now);
      expect(cosignedAt(readCheckpoint(note).note, vkey)).toEqual(now);
      expect(cosignedAt(readCheckpoint(note).note, { ...vkey, name: 'example.net/w2' })).toBeUndefined();
    }
  });

  test('is known again after a restart', async () => {
    await askWitness(honest(5), readVkey(open().vkey), postTo(open()));
    expect(
      await open().addCheckpoint(writeAddCheckpoint({ oldSize: 0, hashes: [], checkpoint: honest(9).checkpoint })),
    ).toEqual({
      status: 409,
      body: '5\n',
      isSize: true,
    });
  });

  test('requests at the same time are answered one after the other, and never go back', async () => {
    const witness = open();
    const vkey = readVkey(witness.vkey);
    const asked = await Promise.allSettled(
      [3, 9, 4, 12, 6].map((size) => askWitness(honest(size), vkey, postTo(witness))),
    );
    expect(asked.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const one of asked)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: /WITNESS_(AHEAD|ANSWER)/ });
    const last = await witness.addCheckpoint(
      writeAddCheckpoint({ oldSize: 1, hashes: [], checkpoint: honest(20).checkpoint }),
    );
    const largest = Math.max(...asked.map((one, at) => (one.status === 'fulfilled' ? ([3, 9, 4, 12, 6][at] ?? 0) : 0)));
    expect(last).toMatchObject({ status: 409, body: `${largest}\n` });
  });
});

describe('a hostile log', () => {
  test('a fork is not cosigned, wherever it begins', async () => {
    for (const at of [0, 1, 4, 6]) {
      disk = new MemoryDisk();
      await disk.makeDirectory('/state');
      const witness = open();
      const vkey = readVkey(witness.vkey);
      await askWitness(honest(7), vkey, postTo(witness));
      await expect(askWitness(forked(at, 12), vkey, postTo(witness))).rejects.toMatchObject({
        code: 'WITNESS_CONFLICT',
      });
      await expect(askWitness(honest(12), vkey, postTo(witness))).resolves.toBeDefined();
    }
  });

  test('a second root of the same size is kept: the two convict the log', async () => {
    const witness = open();
    const vkey = readVkey(witness.vkey);
    await askWitness(honest(7), vkey, postTo(witness));
    const forgery = forked(3, 7);
    await expect(askWitness(forgery, vkey, postTo(witness))).rejects.toMatchObject({ code: 'WITNESS_CONFLICT' });
    const kept = disk.files().filter((path) => path.includes('/contradictions/'));
    const notes = kept.map((path) => readCheckpoint(Buffer.from(disk.bytesOf(path)).toString()));
    const key = verifierOf(logKey);
    expect(notes.map((note) => [note.size, isSignedBy(note.note, key)])).toEqual([
      [7, true],
      [7, true],
    ]);
    expect(new Set(notes.map(({ root }) => root)).size).toBe(2);
    expect(notes.map(({ root }) => root)).toContain(readCheckpoint(forgery.checkpoint).root);
  });

  test('lines that anybody added to a checkpoint do not get into its memory', async () => {
    const witness = open();
    const junk = Array.from({ length: 99 }, (_, at) => `— ${ORIGIN} ${Buffer.alloc(68, at + 1).toString('base64')}\n`);
    const [own = ''] = /— .*\n$/.exec(honest(3).checkpoint) ?? [];
    for (const lines of [junk, Array.from({ length: 99 }, () => own)]) {
      const checkpoint = honest(3).checkpoint + lines.join('');
      const oldSize = disk.files().some((path) => path.includes('/logs/')) ? 3 : 0;
      expect(await witness.addCheckpoint(writeAddCheckpoint({ oldSize, hashes: [], checkpoint }))).toMatchObject({
        status: 200,
      });
    }
    await expect(askWitness(honest(5), readVkey(witness.vkey), postTo(witness))).resolves.toBeDefined();
  });

  test('a former key counts up to its end, and no more once the new one was seen', async () => {
    const newKey = generateKey('log-2', 'ed25519');
    const witness = open([verifierOf(newKey), { ...verifierOf(logKey), until: 5 }]);
    const vkey = readVkey(witness.vkey);
    const renewed = (size: number): TestLog => new TestLog(names(0, size), newKey);
    await askWitness(honest(4), vkey, postTo(witness));
    await expect(askWitness(honest(6), vkey, postTo(witness))).rejects.toMatchObject({ code: 'WITNESS_REFUSED' });
    await askWitness(honest(5), vkey, postTo(witness));
    await askWitness(renewed(5), vkey, postTo(witness));
    await expect(askWitness(honest(5), vkey, postTo(witness))).rejects.toMatchObject({ code: 'WITNESS_REFUSED' });
    await expect(askWitness(renewed(8), vkey, postTo(witness))).resolves.toBeDefined();
  });

  test('an empty log has one root', async () => {
    const checkpoint = signCheckpoint({ origin: ORIGIN, size: 0, root: 'ab'.repeat(32) as Sha256 }, logKey);
    expect(await open().addCheckpoint(writeAddCheckpoint({ oldSize: 0, hashes: [], checkpoint }))).toMatchObject({
      status: 422,
    });
  });

  test('a rolled back log is told that it lost entries', async () => {
    const witness = open();
    const vkey = readVkey(witness.vkey);
    await askWitness(honest(7), vkey, postTo(witness));
    await expect(askWitness(honest(6), vkey, postTo(witness))).rejects.toMatchObject({ code: 'WITNESS_AHEAD' });
  });

  const ask = (fields: Partial<Parameters<typeof writeAddCheckpoint>[0]>): Promise<{ readonly status: number }> =>
    open().addCheckpoint(writeAddCheckpoint({ oldSize: 0, hashes: [], checkpoint: honest(3).checkpoint, ...fields }));

  test.each([
    ['nonsense', () => open().addCheckpoint('hello'), 400],
    ['another log', () => ask({ checkpoint: new TestLog(['a']).checkpoint.replace(ORIGIN, 'example.org/other') }), 404],
    ['another key', () => ask({ checkpoint: new TestLog(['a'], generateKey('x', 'ed25519')).checkpoint }), 403],
    ['an old size above the new one', () => ask({ oldSize: 4 }), 400],
    ['a proof where none belongs', () => ask({ hashes: honest(3).consistency(2).hashes }), 422],
    ['a checkpoint with a changed root', () => ask({ checkpoint: honest(3).checkpoint.replace(/\n(.)/, '\n4') }), 403],
  ])('%s is refused', async (_, send, status) => expect(await send()).toMatchObject({ status }));

  test('property: whatever is sent gets an answer, and nothing is cosigned but what the log signed', async () => {
    const whole = writeAddCheckpoint({ oldSize: 0, hashes: [], checkpoint: honest(3).checkpoint });
    const mutants = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 32, max: 126 }))
      .map(([at, code]) => whole.slice(0, at) + String.fromCharCode(code) + whole.slice(at + 1));
    const witness = open();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), mutants), async (body) => {
        const { status } = await witness.addCheckpoint(body);
        if (status === 200) expect(readAddCheckpoint(body).checkpoint.startsWith(`${ORIGIN}\n3\n`)).toBe(true);
      }),
    );
  });
});

describe('what can go wrong at the witness', () => {
  test('a clock set back: it says so and cosigns nothing', async () => {
    const witness = open();
    const vkey = readVkey(witness.vkey);
    await askWitness(honest(3), vkey, postTo(witness));
    now = new Date('2026-11-22T09:00:00Z');
    await expect(askWitness(honest(4), vkey, postTo(witness))).rejects.toMatchObject({
      code: 'WITNESS_REFUSED',
      message: expect.stringContaining('clock') as string,
    });
  });

  test('a damaged memory: it vouches for nothing any more', async () => {
    await askWitness(honest(3), readVkey(open().vkey), postTo(open()));
    const [path = ''] = disk.files().filter((name) => name.includes('/logs/'));
    const ask = (): Promise<object> =>
      open().addCheckpoint(writeAddCheckpoint({ oldSize: 0, hashes: [], checkpoint: honest(3).checkpoint }));
    const told = { status: 500, body: 'what this witness vouched for is lost or damaged\n' };
    disk.bytesOf(path).fill(0x20, 0, 40);
    expect(await ask()).toEqual(told);
    await disk.remove(path);
    expect(await ask()).toEqual(told);
  });

  test('it dies at any write: what it answered before is remembered', async () => {
    for (let call = 1; ; call += 1) {
      disk = new MemoryDisk();
      await disk.makeDirectory('/state');
      await disk.sync('/');
      const vkey = readVkey(open().vkey);
      await askWitness(honest(3), vkey, postTo(open()));
      disk.dieAt({ call, mode: 'torn' });
      const answered = await askWitness(honest(8), vkey, postTo(open())).then(
        () => true,
        () => false,
      );
      const died = disk.isDead;
      disk = disk.afterPowerLoss();
      const after = await open().addCheckpoint(
        writeAddCheckpoint({ oldSize: 1, hashes: [], checkpoint: honest(9).checkpoint }),
      );
      expect(after.status, `call ${call}: ${after.body}`).toBe(409);
      if (answered) expect(after.body).toBe('8\n');
      else expect(['3\n', '8\n']).toContain(after.body);
      if (!died) break;
    }
  });

  test.each([
    ['a cosignature by another key', { status: 200, body: '— example.net/w1 AAAAAAAAAAAAAAAA\n' }],
    ['nothing', { status: 200, body: '' }],
    ['409 without a size', { status: 409, body: 'no' }],
  ])('whoever asks refuses %s', async (_, answer) => {
    const post: Post = () => Promise.resolve(answer);
    await expect(askWitness(honest(3), readVkey(open().vkey), post)).rejects.toThrow(VallumError);
  });
});
