// Anchors: a log that goes on fits, one that was rolled back or forked does not, and no anchor is ever written again.
import type { Sha256 } from '@vallum/core';
import { generateKey } from '@vallum/trust';
import { beforeEach, expect, test } from 'vitest';
import { leafHash } from '../merkle/hash.js';
import { consistencyHashes } from '../merkle/proofs.js';
import { MerkleTree } from '../merkle/tree.js';
import { signCheckpoint } from '../note/checkpoint.js';
import { isSignedBy, rawEd25519 } from '../note/signed-note.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { addAnchor, compareWith, readAnchors, type ComparedLog } from './anchors.js';

const ORIGIN = 'example.org/log';
const key = generateKey('log', 'ed25519');
const verifier = { name: ORIGIN, publicKey: rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' })) };

function logOf(size: number, forkAt = Infinity): ComparedLog & { readonly note: string } {
  const tree = new MerkleTree();
  for (let at = 0; at < size; at += 1) tree.push(leafHash(Buffer.from(`${at}${at >= forkAt ? ' forged' : ''}`)));
  const hex = (hash: Uint8Array): Sha256 => Buffer.from(hash).toString('hex') as Sha256;
  const root = hex(tree.root());
  return {
    origin: ORIGIN,
    size,
    root,
    note: signCheckpoint({ origin: ORIGIN, size, root }, key),
    consistency: (oldSize) => ({
      oldSize,
      newSize: size,
      hashes: consistencyHashes(tree.nodeAt, oldSize, size).map(hex),
    }),
  };
}

let disk: MemoryDisk;
const read = () => readAnchors(disk, '/anchors', ORIGIN, ({ note }) => isSignedBy(note, verifier));

beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/anchors');
  for (const size of [0, 3, 8]) await addAnchor(disk, '/anchors', logOf(size).note);
});

test.each([
  ['the same log', logOf(8), ['same history', 'same history', 'same history']],
  ['the log as it went on', logOf(21), ['same history', 'same history', 'same history']],
  ['a log that was rolled back', logOf(5), ['same history', 'same history', 'ahead of this log']],
  ['a log forked before all anchors', logOf(21, 1), ['same history', 'another history', 'another history']],
  ['a log forked between two anchors', logOf(21, 5), ['same history', 'same history', 'another history']],
  ['a log forked behind the last anchor', logOf(21, 9), ['same history', 'same history', 'same history']],
])('%s', async (_, log, wanted) => {
  const anchors = await read();
  expect(anchors.map(({ checkpoint }) => checkpoint && compareWith(log, checkpoint))).toEqual(wanted);
});

test('an anchor stays as it is when another checkpoint of its size comes', async () => {
  const before = await read();
  expect(await addAnchor(disk, '/anchors', logOf(8, 2).note)).toBeUndefined();
  expect(await read()).toEqual(before);
});

test('what no key of the log signed, another log and nonsense are named', async () => {
  const [path = ''] = disk.files();
  const folder = path.slice(0, path.lastIndexOf('/'));
  const stranger = generateKey('x', 'ed25519');
  const forged = signCheckpoint({ origin: ORIGIN, size: 9, root: logOf(9).root }, stranger);
  await disk.write(`${folder}/a.checkpoint`, Buffer.from(forged));
  await disk.write(`${folder}/b.checkpoint`, Buffer.from('hello\n'));
  await disk.write(
    `${folder}/c.checkpoint`,
    Buffer.from(signCheckpoint({ origin: 'example.org/other', size: 1, root: logOf(1).root }, key)),
  );
  const problems = (await read()).flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  expect(problems).toEqual([
    'no known key of the log signed it',
    expect.stringContaining('not a signed note') as string,
    'it is of the log example.org/other',
  ]);
});

test('logs whose names look alike as folders do not meet', async () => {
  await addAnchor(disk, '/anchors', signCheckpoint({ origin: 'example.org-log', size: 3, root: logOf(3).root }, key));
  expect(await read()).toHaveLength(3);
});
