import { mulberry32 } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignLabels } from './align-labels.js';
import { estimateShifted } from './estimate-shifted.js';
import { fitCbpe } from './estimate.js';
import { certain, metricsOf, prepare } from './metrics.js';
import { realisedPerformance } from './realised.js';
import type { Labelled } from './scored.js';

/**
 * Rows with one feature x in [0, 1] and P(label 1) = x, except that x above 0.5 is noise in the second column's favour: the
 * model sees only x / 2 + 0.25, so it is never sure, and how wrong that is depends on where the rows lie.
 */
function world(rows: number, seed: number, centre: number): Labelled & { readonly features: Matrix } {
  const random = mulberry32(seed);
  const features = new Float64Array(rows * 2);
  const values = new Float64Array(rows * 2);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const hard = random() < centre;
    const x = random();
    const score = 0.25 + x / 2;
    features.set([x, hard ? 1 : 0], row * 2);
    values.set([1 - score, score], row * 2);
    // Hard rows are nearly coin tosses, easy ones nearly certain; the score does not say which is which.
    const p = hard ? 0.4 + 0.2 * x : x > 0.5 ? 0.97 : 0.03;
    labels[row] = random() < p ? 1 : 0;
  }
  const predicted = Int32Array.from(labels, (_, row) => ((values[row * 2 + 1] as number) >= 0.5 ? 1 : 0));
  return {
    probabilities: { rows, columns: 2, values },
    predicted,
    labels,
    features: { rows, columns: 2, values: features },
  };
}

const figure = (figures: readonly { metric: string; value: number; low: number; high: number }[], metric: string) =>
  figures.find((of) => of.metric === metric) ?? { value: Number.NaN, low: Number.NaN, high: Number.NaN };

describe('labels that arrive late', () => {
  it('are joined by id, and what does not match is counted', () => {
    const aligned = alignLabels(
      ['a', 'b', 'c', 'd'],
      [
        { id: 'a', label: 1, at: 1 },
        { id: 'b', label: 0, at: 2 },
        { id: 'b', label: 1, at: 3 },
        { id: 'x', label: 1, at: 3 },
        { id: 'c', label: 1, at: 9 },
      ],
      5,
    );
    expect(aligned).toMatchObject({ scored: 4, arrived: 1, missingShare: 0.75, unknown: 1, contradicted: 1 });
    expect([...aligned.labels]).toEqual([1, -1, -1, -1]);
  });

  it('refuse an id that was scored twice', () => {
    expect(() => alignLabels(['a', 'a'], [])).toThrow(expect.objectContaining({ code: 'PERFORMANCE_INPUT' }));
  });
});

describe('metrics', () => {
  it('of known labels count as by hand', () => {
    const values = Float64Array.from([0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.7, 0.3]);
    const rows = { probabilities: { rows: 4, columns: 2, values }, predicted: Int32Array.of(0, 1, 1, 0) };
    const found = metricsOf(prepare(rows), certain(Int32Array.of(0, 0, 1, 1), 2));
    expect(found.accuracy).toBe(0.5);
    expect(found.recall).toBe(0.5);
    expect(found.f1).toBe(0.5);
    expect(found.auroc).toBe(0.75);
    expect(found.brier).toBeCloseTo((0.01 + 0.36 + 0.04 + 0.49) / 4, 12);
  });

  it('expected from probabilities are the mean over all label sets, where the figure is linear in them', () => {
    const cases = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(cases, (rows) => {
        const n = rows.length;
        const values = Float64Array.from(rows.flatMap(([score]) => [1 - score, score]));
        const predicted = Int32Array.from(rows, ([score]) => Number(score > 0.5));
        const prepared = prepare({ probabilities: { rows: n, columns: 2, values }, predicted });
        let [accuracy, brier] = [0, 0];
        for (let set = 0; set < 2 ** n; set += 1) {
          const labels = Int32Array.from(rows, (_, i) => (set >> i) & 1);
          const chance = rows.reduce((product, [, p], i) => product * (labels[i] === 1 ? p : 1 - p), 1);
          const of = metricsOf(prepared, certain(labels, 2));
          accuracy += chance * of.accuracy;
          brier += chance * of.brier;
        }
        const expected = metricsOf(prepared, Float64Array.from(rows.flatMap(([, p]) => [1 - p, p])));
        expect(expected.accuracy).toBeCloseTo(accuracy, 9);
        expect(expected.brier).toBeCloseTo(brier, 9);
      }),
    );
  });
});

describe('realised performance', () => {
  it('says what became worse, and nothing where nothing changed', () => {
    const reference = world(3000, 1, 0.2);
    const worse = realisedPerformance(reference, world(2000, 2, 0.9), { seed: 1 });
    expect(worse.kind === 'realised' && worse.figures.map(({ metric, change }) => `${metric} ${change}`)).toEqual([
      'accuracy worse',
      'recall worse',
      'f1 worse',
      'auroc worse',
      'brier worse',
    ]);
    const same = realisedPerformance(reference, world(2000, 3, 0.2), { seed: 1, level: 0.999 });
    expect(same.kind === 'realised' && same.figures.every(({ change }) => change === 'none')).toBe(true);
  });

  it('says when there is not enough data', () => {
    expect(realisedPerformance(world(3000, 1, 0.2), world(99, 2, 0.2), { seed: 1 })).toEqual({
      kind: 'not-enough-data',
      rows: 99,
      needed: 100,
    });
  });
});

