// Whose key is it: the right one, and every wrong one with the same answer to its sender.
import { createHmac, randomBytes } from 'node:crypto';
import { serialize, deserialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal } from '../../door/refusal.js';
import { manyKeys } from '../testing/many-keys.js';
import { makeKey } from './key-edits.js';
import type { KeyHolder } from './key-file.js';
import { encodeKeyList } from './key-file.js';
import { keyHasher, pepperMark } from './key-hash.js';
import { openKeyRing, openPackedKeys } from './key-ring.js';
import type { PackedKeys } from './packed-keys.js';
import { packKeys, packKeysInTurns } from './packed-keys.js';
import { mintKeyToken } from './key-token.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const HOUR = 3_600_000;
const pepper = randomBytes(32);
const make = (from: number, until: number): ReturnType<typeof makeKey> =>
  makeKey(pepper, randomBytes, { now: from, until });
const good = make(NOW - HOUR, NOW + HOUR);
const old = make(NOW - 2 * HOUR, NOW);
const early = make(NOW + HOUR, NOW + 2 * HOUR);
const lost = make(NOW - HOUR, NOW + HOUR);
const other = make(NOW - HOUR, NOW + HOUR);
const holders: readonly KeyHolder[] = [
  { principal: 'web', roles: ['infer', 'metadata'], group: 'acme', keys: [good.record, old.record, early.record] },
  {
    principal: 'batch',
    roles: ['infer'],
    keys: [{ ...lost.record, revokedAt: '2026-05-31T23:30:00Z' }, other.record],
  },
];
const bytes = encodeKeyList(pepperMark(pepper), holders);
const ring = openKeyRing(bytes, pepper);
const refusal = (token: string, now = NOW): Refusal => {
  const found = ring.find(token, now);
  if (!isRefusal(found)) throw new Error('this key was accepted');
  return found;
};

describe('a ring of keys', () => {
  it('finds whose key it is', () => {
    expect(ring.find(good.token, NOW)).toEqual({
      principal: 'web',
      roles: ['infer', 'metadata'],
      means: 'key',
      credential: good.record.id,
      group: 'acme',
      own: false,
    });
    expect(ring.find(other.token, NOW)).toMatchObject({ principal: 'batch', group: 'batch' });
    expect(ring.size).toBe(5);
  });

  it.each<readonly [string, string, RegExp]>([
    ['nothing', '', /broken/],
    ['a key cut short', good.token.slice(0, -1), /broken/],
    ['a key with a wrong checksum', `${good.token.slice(0, -6)}000000`, /broken/],
    ['a key in upper case', good.token.toUpperCase(), /broken/],
    ['a key that nobody has', mintKeyToken(randomBytes), /there is no API key/],
    ['another id with this secret', reissued(other.token.slice(4, 14), good.token), /secret is not that of/],
    ['this id with another secret', reissued(good.token.slice(4, 14), other.token), /secret is not that of/],
    ['a revoked key', lost.token, /of batch was revoked/],
    ['a key that ends now', old.token, /of web has expired/],
    ['a key that begins later', early.token, /of web does not count yet/],
  ])('refuses %s', (_, token, why) => {
    expect(refusal(token)).toEqual({
      refused: true,
      status: 401,
      code: 'unauthenticated',
      reason: expect.stringMatching(why) as string,
    });
  });

  it('does not tell a caller which of these it was', () => {
    const wrong = [good.token.slice(1), mintKeyToken(randomBytes), lost.token, old.token, early.token];
    const told = wrong
      .map((token) => refusal(token))
      .map(({ status, code, retryAfter }) => ({ status, code, retryAfter }));
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(new Set(wrong.map((token) => refusal(token).reason)).size).toBe(wrong.length);
  });

  it('never has a key in a reason', () => {
    for (const token of [lost.token, old.token, reissued(good.token.slice(4, 14), other.token)])
      expect(refusal(token).reason).not.toContain(token.slice(15, 40));
  });

  it('counts to the instant, and not at a time that is none', () => {
    expect(isRefusal(ring.find(old.token, NOW - 1))).toBe(false);
    expect(isRefusal(ring.find(early.token, NOW + HOUR))).toBe(false);
    expect(refusal(good.token, NaN).code).toBe('unauthenticated');
  });

  it('opens with the pepper that its hashes were made with, and no other', () => {
    const wrong = expect.objectContaining({ code: 'GATEWAY_PEPPER' }) as unknown;
    expect(() => openKeyRing(bytes, randomBytes(32))).toThrow(wrong);
    expect(() => openKeyRing(bytes, pepper.subarray(0, 31))).toThrow(wrong);
  });

  it('keeps a key as HMAC-SHA-256 of its whole text', () => {
    const expected = createHmac('sha256', pepper).update(good.token).digest();
    expect(keyHasher(pepper)(good.token)).toEqual(expected);
    expect(good.record.hash).toBe(expected.toString('hex'));
  });

  it('goes to another process packed, and answers the same', async () => {
    const packed = deserialize(serialize(await packKeysInTurns(bytes, pepper))) as PackedKeys;
    expect(packed).toEqual({ ...packKeys(bytes, pepper), rows: packed.rows });
    const there = openPackedKeys(packed, pepper);
    for (const { token } of [good, old, early, lost, other])
      expect(there.find(token, NOW)).toEqual(ring.find(token, NOW));
    expect([there.size, there.epoch]).toEqual([ring.size, ring.epoch]);
  });

  it('finds each of many, and has another epoch after a change', () => {
    const many = manyKeys(300, NOW);
    const large = openKeyRing(many.bytes, many.pepper);
    expect(large.size).toBe(3_000);
    many.tokens.forEach((token, at) =>
      expect(large.find(token, NOW)).toMatchObject({ principal: `principal-${at}`, group: `group-${at % 500}` }),
    );
    expect(openKeyRing(encodeKeyList(pepperMark(pepper), holders.slice(1)), pepper).epoch).not.toBe(ring.epoch);
  });

  it('may be empty', () => {
    const empty = openKeyRing(encodeKeyList(pepperMark(pepper), []), pepper);
    expect([empty.size, isRefusal(empty.find(good.token, NOW))]).toEqual([0, true]);
  });
});

/** A text with a right checksum whose id and secret do not belong together. */
function reissued(id: string, token: string): string {
  const digits = 'abcdefghijklmnopqrstuvwxyz234567';
  const bits = [...token.slice(15, 48)].reduce(
    (sum, digit) => sum * 62n + BigInt('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(digit)),
    0n,
  );
  const secret = Buffer.from(bits.toString(16).padStart(48, '0'), 'hex');
  return mintKeyToken((count) => (count === 10 ? Buffer.from([...id].map((digit) => digits.indexOf(digit))) : secret));
}
