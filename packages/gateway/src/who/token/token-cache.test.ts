// The cache of verified tokens: its bound, and that it answers for nothing that does not count.
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../door/caller.js';
import type { KeySource } from './key-source.js';
import type { VerifiedToken } from './token-cache.js';
import { TokenCache, tokenDigest } from './token-cache.js';

const caller = (principal: string): Caller => ({
  principal,
  roles: [],
  means: 'token',
  credential: 'x',
  group: principal,
  own: false,
});
const source = { stands: (epoch: number) => epoch === 1 } as unknown as KeySource;
const entry = (name: string, more: Partial<VerifiedToken> = {}): VerifiedToken => ({
  caller: caller(name),
  from: 0,
  until: 100,
  source,
  epoch: 1,
  ...more,
});

describe('the cache of tokens', () => {
  it('never holds more than its limit, and gives up what was not used longest', () => {
    const cache = new TokenCache(3);
    for (const name of ['a', 'b', 'c']) cache.keep(name, entry(name));
    cache.find('a', 1);
    cache.keep('d', entry('d'));
    expect(cache.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((name) => cache.find(name, 1)?.principal)).toEqual(['a', undefined, 'c', 'd']);
    for (let at = 0; at < 1_000; at += 1) cache.keep(String(at), entry('x'));
    expect(cache.size).toBe(3);
  });

  it('gives up what ended, and what was verified with other keys', () => {
    const cache = new TokenCache(3);
    cache.keep('ended', entry('a'));
    cache.keep('other', entry('b', { epoch: 0 }));
    cache.keep('later', entry('c', { from: 200, until: 300 }));
    expect(['ended', 'other', 'later'].map((name) => cache.find(name, 100))).toEqual([undefined, undefined, undefined]);
    expect(cache.size).toBe(0);
  });

  it('knows tokens by their SHA-256', () => {
    expect(Buffer.from(tokenDigest('abc'), 'latin1').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
