import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { auc } from './auc.js';
import { boostedTrees } from './boosted-trees.js';
import { stratifiedFolds } from './folds.js';
import { isotonicRegression } from './isotonic-regression.js';
import { logisticRegression } from './logistic-regression.js';
import { normalMatrix, oracleData } from './testing/oracle.js';

const { matrix, labels, third, curveX, rounded, curveY, weights } = oracleData();

describe('logistic regression', () => {
  it('gives the probabilities of scikit-learn (C = 1, standardised columns)', () => {
    const { values } = logisticRegression(matrix, labels, 3).probabilities(matrix);
    const expected = [
      [0, 0.0728229639278247, 0.9269687595130861, 0.00020827655908923397],
      [1, 0.025066241960006435, 0.9604504598533139, 0.014483298186679624],
      [60, 3.760622898130621e-6, 0.10486201529505412, 0.8951342240820478],
      [119, 0.10490651833266357, 0.8947884002608001, 0.00030508140653634226],
    ] as const;
    for (const [row, ...probabilities] of expected)
      for (const [k, p] of probabilities.entries()) expect(values[row * 3 + k]).toBeCloseTo(p, 4);
  });

  it('survives constant columns, separable classes and a class without rows', () => {
    const separable = { rows: 6, columns: 2, values: Float64Array.from([1, 5, 2, 5, 3, 5, 11, 5, 12, 5, 13, 5]) };
    const { values } = logisticRegression(separable, [0, 0, 0, 2, 2, 2], 3).probabilities(separable);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values[0]).toBeGreaterThan(0.8);
    expect(values[1]).toBeLessThan(0.05);
  });

  it.each([
    ['NaN', Float64Array.from([1, Number.NaN]), [0, 1]],
    ['a label that is no class', Float64Array.from([1, 2]), [0, 2]],
    ['too few labels', Float64Array.from([1, 2]), [0]],
  ])('refuses %s', (_, values, given) => {
    expect(() => logisticRegression({ rows: 2, columns: 1, values }, given, 2)).toThrow(
      expect.objectContaining({ code: 'STATS_INPUT' }),
    );
  });
});

describe('boosted trees', () => {
  it('learn an interaction that no line can separate', () => {
    const train = normalMatrix(2000, 3, 1);
    const test = normalMatrix(1000, 3, 2);
    const xor = ({ values, rows }: typeof train): number[] =>
      Array.from({ length: rows }, (_, i) => Number((values[3 * i] as number) * (values[3 * i + 1] as number) > 0));
    expect(auc(boostedTrees(train, xor(train)).probabilities(test), xor(test)).auc).toBeGreaterThan(0.97);
    const line = logisticRegression(train, xor(train), 2)
      .probabilities(test)
      .values.filter((_, i) => i % 2 === 1);
    expect(auc(Float64Array.from(line), xor(test)).auc).toBeLessThan(0.6);
  });

  it('do not change when a column is stretched', () => {
    const of = normalMatrix(300, 2, 3);
    const y = Array.from({ length: 300 }, (_, i) => Number((of.values[2 * i] as number) > 0.3));
    const stretched = { ...of, values: of.values.map(Math.exp) };
    expect(boostedTrees(stretched, y).probabilities(stretched)).toEqual(boostedTrees(of, y).probabilities(of));
  });

  it('stay finite when all labels are the same and all columns constant', () => {
    const of = { rows: 50, columns: 1, values: new Float64Array(50) };
    const [p] = boostedTrees(of, new Uint8Array(50)).probabilities(of);
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(0.05);
  });

  it('refuse labels other than 0 and 1', () => {
    expect(() => boostedTrees(normalMatrix(3, 1, 1), [0, 1, 2])).toThrow(
      expect.objectContaining({ code: 'STATS_INPUT' }),
    );
  });
});

