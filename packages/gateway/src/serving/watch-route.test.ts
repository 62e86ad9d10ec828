// One route that is looked at: what hangs, throws or happens in between never opens it.
import { sha256 } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { isEvidenceDue } from './evidence-due.js';
import type { IntegrityLook, VerdictLook, VerdictPass } from './looks.js';
import type { RoutePorts } from './watch-route.js';
import { RouteWatch } from './watch-route.js';

const MODEL = sha256('model');
const RULES = { by: 'store', atExpiry: 'alert', everyMs: 5_000, graceMs: 60_000 } as const;
const PASS: VerdictPass = {
  kind: 'pass',
  statement: sha256('v'),
  subject: MODEL,
  decidedAt: '2026-05-01T00:00:00Z',
  validUntil: '2026-07-01T00:00:00Z',
  size: 1,
};
const MATCH: IntegrityLook = { kind: 'match', subject: MODEL };

interface World {
  verdict: () => Promise<VerdictLook>;
  integrity: () => Promise<IntegrityLook>;
  incident: string | undefined;
}
function route(world: World, change: Partial<RoutePorts> = {}): RouteWatch {
  return new RouteWatch(RULES, {
    clock: () => new Date('2026-06-01T00:00:00Z'),
    verdict: () => world.verdict(),
    integrity: () => world.integrity(),
    incident: () => world.incident,
    verdictMs: 1_000,
    integrityMs: 1_000,
    ...change,
  });
}
const good = (): World => ({ verdict: async () => PASS, integrity: async () => MATCH, incident: undefined });

describe('a watched route', () => {
  it('is closed before the first look and open after a good one', async () => {
    const watched = route(good());
    expect(watched.gate.open).toBe(false);
    await watched.look();
    expect(watched.gate).toMatchObject({ open: true, subject: MODEL });
    expect(watched.integrity).toEqual(MATCH);
  });

  it('asks the model about the last verdict when the ledger cannot be read, and about none without one', async () => {
    const world = good();
    const asked: string[] = [];
    const watched = route(world, { integrity: async ({ subject }) => (asked.push(subject), MATCH) });
    world.verdict = () => Promise.reject(new Error('gone'));
    await watched.look();
    expect(asked).toEqual([]);
    world.verdict = async () => PASS;
    await watched.look();
    world.verdict = () => Promise.reject(new Error('gone'));
    await watched.look();
    expect(asked).toEqual([MODEL, MODEL]);
    expect(watched.gate.open).toBe(true);
    world.verdict = async () => ({ kind: 'revoked', reason: 'x' });
    await watched.look();
    expect(asked).toHaveLength(2);
    expect(watched.gate.open).toBe(false);
  });

  it('closes when the model cannot be looked at, and asks no second time while the first look hangs', async () => {
    const world = good();
    const watched = route(world, { integrityMs: 20 });
    await watched.look();
    let asked = 0;
    let release: (look: IntegrityLook) => void = () => undefined;
    world.integrity = () => {
      asked += 1;
      return new Promise((resolve) => (release = resolve));
    };
    await watched.look();
    expect(watched.gate).toMatchObject({ open: false });
    await watched.look();
    expect(asked).toBe(1);
    release(MATCH);
    world.integrity = async () => MATCH;
    await new Promise((resolve) => setImmediate(resolve));
    expect(watched.gate.open).toBe(false);
    await watched.look();
    expect(watched.gate.open).toBe(true);
  });

  it('closes for an incident at the next look, and opens at the one after it', async () => {
    const world = good();
    const watched = route(world);
    await watched.look();
    world.incident = 'VLM-7';
    expect((await watched.look()).raised).toHaveLength(1);
    expect(watched.gate).toEqual({ open: false, reason: 'an incident is open: VLM-7' });
    expect((await watched.look()).raised).toEqual([]);
    world.incident = undefined;
    await watched.look();
    expect(watched.gate.open).toBe(true);
  });

  it('gives those who ask meanwhile the look that is under way', async () => {
    const world = good();
    let asked = 0;
    world.verdict = async () => ((asked += 1), PASS);
    const watched = route(world);
    await Promise.all([watched.look(), watched.look()]);
    expect(asked).toBe(1);
  });
});

describe('evidence', () => {
  const mismatch: IntegrityLook = { kind: 'mismatch', reason: 'x' };
  const rows: readonly (readonly [IntegrityLook | undefined, IntegrityLook, number, boolean])[] = [
    [undefined, MATCH, 0, true],
    [MATCH, MATCH, 5_000, false],
    [MATCH, MATCH, 6 * 3_600_000, true],
    [MATCH, mismatch, 1, true],
    [mismatch, MATCH, 1, false],
    [mismatch, MATCH, 60_000, true],
    [mismatch, { kind: 'mismatch', reason: 'y' }, 59_999, false],
    [MATCH, MATCH, -1, true],
  ];
  it.each(rows)('after %j, %j is written %i ms later: %s', (before, look, ms, due) => {
    const last = before === undefined ? undefined : { at: 1_000, subject: MODEL, look: before };
    expect(isEvidenceDue(last, { at: 1_000 + ms, subject: MODEL, look })).toBe(due);
  });
});
