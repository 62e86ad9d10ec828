// The desk with attackers and their honest twins: who searches for a boundary moves, who films, drifts, repeats or is merely new
// does not; accounts that take turns stand together; our own assessments stay where they are.
import { mulberry32 } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import type { DetectorDesk } from './desk.js';
import type { DetectorId } from './facts.js';
import type { Change } from './scorer.js';
import type { QuerySketch } from './sketch.js';
import { baselineOf, desk, noisy, picture, query } from './testing/pictures.js';

/** Which side of a plane through `x`: an answer that tips over with noise, as it does near a boundary. */
function side(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += ((y[i] as number) - (x[i] as number)) * (i % 2 === 0 ? 1 : -1);
  return sum > 0 ? 1 : 0;
}

function probe(at: DetectorDesk, count: number, who: (i: number) => Partial<QuerySketch>): readonly Change[] {
  const random = mulberry32(9);
  const x = picture(random);
  const changes: Change[] = [];
  for (let i = 0; i < count; i += 1) {
    const y = noisy(x, 0.01, random);
    changes.push(...at.observe(query(y, { label: side(x, y), confidence: 0.51, ...who(i) })));
  }
  return changes;
}

const told = (changes: readonly Change[]): Set<DetectorId> =>
  new Set(changes.flatMap(({ signals }) => signals.map(({ detector }) => detector)));

describe('a search for a boundary', () => {
  it('is seen within 60 queries, degraded and then blocked', () => {
    const at = desk();
    const changes = probe(at, 200, () => ({}));
    expect(told(changes.slice(0, 1))).toEqual(new Set(['probing']));
    expect(changes.map(({ to }) => to)).toEqual(['tighten', 'degrade', 'block']);
    const [first] = changes;
    expect(first?.signals[0]?.decisions).toHaveLength(20);
    const early = desk();
    expect(probe(early, 60, () => ({}))).not.toEqual([]);
  });

  it('hides nothing by taking turns between accounts', () => {
    const at = desk();
    const changes = probe(at, 300, (i) => ({ principal: `p${i % 5}` }));
    expect(new Set(changes.filter(({ to }) => to === 'degrade').map(({ principal }) => principal)).size).toBe(5);
  });

  it('hides nothing among other queries', () => {
    const at = desk();
    const random = mulberry32(77);
    const changes = probe(at, 120, () => {
      at.observe(query(picture(random), { label: 0, confidence: 0.9 }));
      return {};
    });
    expect(changes.map(({ to }) => to)).toContain('degrade');
  });

  it('leaves our own assessments and other callers where they are', () => {
    const at = desk();
    const changes = probe(at, 200, () => ({ own: true }));
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.every(({ to, held }) => to === 'observe' && held === 'own')).toBe(true);
    expect(at.postures.size).toBe(0);
  });

  it('says nothing on a route that is not watched', () => {
    expect(probe(desk(), 100, () => ({ route: 'oip/other' }))).toEqual([]);
  });
});

describe('honest twins', () => {
  it('a film whose answer stays is no search', () => {
    const at = desk();
    expect(probe(at, 400, () => ({ label: 3, confidence: 0.8 }))).toEqual([]);
  });

  it('a sensor that drifts over a boundary once is no search', () => {
    const at = desk();
    const random = mulberry32(5);
    const [from, to] = [picture(random), picture(random)];
    for (let i = 0; i < 288; i += 1) {
      const x = from.map((value, k) => value + (i / 288) * ((to[k] as number) - value));
      const label = i + 20 * random() > 150 ? 1 : 0;
      expect(at.observe(query(noisy(x, 0.01, random), { label, confidence: 0.6, at: i * 300_000 }))).toEqual([]);
    }
  });

  it('the same request over and over, from everybody, links nobody and moves nobody', () => {
    const at = desk();
    const random = mulberry32(6);
    const known = Array.from({ length: 20 }, () => picture(random));
    for (let i = 0; i < 600; i += 1) {
      const x = known[i % 20] as Float32Array;
      expect(at.observe(query(x, { principal: `p${i % 7}`, label: i % 20, confidence: 0.9 }))).toEqual([]);
    }
    expect(probe(at, 100, () => ({ principal: 'p0' })).map(({ principal }) => principal)).not.toContain('p1');
  });

  it('many different pictures are what callers send', () => {
    const at = desk();
    const random = mulberry32(8);
    for (let i = 0; i < 300; i += 1)
      expect(at.observe(query(picture(random), { label: i % 10, confidence: 0.9 }))).toEqual([]);
  });
});

describe('theft', () => {
  const made = (random: () => number): Float32Array => {
    const part = random();
    return Float32Array.from({ length: 784 }, (_, i) =>
      Math.floor(i / 98) % 2 === Math.floor(part * 2) ? random() : part,
    );
  };

  it('with made-up inputs is seen by where they lie', () => {
    const at = desk();
    const random = mulberry32(4);
    const changes = Array.from({ length: 200 }, () =>
      at.observe(query(made(random), { label: 1, confidence: 0.9 })),
    ).flat();
    expect(changes.length).toBeGreaterThan(0);
    expect([...told(changes)].some((id) => id === 'coverage' || id === 'crowd' || id === 'tethered')).toBe(true);
  });

  it('with inputs made of earlier ones is seen by what they hang on to', () => {
    const at = desk();
    const random = mulberry32(4);
    const seeds = Array.from({ length: 90 }, () => picture(random));
    const changes: Change[] = [];
    for (let round = 0; round < 4; round += 1)
      for (const seed of seeds) {
        const x =
          round === 0 ? seed : seed.map((value) => Math.min(1, Math.max(0, value + (random() < 0.5 ? 0.12 : -0.12))));
        changes.push(...at.observe(query(x, { label: 2, confidence: 0.9 })));
      }
    expect([...told(changes)].some((id) => ['tethered', 'pairs', 'membership', 'prada'].includes(id))).toBe(true);
  });
});

describe('a route without training sketches', () => {
  it('learns from its callers, and finds what it would have found', () => {
    const at = desk({ routes: new Map([['oip/m', { most: 'block' }]]) });
    const random = mulberry32(12);
    for (let i = 0; i < 600; i += 1)
      at.observe(query(picture(random), { principal: `p${i % 40}`, label: 0, confidence: 0.9 }));
    expect(probe(at, 100, () => ({ principal: 'eve' })).map(({ to }) => to)).toContain('degrade');
  });
});

describe('a baseline', () => {
  it('knows near from far, and refuses what says nothing', () => {
    const baseline = baselineOf(1);
    expect(baseline.near).toBeLessThan(baseline.cell);
    expect(baseline.cell).toBeLessThan(baseline.far);
    const random = mulberry32(99);
    expect(baseline.nearest(query(picture(random)).means)).toBeLessThan(2 * baseline.far);
  });
});