describe('performance without labels', () => {
  const options = { seed: 1, resamples: 40 };

  it('contains the realised figures of like chunks in its intervals', async () => {
    const cbpe = await fitCbpe(world(3000, 1, 0.3), options);
    let [inside, all] = [0, 0];
    for (let seed = 10; seed < 30; seed += 1) {
      const chunk = world(500, seed, 0.3);
      const found = await cbpe.estimate(chunk);
      if (found.kind !== 'estimate') throw new Error(found.why);
      const real = metricsOf(prepare(chunk), certain(chunk.labels, 2));
      for (const of of found.figures) {
        all += 1;
        if (of.low <= real[of.metric] && real[of.metric] <= of.high) inside += 1;
      }
    }
    expect(all).toBe(100);
    expect(inside).toBeGreaterThan(80);
  });

  it('is nearer the truth with weights where the mixture of inputs has shifted', async () => {
    const reference = world(4000, 1, 0.2);
    const chunk = world(2000, 2, 0.8);
    const real = metricsOf(prepare(chunk), certain(chunk.labels, 2)).accuracy;
    const plain = await (await fitCbpe(reference, options)).estimate(chunk);
    const weighted = await estimateShifted(
      reference,
      chunk,
      { reference: reference.features, chunk: chunk.features },
      options,
    );
    if (plain.kind !== 'estimate' || weighted.kind !== 'estimate') throw new Error('no estimate');
    const [far, near] = [plain, weighted].map(({ figures }) => Math.abs(figure(figures, 'accuracy').value - real)) as [
      number,
      number,
    ];
    expect(far).toBeGreaterThan(0.15);
    expect(near).toBeLessThan(far / 3);
    expect(weighted.cannotSee).toContain('concept drift');
  });

  it('does not see concept drift, and says so', async () => {
    const reference = world(3000, 1, 0);
    const turned = world(1000, 2, 0);
    const estimate = await (await fitCbpe(reference, options)).estimate(turned);
    if (estimate.kind !== 'estimate') throw new Error(estimate.why);
    const real = metricsOf(
      prepare(turned),
      certain(
        turned.labels.map((label) => 1 - label),
        2,
      ),
    ).accuracy;
    expect(figure(estimate.figures, 'accuracy').low).toBeGreaterThan(real + 0.5);
    expect(estimate.cannotSee).toContain('concept drift');
  });

  it('works for three classes', async () => {
    const make = (rows: number, seed: number): Labelled => {
      const random = mulberry32(seed);
      const values = Float64Array.from({ length: rows * 3 }, () => random() + 0.05);
      const labels = new Int32Array(rows);
      const predicted = new Int32Array(rows);
      for (let row = 0; row < rows; row += 1) {
        const of = values.subarray(row * 3, row * 3 + 3);
        const sum = of.reduce((total, value) => total + value, 0);
        for (let k = 0; k < 3; k += 1) of[k] = (of[k] as number) / sum;
        predicted[row] = of.indexOf(Math.max(...of));
        const draw = random();
        labels[row] = draw < (of[0] as number) ? 0 : draw < (of[0] as number) + (of[1] as number) ? 1 : 2;
      }
      return { probabilities: { rows, columns: 3, values }, predicted, labels };
    };
    const chunk = make(1500, 2);
    const found = await (await fitCbpe(make(3000, 1), options)).estimate(chunk);
    if (found.kind !== 'estimate') throw new Error(found.why);
    const real = metricsOf(prepare(chunk), certain(chunk.labels, 3));
    expect(found.figures.map(({ metric }) => metric)).toEqual(['accuracy', 'recall', 'f1', 'auroc', 'brier']);
    for (const of of found.figures) expect(Math.abs(of.value - real[of.metric])).toBeLessThan(0.04);
  });

  it('says nothing about too few rows, a thin reference, or a chunk unlike the reference', async () => {
    const few = await (await fitCbpe(world(3000, 1, 0.3), options)).estimate(world(299, 2, 0.3));
    const thin = await (await fitCbpe(world(499, 1, 0.3), options)).estimate(world(500, 2, 0.3));
    expect([few.kind, thin.kind]).toEqual(['not-enough-data', 'not-enough-data']);
    const reference = world(3000, 1, 0.3);
    const chunk = world(500, 2, 0.3);
    const far = { ...chunk.features, values: chunk.features.values.map((value) => value + 100) };
    const elsewhere = await estimateShifted(reference, chunk, { reference: reference.features, chunk: far }, options);
    expect(elsewhere.kind).toBe('not-enough-data');
  });

  it('refuses numbers that are no probabilities, and other classes than the reference', async () => {
    const broken = world(500, 1, 0.3);
    (broken.probabilities.values as Float64Array)[7] = Number.NaN;
    await expect(fitCbpe(broken, options)).rejects.toMatchObject({ code: 'PERFORMANCE_INPUT' });
    const cbpe = await fitCbpe(world(600, 1, 0.3), options);
    const three = { probabilities: { rows: 1, columns: 3, values: new Float64Array(3) }, predicted: new Int32Array(1) };
    await expect(cbpe.estimate(three)).rejects.toMatchObject({ code: 'PERFORMANCE_INPUT' });
  });
});