describe('area under the curve', () => {
  it('gives the value of scikit-learn and the standard error of DeLong', () => {
    const found = auc(
      third.map((value) => Math.round(value * 20) / 20),
      labels.map((label) => Number(label >= 1)),
    );
    expect(found).toMatchObject({ positives: 102, negatives: 18 });
    expect(found.auc).toBeCloseTo(0.8248910675381264, 14);
    expect(found.standardError).toBeCloseTo(0.039387987481778894, 14);
    expect(found.low).toBeLessThan(found.auc);
    expect(found.high).toBeGreaterThan(found.auc);
  });

  it('counts pairs, whatever the scores', () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1)), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(cases, (pairs) => {
        const [up, down] = [1, 0].map((of) => pairs.filter(([, label]) => label === of).map(([score]) => score)) as [
          number[],
          number[],
        ];
        fc.pre(up.length > 0 && down.length > 0);
        const wins = up.flatMap((a) => down.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const found = auc(
          Float64Array.from(pairs, ([score]) => score),
          pairs.map(([, label]) => label),
        );
        expect(found.auc).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
        expect(found.low).toBeLessThanOrEqual(found.auc + 1e-12);
        expect(found.high).toBeGreaterThanOrEqual(found.auc - 1e-12);
      }),
    );
  });

  it('does not promise perfection from ten pairs told apart without a fault', () => {
    const found = auc(
      Float64Array.from({ length: 20 }, (_, i) => i),
      Array.from({ length: 20 }, (_, i) => Number(i >= 10)),
    );
    expect(found).toMatchObject({ auc: 1, high: 1 });
    expect(found.low).toBeCloseTo(0.025 ** 0.1, 12);
  });

  it('covers the true area in about 95 of 100 samples', () => {
    // Two normals one standard deviation apart: area Phi(1 / sqrt 2) = 0.7602.
    const runs = 400;
    let covered = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const scores = Float64Array.from([
        ...normalMatrix(40, 1, seed, 1).values,
        ...normalMatrix(60, 1, seed + 9999).values,
      ]);
      const { low, high } = auc(
        scores,
        scores.map((_, i) => Number(i < 40)),
      );
      if (low <= 0.7602 && 0.7602 <= high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.92);
    expect(covered / runs).toBeLessThan(0.98);
  });

  it('refuses one class', () => {
    expect(() => auc(Float64Array.of(1, 2), [1, 1])).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
  });
});

describe('isotonic regression', () => {
  const places = [-1, 0.05, 0.33, 0.5, 0.77, 0.95, 2];

  it('gives the curve of scikit-learn, with ties and weights of 0', () => {
    const curve = isotonicRegression(rounded, curveY, weights);
    const expected = [
      0.6388952518813312, 0.6388952518813312, 0.7390769458224755, 0.7711834776506294, 1.0767772021109019,
      1.119561032159254, 1.119561032159254,
    ];
    for (const [i, at] of places.entries()) expect(curve.at(at)).toBeCloseTo(expected[i] as number, 10);
  });

  it('gives the curve of scikit-learn without ties', () => {
    const curve = isotonicRegression(curveX, curveY);
    const expected = [
      0.4436247139315432, 0.4436247139315432, 0.7298230498793629, 0.7349882261361925, 0.9748164158981276,
      1.3155625481856985, 1.3155625481856985,
    ];
    for (const [i, at] of places.entries()) expect(curve.at(at)).toBeCloseTo(expected[i] as number, 10);
  });

  it('never falls, stays within the values, and keeps their mean', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -5, max: 5 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(points, (pairs) => {
        const x = Float64Array.from(pairs, ([at]) => at);
        const y = Float64Array.from(pairs, ([, value]) => value);
        const { at, y: corners } = isotonicRegression(x, y);
        for (let i = 1; i < corners.length; i += 1)
          expect(corners[i]).toBeGreaterThanOrEqual((corners[i - 1] as number) - 1e-12);
        const fitted = x.reduce((sum, value) => sum + at(value), 0);
        expect(fitted).toBeCloseTo(
          y.reduce((sum, value) => sum + value, 0),
          8,
        );
        expect(at(-1e9)).toBeGreaterThanOrEqual(Math.min(...y) - 1e-12);
        expect(at(1e9)).toBeLessThanOrEqual(Math.max(...y) + 1e-12);
      }),
    );
  });

  it.each([
    ['no weight', Float64Array.of(1), Float64Array.of(1), Float64Array.of(0)],
    ['a negative weight', Float64Array.of(1), Float64Array.of(1), Float64Array.of(-1)],
    ['NaN', Float64Array.of(Number.NaN), Float64Array.of(1), undefined],
    ['different lengths', Float64Array.of(1, 2), Float64Array.of(1), undefined],
  ])('refuses %s', (_, x, y, w) => {
    expect(() => isotonicRegression(x, y, w)).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
  });
});

describe('folds', () => {
  it('spread every class evenly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 10, maxLength: 80 }),
        fc.integer(),
        (of, seed) => {
          const fold = stratifiedFolds(of, 5, seed);
          for (const label of new Set(of)) {
            const counts = [0, 1, 2, 3, 4].map((f) => of.filter((l, i) => l === label && fold[i] === f).length);
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
