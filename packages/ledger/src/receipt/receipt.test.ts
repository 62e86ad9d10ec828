// Receipts and log policies: what is written comes back, every changed bit is refused, and a quorum is counted as written.
import { VallumError, type Sha256 } from '@vallum/core';
import { generateKey, type SigningKey } from '@vallum/trust';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash } from '../merkle/hash.js';
import { inclusionHashes } from '../merkle/proofs.js';
import { MerkleTree } from '../merkle/tree.js';
import { signCheckpoint } from '../note/checkpoint.js';
import { cosign } from '../note/cosignature.js';
import { parseNote, rawEd25519 } from '../note/signed-note.js';
import { encodeVkey, readVkey, type VerifierKey } from '../note/vkey.js';
import { judgeCheckpoint, policyOf, readLogPolicy } from './log-policy.js';
import { readReceipt, writeReceipt } from './tlog-proof.js';
import { verifyReceipt } from './verify-receipt.js';

const ORIGIN = 'example.org/log';
const key = generateKey('log', 'ed25519');
const witnesses = ['w1', 'w2', 'w3'].map((name) => ({
  name: `example.net/${name}`,
  key: generateKey(name, 'ed25519'),
}));
const time = new Date('2026-11-22T10:00:00.700Z');

function verifier(name: string, { publicKey }: SigningKey, use: VerifierKey['use']): VerifierKey {
  return { name, publicKey: rawEd25519(publicKey.export({ type: 'spki', format: 'der' })), use };
}
const log = verifier(ORIGIN, key, 'log');
const [w1, w2, w3] = witnesses.map(({ name, key: own }) => verifier(name, own, 'witness')) as [
  VerifierKey,
  VerifierKey,
  VerifierKey,
];

const entries = Array.from({ length: 11 }, (_, at) => Buffer.from(`entry ${at}`));
function receiptOf(index: number, cosigners = 0): string {
  const tree = new MerkleTree();
  for (const entry of entries) tree.push(leafHash(entry));
  const checkpoint = signCheckpoint(
    { origin: ORIGIN, size: entries.length, root: tree.root().toString('hex') as Sha256 },
    key,
  );
  const lines = witnesses
    .slice(0, cosigners)
    .map(({ key: own }, at) => cosign(parseNote(checkpoint).text, [w1, w2, w3][at] ?? w1, own.privateKey, time));
  const hashes = inclusionHashes(tree.nodeAt, index, entries.length).map(
    (hash) => Buffer.from(hash).toString('hex') as Sha256,
  );
  return writeReceipt({ extra: entries[index] ?? Buffer.of(), index, hashes, checkpoint: checkpoint + lines.join('') });
}

describe('receipts', () => {
  test('every entry of a log is proven, with its own entry and no other', () => {
    for (const [index, entry] of entries.entries()) {
      const receipt = readReceipt(receiptOf(index));
      expect(verifyReceipt(receipt, policyOf([log], []))).toMatchObject({ accepted: true });
      expect(verifyReceipt(receipt, policyOf([log], []), entry)).toMatchObject({ accepted: true });
      expect(verifyReceipt(receipt, policyOf([log], []), Buffer.from('another'))).toMatchObject({ accepted: false });
    }
  });

  test('no flipped bit is accepted', () => {
    const bytes = Buffer.from(receiptOf(6, 1));
    const policy = policyOf([log], [w1]);
    expect(verifyReceipt(readReceipt(bytes.toString()), policy).accepted).toBe(true);
    let refused = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        if (!verifyReceipt(readReceipt(changed.toString('utf8')), policy).accepted) refused += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(VallumError);
        refused += 1;
      }
    }
    expect(refused).toBe(8 * bytes.length);
  });

  test('the layout is that of the specification', () => {
    const [header, extra, index, ...rest] = receiptOf(3).split('\n');
    expect([header, extra, index]).toEqual(['c2sp.org/tlog-proof@v1', 'extra ZW50cnkgMw==', 'index 3']);
    expect(rest.slice(0, 5).map((line) => line.length)).toEqual([44, 44, 44, 44, 0]);
    expect(rest[5]).toBe(ORIGIN);
  });

  test('property: any text is read or refused with a typed error', () => {
    const whole = receiptOf(3);
    const parts = fc.array(fc.constantFrom(whole, whole.slice(0, 90), 'index 9\n', 'extra A\n', '\n', '\n\n', 'AA=='));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((list) => list.join('')),
        ),
        (text) => {
          try {
            expect(writeReceipt(readReceipt(text))).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(VallumError);
          }
        },
      ),
    );
  });
});

describe('log policies', () => {
  const text = (quorum: string): string =>
    [
      '# who is believed',
      `log ${encodeVkey(log)} https://example.org`,
      `witness A ${encodeVkey(w1)}`,
      `witness B ${encodeVkey(w2)}`,
      `\twitness C ${encodeVkey(w3)} https://example.net/w3`,
      'group two 2 A B C',
      `quorum ${quorum}`,
      '',
    ].join('\n');

  test.each([
    ['none', 0, true],
    ['A', 0, false],
    ['A', 1, true],
    ['B', 1, false],
    ['two', 1, false],
    ['two', 2, true],
    ['two', 3, true],
  ])('the quorum %s with %i cosignatures: %s', (quorum, cosigners, accepted) => {
    const { read } = readReceipt(receiptOf(0, cosigners));
    expect(judgeCheckpoint(readLogPolicy(text(quorum)), read).accepted).toBe(accepted);
  });

  test('says when a witness cosigned, in whole seconds', () => {
    const answer = judgeCheckpoint(readLogPolicy(text('A')), readReceipt(receiptOf(0, 1)).read);
    expect(answer).toMatchObject({ accepted: true, cosigned: new Map([['A', new Date('2026-11-22T10:00:00Z')]]) });
  });

  test.each([
    ['no quorum', text('A').replace('quorum A\n', '')],
    ['two quorums', `${text('A')}quorum B\n`],
    ['a quorum of nobody', text('D')],
    ['an unknown line', `${text('A')}threshold 1\n`],
    ['a witness key as a log', text('A').replace('log ', 'witness log ').replace('witness A', 'log')],
    ['the same key twice', text('A').replace(encodeVkey(w2), encodeVkey(w1))],
    ['a name twice', text('A').replace('witness B', 'witness A')],
    ['a group of a later name', text('A').replace('2 A B C', '2 A D')],
    ['a threshold above the members', text('A').replace('2 A B C', '4 A B C')],
    ['a member of two groups', text('A').replace('quorum', 'group one 1 A\nquorum')],
    ['a mistyped key', text('A').replace('+A', '+B')],
  ])('refuses %s', (_, policy) => expect(() => readLogPolicy(policy)).toThrow(VallumError));

  test('a verifier key comes back, and a changed character is refused', () => {
    const vkey = encodeVkey(w1);
    expect(readVkey(vkey)).toEqual(w1);
    for (let at = 0; at < vkey.length; at += 1)
      expect(() => readVkey(`${vkey.slice(0, at)}${vkey[at] === 'a' ? 'b' : 'a'}${vkey.slice(at + 1)}`)).toThrow(
        VallumError,
      );
  });

  test('reads the published key of a log', () => {
    const sumdb = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
    expect(encodeVkey(readVkey(sumdb))).toBe(sumdb);
  });
});
