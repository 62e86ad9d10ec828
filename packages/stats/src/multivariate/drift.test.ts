import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../decomposition/symmetric-eigen.js';
import { clopperPearson } from '../intervals.js';
import { domainClassifier } from './domain-classifier.js';
import { takeRows } from './folds.js';
import { mmd } from './mmd.js';
import { pcaReconstruction } from './pca-reconstruction.js';
import { principalComponents } from './principal-components.js';
import { normalMatrix, oracleData } from './testing/oracle.js';
import type { Matrix } from '../matrix.js';

const { matrix } = oracleData();

/** Two columns with the given correlation, and one that is alone: only the joint distribution tells them apart. */
function correlated(rows: number, seed: number, rho: number): Matrix {
  const { values } = normalMatrix(rows, 3, seed);
  for (let i = 0; i < values.length; i += 3)
    values[i + 1] = rho * (values[i] as number) + Math.sqrt(1 - rho * rho) * (values[i + 1] as number);
  return { rows, columns: 3, values };
}

describe('principal components', () => {
  it('have the shares, directions and errors of scikit-learn', () => {
    const all = principalComponents(matrix, 1);
    const expected = [0.4934832009134338, 0.248018215321024, 0.23887643383968726, 0.019622149925854888];
    for (const [i, share] of expected.entries()) expect(all.shares[i]).toBeCloseTo(share, 12);
    const two = principalComponents(matrix, 0.7);
    expect(two.components.rows).toBe(2);
    const first = [0.6869135668709705, 0.6895367867817148, 0.10129835527364701, -0.20597916045610715];
    for (const [i, value] of first.entries()) expect(two.components.values[i]).toBeCloseTo(value, 9);
    const errors = two.errors(matrix);
    for (const [i, error] of [0.5812104219369881, 1.1123452489222811, 1.1968973260056663].entries())
      expect(errors[i]).toBeCloseTo(error, 9);
  });

  it('of constant columns have no direction and no error', () => {
    const constant = { rows: 3, columns: 2, values: Float64Array.from([0.1, 7, 0.1, 7, 0.1, 7]) };
    expect([...principalComponents(constant).errors(constant)]).toEqual([0, 0, 0]);
  });

  it('come from eigenvectors that give the matrix back', () => {
    const a = Float64Array.from([4, 1, 2, 1, 3, 0, 2, 0, 1]);
    const { values, vectors } = symmetricEigen(a, 3);
    for (let i = 0; i < 3; i += 1)
      for (let j = 0; j < 3; j += 1) {
        const back = [0, 1, 2].reduce(
          (sum, k) => sum + (values[k] as number) * (vectors[k * 3 + i] as number) * (vectors[k * 3 + j] as number),
          0,
        );
        expect(back).toBeCloseTo(a[i * 3 + j] as number, 12);
      }
  });
});

describe('reconstruction error', () => {
  it('sees a lost correlation that no single column shows', () => {
    const found = pcaReconstruction(correlated(600, 1, 0.95), correlated(300, 2, 0), { seed: 1 });
    expect(found.p).toBeLessThan(0.01);
    expect(found.currentError).toBeGreaterThan(found.referenceError);
  });

  it('seldom alarms where nothing changed', () => {
    expectCalibrated((seed) => {
      const [a, b] = [correlated(120, 2 * seed, 0.8), correlated(60, 2 * seed + 1, 0.8)];
      return pcaReconstruction(a, b, { seed, permutations: 99 }).p;
    });
  });
});

