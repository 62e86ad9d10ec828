// Create, rotate, revoke: what the list is afterwards, and which changes are refused.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FreshKey } from './key-edits.js';
import { addKey, isOpen, makeKey, revokeKey, rotateKey } from './key-edits.js';
import type { KeyHolder } from './key-file.js';
import { checkHolder, MAX_KEYS_OF_ONE } from './key-file.js';

const NOW = Date.parse('2026-06-01T12:00:00.750Z');
const DAY = 86_400_000;
const pepper = randomBytes(32);
const fresh = (now = NOW, days = 90): FreshKey =>
  makeKey(pepper, randomBytes, { now, until: now + days * DAY, label: 'ci' });
const web = { principal: 'web', roles: ['infer'] };
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('changes to the list of keys', () => {
  it('create: counts at once, and never later than it was made', () => {
    const { record } = fresh();
    expect(record).toMatchObject({ notBefore: '2026-06-01T12:00:00Z', notAfter: '2026-08-30T12:00:00Z', label: 'ci' });
    const after = addKey([], { ...web, group: 'acme', name: 'Web' }, { token: '', record }, NOW);
    expect(after).toEqual([{ ...web, group: 'acme', name: 'Web', keys: [record] }]);
  });

  it('create: refuses somebody who has a key, and takes them again when it ended', () => {
    const first = addKey([], web, fresh(), NOW);
    expect(() => addKey(first, web, fresh(), NOW)).toThrow(code('GATEWAY_KEY_THERE'));
    const later = NOW + 91 * DAY;
    const second = addKey(first, { ...web, roles: ['metadata'] }, fresh(later), later);
    expect(second).toMatchObject([{ principal: 'web', roles: ['metadata'], keys: [{}, {}] }]);
  });

  it.each([
    [{ ...web, principal: 'a b' }],
    [{ ...web, principal: '' }],
    [{ ...web, roles: [] }],
    [{ ...web, roles: ['ADMIN'] }],
    [{ ...web, group: 'x/y' }],
    [{ ...web, name: 'x\u0007' }],
  ])('create: refuses %j', (draft) => {
    expect(() => addKey([], draft, fresh(), NOW)).toThrow(code('GATEWAY_KEY_FORM'));
  });

  it('rotate: the first key gets an end, the second counts, a third is refused', () => {
    const first = addKey([], web, fresh(), NOW);
    const second = rotateKey(first, 'web', fresh(), { now: NOW, overlap: DAY });
    const [holder] = second;
    expect(holder?.keys.map(({ notAfter }) => notAfter)).toEqual(['2026-06-02T12:00:00Z', '2026-08-30T12:00:00Z']);
    expect(() => rotateKey(second, 'web', fresh(), { now: NOW, overlap: DAY })).toThrow(code('GATEWAY_KEY_TWO'));
    const later = NOW + 2 * DAY;
    expect(rotateKey(second, 'web', fresh(later), { now: later, overlap: DAY })[0]?.keys).toHaveLength(3);
    expect(() => rotateKey(second, 'who', fresh(), { now: NOW, overlap: DAY })).toThrow(code('GATEWAY_PRINCIPAL'));
  });

  it('rotate: never makes a key last longer', () => {
    const first = addKey([], web, fresh(NOW, 1), NOW);
    const [holder] = rotateKey(first, 'web', fresh(), { now: NOW, overlap: 30 * DAY });
    expect(holder?.keys[0]?.notAfter).toBe('2026-06-02T12:00:00Z');
  });

  it('revoke: once, with a reason, and makes room for another key', () => {
    const one = fresh();
    const first = addKey([], web, one, NOW);
    const { holders, principal } = revokeKey(first, one.record.id, { now: NOW, reason: 'in a log' });
    expect(principal).toBe('web');
    expect(holders[0]?.keys[0]).toMatchObject({ revokedAt: '2026-06-01T12:00:00Z', revokedFor: 'in a log' });
    expect(() => revokeKey(holders, one.record.id, { now: NOW, reason: 'x' })).toThrow(code('GATEWAY_KEY_REVOKED'));
    expect(() => revokeKey(holders, 'aaaaaaaaaa', { now: NOW, reason: 'x' })).toThrow(code('GATEWAY_KEY_ID'));
    expect(() => revokeKey(first, one.record.id, { now: NOW, reason: 'a\u001b' })).toThrow(code('GATEWAY_KEY_FORM'));
    expect(addKey(holders, web, fresh(), NOW)[0]?.keys).toHaveLength(2);
  });

  it('property: whatever is done, two keys count at most, and twenty are kept', () => {
    const step = fc.tuple(fc.constantFrom('create', 'rotate', 'revoke'), fc.integer({ min: 0, max: 60 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let holders: readonly KeyHolder[] = [];
        let now = NOW;
        for (const [what, days] of steps) {
          now += days * DAY;
          const open = holders[0]?.keys.find((key) => isOpen(key, now))?.id ?? '';
          try {
            if (what === 'create') holders = addKey(holders, web, fresh(now, 30), now);
            else if (what === 'rotate') holders = rotateKey(holders, 'web', fresh(now, 30), { now, overlap: DAY });
            else ({ holders } = revokeKey(holders, open, { now, reason: 'x' }));
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^GATEWAY_/) as string });
          }
          const keys = holders[0]?.keys ?? [];
          expect(keys.filter((key) => isOpen(key, now)).length).toBeLessThanOrEqual(2);
          expect(keys.length).toBeLessThanOrEqual(MAX_KEYS_OF_ONE);
          for (const holder of holders) checkHolder(holder);
        }
      }),
      { numRuns: 40 },
    );
  });
});
