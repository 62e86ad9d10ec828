// Each detector alone: what it speaks up about, and the honest twin that it keeps quiet about.
import { mulberry32, normalQuantile } from '@vallum/stats';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.js';
import { Coverage } from './coverage.js';
import { detectorFacts } from './facts.js';
import type { DetectorId } from './facts.js';
import { Span, UsualCost } from './flood.js';
import { Links } from './links.js';
import { Lineages } from './lineages.js';
import { QueryMemory } from './memory.js';
import { Pairs } from './pairs.js';
import { Population } from './population.js';
import { Prada } from './prada.js';
import { noisy, picture, query } from './testing/pictures.js';
import { Trial } from './trial.js';
import { Confidences, Unsure } from './unsure.js';

const threshold = (id: DetectorId): number => detectorFacts(id).threshold;

describe('PRADA', () => {
  const spoken = (distances: readonly number[]): number[] => {
    const prada = new Prada();
    return distances.map((distance) => prada.add(distance)).filter((lack) => lack !== undefined);
  };
  it('passes distances that are spread normally, and tells of two heaps of them', () => {
    const random = mulberry32(1);
    const normal = Array.from({ length: 400 }, () => 5 + normalQuantile(0.001 + 0.998 * random()));
    expect(Math.max(...spoken(normal))).toBeLessThan(threshold('prada'));
    expect(Math.max(...spoken(normal.map((d, i) => (i % 2 === 0 ? d / 20 : d))))).toBeGreaterThan(threshold('prada'));
  });

  it('needs 100 distances, and says nothing about equal or infinite ones', () => {
    expect(spoken(Array.from({ length: 99 }, (_, i) => i))).toEqual([]);
    expect(spoken(Array.from({ length: 300 }, () => 1))).toEqual([]);
    expect(spoken(Array.from({ length: 300 }, () => Infinity))).toEqual([]);
  });
});

describe('coverage', () => {
  const far = (i: number): Float32Array => Float32Array.from({ length: 64 }, (_, k) => (k === i % 64 ? 5 : 0));
  it('counts far places once each, and only when far queries are no rarity', () => {
    const coverage = new Coverage();
    const places = Array.from({ length: 40 }, (_, i) =>
      coverage.add(query(picture(Math.random), { means: far(i >> 1), at: i }), true, 1),
    );
    expect(places.filter((count) => count !== undefined).at(-1)).toBeCloseTo(20, 3);
    const rare = new Coverage();
    const told = Array.from({ length: 2_000 }, (_, i) =>
      rare.add({ ...query(new Float32Array(784)), means: far(i / 50), at: i }, i % 50 === 0, 1),
    );
    expect(told.slice(200).every((count) => count === undefined)).toBe(true);
  });

  it('forgets within days', () => {
    const coverage = new Coverage();
    const base = query(new Float32Array(784));
    for (let i = 0; i < 20; i += 1) coverage.add({ ...base, means: far(i), at: 0 }, true, 1);
    expect(coverage.add({ ...base, means: far(21), at: 4 * 86_400_000 }, true, 1)).toBeLessThan(3);
  });
});

describe('pairs and membership', () => {
  it('tell of many unrelated inputs with copies, one in time of another, not of single inputs', () => {
    const pairs = new Pairs();
    for (let i = 0; i < 50; i += 1) for (const copies of [0, 1, 2, 3, 4]) pairs.add(copies, i);
    expect(pairs.pairs).toBeGreaterThan(threshold('pairs'));
    expect(pairs.asked).toBeGreaterThan(threshold('membership'));
    const single = new Pairs();
    for (let i = 0; i < 500; i += 1) single.add(i % 20 === 0 ? 1 : 0, i);
    expect(single.pairs).toBe(0);
    expect(single.asked).toBe(0);
  });
});

describe('a memory of queries', () => {
  it('finds the nearest, counts neighbours with other answers, and forgets the oldest of 256', () => {
    const memory = new QueryMemory();
    const at = (value: number): Float32Array => new Float32Array(64).fill(value);
    for (let i = 0; i < 300; i += 1) memory.add(at(i), i % 2, i, true);
    const found = memory.find(at(100.2), 0, 10);
    expect(found.distance).toBeCloseTo(1.6, 3);
    expect([found.count, found.crowd, found.mixed]).toEqual([256, 3 / 256, 2 / 256]);
    expect(memory.find(at(0), 0, 0).distance).toBeCloseTo(44 * 8, 3);
    expect(memory.find(at(100.5), 0, 5).mixed).toBeCloseTo(1 / 256, 6);
  });

  it('knows a repetition', () => {
    const memory = new QueryMemory();
    expect([7, 8, 7].map((content) => memory.repeats(content))).toEqual([false, false, true]);
  });
});