describe('domain classifier', () => {
  it.each(['trees', 'logistic'] as const)('with %s: finds a shift, with an interval above one half', (model) => {
    const found = domainClassifier(normalMatrix(300, 4, 1), normalMatrix(200, 4, 2, 0.5), { seed: 3, model });
    expect(found.p).toBeLessThan(1e-6);
    expect(found.low).toBeGreaterThan(0.6);
    expect(found.scores).toHaveLength(500);
  });

  it('with trees sees a lost correlation, which logistic regression cannot', () => {
    const [a, b] = [correlated(800, 1, 0.95), correlated(800, 2, 0)];
    expect(domainClassifier(a, b, { seed: 1 }).auc).toBeGreaterThan(0.7);
    expect(domainClassifier(a, b, { seed: 1, model: 'logistic' }).auc).toBeLessThan(0.6);
  });

  it('seldom alarms where nothing changed', () => {
    expectCalibrated((seed) => {
      const [a, b] = [normalMatrix(80, 3, 2 * seed + 1000), normalMatrix(60, 3, 2 * seed + 1001)];
      return domainClassifier(a, b, { seed, model: 'logistic' }).p;
    });
  });

  it('can deal the sides by lot instead of trusting the normal limit', () => {
    const [a, b] = [normalMatrix(60, 2, 5), normalMatrix(60, 2, 6, 1)];
    expect(domainClassifier(a, b, { seed: 1, model: 'logistic', permutations: 39 }).p).toBe(1 / 40);
  });

  it('refuses too few rows and different columns', () => {
    const refused = expect.objectContaining({ code: 'STATS_INPUT' }) as Error;
    expect(() => domainClassifier(normalMatrix(29, 2, 1), normalMatrix(60, 2, 2), { seed: 1 })).toThrow(refused);
    expect(() => domainClassifier(normalMatrix(60, 2, 1), normalMatrix(60, 3, 2), { seed: 1 })).toThrow(refused);
  });
});

describe('maximum mean discrepancy', () => {
  it('is the unbiased statistic, as NumPy adds it up', () => {
    const a = takeRows(
      matrix,
      Array.from({ length: 60 }, (_, i) => i),
    );
    const b = takeRows(
      matrix,
      Array.from({ length: 60 }, (_, i) => i + 60),
    );
    const scaled = { ...b, values: b.values.map((value) => value * 1.1) };
    const { statistic, sigma, method } = mmd(a, scaled, { seed: 1, permutations: 9 });
    expect(method).toBe('all-pairs');
    const kernel = (x: Matrix, i: number, y: Matrix, j: number): number => {
      let squared = 0;
      for (let k = 0; k < 4; k += 1)
        squared += ((x.values[i * 4 + k] as number) - (y.values[j * 4 + k] as number)) ** 2;
      return Math.exp(-squared / (2 * sigma * sigma));
    };
    let [within, across] = [0, 0];
    for (let i = 0; i < 60; i += 1)
      for (let j = 0; j < 60; j += 1) {
        if (i !== j) within += kernel(a, i, a, j) + kernel(scaled, i, scaled, j);
        across += kernel(a, i, scaled, j);
      }
    expect(statistic).toBeCloseTo(within / (60 * 59) - (2 * across) / 3600, 12);
  });

  it('sees a lost correlation, with all pairs and with random features', () => {
    for (const [rows, method] of [
      [300, 'all-pairs'],
      [1500, 'random-features'],
    ] as const) {
      const found = mmd(correlated(rows, 1, 0.9), correlated(rows, 2, 0), { seed: 1, permutations: 99 });
      expect(found.method).toBe(method);
      expect(found.p).toBe(0.01);
    }
  });

  it('seldom alarms where nothing changed', () => {
    expectCalibrated(
      (seed) => mmd(normalMatrix(50, 3, 2 * seed + 1), normalMatrix(30, 3, 2 * seed + 2), { seed, permutations: 99 }).p,
    );
  });

  it('says nothing where all rows are equal', () => {
    const same = { rows: 5, columns: 1, values: new Float64Array(5) };
    expect(mmd(same, same, { seed: 1, permutations: 19 })).toMatchObject({ statistic: 0, p: 1 });
  });

  it('refuses one row on a side', () => {
    const refused = expect.objectContaining({ code: 'STATS_INPUT' }) as Error;
    expect(() => mmd(normalMatrix(1, 2, 1), normalMatrix(5, 2, 2), { seed: 1 })).toThrow(refused);
  });
});

/** At most as many p <= 0.05 in 200 runs as a test of level 0.05 could give (99.99 % exact bound). */
function expectCalibrated(pOf: (seed: number) => number): void {
  const runs = 200;
  let alarms = 0;
  for (let seed = 0; seed < runs; seed += 1) if (pOf(seed) <= 0.05) alarms += 1;
  expect(clopperPearson(alarms, runs, 0.9999).low).toBeLessThanOrEqual(0.05);
}
