// The text of an API key: what it looks like, and that nothing else passes for one.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_TOKEN_LENGTH, keyIdOf, keyIdOfNumber, keyNumber, looksLikeKey, mintKeyToken } from './key-token.js';

const bytes = (count: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: count, maxLength: count });
const token = fc
  .tuple(bytes(10), bytes(24))
  .map(([id, secret]) => mintKeyToken((count) => (count === 10 ? id : secret)));

describe('the text of a key', () => {
  it('property: has one length and letters and digits only, and gives its id', () => {
    fc.assert(
      fc.property(token, (text) => {
        expect(text).toMatch(/^vlm_[a-z2-7]{10}_[0-9A-Za-z]{33}_[0-9A-Za-z]{6}$/);
        expect(text).toHaveLength(KEY_TOKEN_LENGTH);
        expect(looksLikeKey(text)).toBe(true);
        expect(keyIdOf(text)).toBe(text.slice(4, 14));
      }),
    );
  });

  it('property: different secrets give different texts', () => {
    fc.assert(
      fc.property(bytes(24), bytes(24), (one, other) => {
        const id = new Uint8Array(10);
        const [a, b] = [one, other].map((secret) => mintKeyToken((count) => (count === 10 ? id : secret)));
        expect(a === b).toBe(Buffer.from(one).equals(Buffer.from(other)));
      }),
    );
  });

  it('property: one changed character is no key any more', () => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. \n';
    fc.assert(
      fc.property(token, fc.nat(KEY_TOKEN_LENGTH - 1), fc.constantFrom(...alphabet), (text, at, other) => {
        fc.pre(text[at] !== other);
        expect(keyIdOf(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
      }),
    );
  });

  it('property: whatever is longer, shorter or made up is no key', () => {
    fc.assert(
      fc.property(token, fc.string(), fc.nat(KEY_TOKEN_LENGTH - 1), (text, more, cut) => {
        expect(keyIdOf(text.slice(0, cut))).toBeUndefined();
        expect(keyIdOf(more)).toBeUndefined();
        if (more !== '') expect([keyIdOf(text + more), keyIdOf(more + text)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('has an id that is a number of its own, in the order of its digits', () => {
    expect([keyNumber('aaaaaaaaaa'), keyNumber('aaaaaaaaab'), keyNumber('aaaaaaaaa7')]).toEqual([0, 1, 31]);
    expect(keyNumber('7777777777')).toBe(2 ** 50 - 1);
    const ids = Array.from({ length: 1_000 }, () => keyIdOf(mintKeyToken(randomBytes)) ?? '');
    expect(new Set(ids.map(keyNumber)).size).toBe(new Set(ids).size);
    expect(ids.map(keyNumber).map(keyIdOfNumber)).toEqual(ids);
    expect([0, 2 ** 50 - 1].map(keyIdOfNumber)).toEqual(['aaaaaaaaaa', '7777777777']);
  });
});