describe('a trial', () => {
  const run = (of: (i: number) => { label: number; confidence: number }, every = 100): Trial => {
    const trial = new Trial();
    for (let i = 0; i < 120; i += 1) trial.add({ ...of(i), at: i * every });
    return trial;
  };
  it('shows a search by label, and not the same at the pace of a sensor', () => {
    const tips = (i: number) => ({ label: i % 2, confidence: 0.5 });
    expect(run(tips).flips).toBeGreaterThan(threshold('probing'));
    expect(run(tips, 600_000).flips).toBeLessThan(threshold('probing'));
  });

  it('shows a search by confidence, up or down, and not a straight road', () => {
    const search = (i: number, sign: number) => ({
      label: 1,
      confidence: 0.5 + sign * (i / 300) - (i % 3 === 0 ? 0 : sign * 0.3),
    });
    expect(run((i) => search(i, 1)).rises).toBeGreaterThan(threshold('climb'));
    expect(run((i) => ({ ...search(i, -1), confidence: 1 - search(i, 1).confidence })).falls).toBeGreaterThan(
      threshold('descent'),
    );
    expect(run((i) => ({ label: 1, confidence: 1 - i / 130 })).falls).toBe(0);
  });
});

describe('what is usual', () => {
  it('a flood is many times what others cost, for minutes; a batch is over before', () => {
    const usual = new UsualCost();
    for (let i = 0; i < 600; i += 1) usual.add(10);
    const span = new Span();
    const times = Array.from({ length: 5_000 }, (_, i) => span.add(i * 100, 1, 1, usual));
    expect(times.slice(0, 2_900).every((value) => value === undefined)).toBe(true);
    expect(times.at(-1)).toBeGreaterThan(threshold('flood'));
  });

  it('unsure answers are told from those of others, whatever one caller sends', () => {
    const usual = new Confidences();
    const random = mulberry32(2);
    for (let i = 0; i < 3_000; i += 1) usual.add(0.7 + 0.3 * random(), 0);
    const before = usual.low;
    for (let i = 0; i < 3_000; i += 1) usual.add(0.1, 1_000);
    expect(usual.low).toBe(before);
    const [unsure, sure] = [new Unsure(), new Unsure()];
    const shares = Array.from({ length: 200 }, () => [unsure.add(0.5, before!), sure.add(0.95, before!)]);
    expect(shares.at(-1)).toEqual([1, 0]);
    expect(shares[50]).toEqual([undefined, undefined]);
  });

  it('a baseline of callers waits for 20 of them, and no single one shapes it', () => {
    const random = mulberry32(3);
    const alone = new Population(random);
    for (let i = 0; i < 3_000; i += 1) alone.admit('eve', query(picture(random)).means);
    expect(alone.baseline).toBeUndefined();
    const many = new Population(random);
    for (let i = 0; i < 2_000; i += 1) many.admit(`p${i % 50}`, query(picture(random)).means);
    expect(many.baseline?.cell).toBeGreaterThan(0);
  });
});

describe('families and links', () => {
  it('five shared families link two accounts, four do not', () => {
    const [lineages, links, random] = [new Lineages(), new Links(), mulberry32(4)];
    for (let i = 0; i < 5; i += 1) {
      expect(links.of('oip/m', 'a')).toEqual(['a']);
      const x = picture(random);
      links.entered(lineages.join(query(x, { principal: 'a' })), 'a');
      const copy = query(noisy(x, 0.005, random), { principal: 'b' });
      const family = lineages.find(copy, 0);
      expect(family).toBeDefined();
      links.entered(lineages.join(copy, family), 'b');
    }
    expect(links.of('oip/m', 'a')).toEqual(['a', 'b']);
    expect(links.of('oip/other', 'a')).toEqual(['a']);
  });

  it('a few popular pictures among many do not link', () => {
    const [lineages, links, random] = [new Lineages(), new Links(), mulberry32(6)];
    for (let i = 0; i < 300; i += 1) {
      const x = picture(random);
      for (const principal of i % 25 === 0 ? ['a', 'b'] : [i % 2 === 0 ? 'a' : 'b']) {
        const one = query(noisy(x, 0.005, random), { principal });
        links.entered(lineages.join(one, lineages.find(one, 0)), principal);
      }
    }
    expect(links.of('oip/m', 'a')).toEqual(['a']);
  });

  it('families end after a day, and stay on their route', () => {
    const [lineages, random] = [new Lineages(), mulberry32(5)];
    const x = picture(random);
    lineages.join(query(x, { at: 0 }));
    expect(lineages.find(query(x, { at: 1_000 }), 0)).toBeDefined();
    expect(lineages.find(query(x, { at: 1_000, route: 'oip/other' }), 0)).toBeUndefined();
    expect(lineages.find(query(x, { at: 25 * 3_600_000 }), 0)).toBeUndefined();
  });
});

describe('a bounded map', () => {
  it('keeps the last used', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 5 }),
        (keys, most) => {
          const map = new BoundedMap<number, number>(most);
          keys.forEach((key, i) => map.set(key, i));
          expect(map.size).toBeLessThanOrEqual(most);
          const last = [...new Set([...keys].reverse())].slice(0, most);
          for (const key of last) expect(map.peek(key)).toBe(keys.lastIndexOf(key));
        },
      ),
    );
  });
});
