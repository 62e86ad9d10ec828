// The life of an issuer's keys by a clock in the test's hand: fresh, stale, gone, back; and how often the issuer is asked.
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../door/refusal.js';
import { ISSUER, issuerSettings, jwkOf, keySetBytes, makeSigner } from '../testing/issuer.js';
import type { Signer } from '../testing/issuer.js';
import type { KeySetTrouble } from './key-source.js';
import { KeySource } from './key-source.js';

const START = Date.parse('2026-06-01T00:00:00Z');
const k1 = makeSigner('k1', 'ES256');
const k2 = makeSigner('k2', 'ES256');

/** Fresh for 300 s, stale for 3,600 s more. */
function world(first: readonly Signer[] | Error = [k1]) {
  const at = { now: START };
  const published = { keys: first };
  const troubles: KeySetTrouble[] = [];
  let asked = 0;
  const load = (place: string): Promise<Uint8Array> => {
    asked += 1;
    expect(place).toBe(`${ISSUER}/keys`);
    const { keys } = published;
    return keys instanceof Error ? Promise.reject(keys) : Promise.resolve(keySetBytes(keys.map((one) => jwkOf(one))));
  };
  const source = new KeySource({
    settings: issuerSettings(),
    load,
    clock: () => new Date(at.now),
    onTrouble: (trouble) => troubles.push(trouble),
  });
  return {
    at,
    published,
    source,
    troubles: () => troubles.map(({ state }) => state),
    asked: () => asked,
    find: async (kid: string): Promise<string> => {
      const found = await source.find(kid, at.now);
      return isRefusal(found) ? found.code : found.kid;
    },
    /** Without waiting for an answer of the issuer. */
    findNow: (kid: string): string => {
      const found = source.find(kid, at.now);
      if (found instanceof Promise) return 'waits';
      return isRefusal(found) ? found.code : found.kid;
    },
  };
}

describe('the keys of an issuer', () => {
  it('are asked for once when many wait, and then known at once', async () => {
    const { find, findNow, asked } = world();
    expect(await Promise.all(Array.from({ length: 50 }, () => find('k1')))).toEqual(Array(50).fill('k1'));
    expect([findNow('k1'), asked()]).toEqual(['k1', 1]);
  });

  it('count while fresh, and while stale as the answer is awaited', async () => {
    const { at, find, findNow, asked, source } = world();
    await find('k1');
    at.now = START + 300_000;
    expect([findNow('k1'), asked()]).toEqual(['k1', 1]);
    at.now = START + 300_001;
    expect([findNow('k1'), findNow('k1'), asked()]).toEqual(['k1', 'k1', 2]);
    await source.refresh(at.now);
    expect([findNow('k1'), asked()]).toEqual(['k1', 2]);
  });

  it('that are gone count until the stale time ends, are asked for every ten seconds, and come back', async () => {
    const { at, published, find, findNow, asked, source, troubles } = world();
    await find('k1');
    published.keys = new Error('refused');
    at.now += 301_000;
    expect(findNow('k1')).toBe('k1');
    await source.refresh(at.now);
    expect([asked(), troubles()]).toEqual([2, ['unreachable']]);
    at.now += 9_999;
    expect([findNow('k1'), asked()]).toEqual(['k1', 2]);
    at.now += 1;
    expect([findNow('k1'), asked()]).toEqual(['k1', 3]);
    await source.refresh(at.now);
    at.now = START + 3_900_000;
    expect(findNow('k1')).toBe('k1');
    await source.refresh(at.now);
    at.now = START + 3_900_001;
    expect(findNow('k1')).toBe('unavailable');
    expect(source.find('k1', at.now)).toEqual({
      refused: true,
      status: 503,
      code: 'unavailable',
      reason: expect.stringMatching(/keys of https:\/\/issuer.example.com are not to be had/) as string,
      retryAfter: 10,
    });
    expect(troubles().filter((state) => state === 'gone')).toHaveLength(1);
    published.keys = [k1];
    at.now += 10_000;
    expect(await find('k1')).toBe('k1');
    expect(troubles().at(-1)).toBe('back');
  });

  it('that never were there are an outage, not a wrong token', async () => {
    const { at, published, find, findNow, troubles } = world(new Error('refused'));
    expect(await find('k1')).toBe('unavailable');
    expect([findNow('k1'), troubles()]).toEqual(['unavailable', ['unreachable']]);
    published.keys = [k1];
    at.now += 10_000;
    expect(await find('k1')).toBe('k1');
  });

  it('are asked for again for a kid that is new, and not for each that is made up', async () => {
    const { at, published, find, findNow, asked } = world();
    await find('k1');
    published.keys = [k1, k2];
    expect([findNow('k2'), asked()]).toEqual(['unauthenticated', 1]);
    at.now += 10_000;
    expect(await find('k2')).toBe('k2');
    expect(asked()).toBe(2);
    for (let at = 0; at < 1_000; at += 1) expect(findNow(`made-up-${at}`)).toBe('unauthenticated');
    expect(asked()).toBe(2);
  });

  it('that the issuer took back count no longer than they are fresh', async () => {
    const { at, published, find, source } = world([k1, k2]);
    await find('k1');
    published.keys = [k2];
    at.now += 301_000;
    await source.refresh(at.now);
    expect([await find('k2'), await find('k1')]).toEqual(['k2', 'unauthenticated']);
  });

  it('have an epoch that changes with them and not with every answer', async () => {
    const { at, published, source } = world([k1, k2]);
    await source.refresh(at.now);
    const { epoch } = source;
    published.keys = [k2, k1];
    at.now += 301_000;
    await source.refresh(at.now);
    expect([source.epoch, source.stands(epoch, at.now)]).toEqual([epoch, true]);
    published.keys = [makeSigner('k1', 'ES256'), k2];
    at.now += 301_000;
    await source.refresh(at.now);
    expect([source.epoch === epoch, source.stands(epoch, at.now)]).toEqual([false, false]);
  });

  it('tell when none of them can be used', async () => {
    const { at, source, find, troubles } = world([]);
    await source.refresh(at.now);
    expect([await find('k1'), troubles()]).toEqual(['unauthenticated', ['left-out']]);
  });

  it('do not stay fresh when the clock is set back', async () => {
    const { at, published, find, findNow, asked } = world();
    await find('k1');
    at.now -= 86_400_000;
    published.keys = new Error('refused');
    expect([findNow('k1'), asked()]).toEqual(['k1', 2]);
  });

  it('are waited for by a thousand, not by all the world', () => {
    const never = new KeySource({
      settings: issuerSettings(),
      load: () => new Promise(() => undefined),
      clock: () => new Date(START),
      onTrouble: () => undefined,
    });
    const found = Array.from({ length: 1_001 }, () => never.find('k1', START));
    expect(found.filter((one) => one instanceof Promise)).toHaveLength(1_000);
    expect(found.at(-1)).toMatchObject({ code: 'unavailable' });
  });
});
