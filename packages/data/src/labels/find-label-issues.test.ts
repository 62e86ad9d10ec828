// Beside cleanlab 2.9: a frozen sample of calm and degenerate cases (`tests/nightly` asks the living one over hundreds).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidentJoint } from './confident-joint.js';
import { findLabelIssues, LABEL_FILTERS } from './find-label-issues.js';
import { readLabelled } from './labelled.js';
import { labelQuality, QUALITY_SCORES } from './quality-scores.js';
import frozen from './testing/cleanlab-2.9.json' with { type: 'json' };

const matrix = (values: readonly number[], columns: number) => ({
  rows: values.length / columns,
  columns,
  values: Float64Array.from(values),
});

describe('the flagged set of cleanlab', () => {
  it.each(frozen.map((of, number) => ({ number, ...of })))('case $number: $kind, $classes classes', (of) => {
    const data = readLabelled(of.labels, matrix(of.probabilities, of.classes));
    expect([...confidentJoint(data).counts]).toEqual(of.joint);
    for (const filter of LABEL_FILTERS) {
      const { minExamplesPerClass, fracNoise } = of;
      const flagged = findLabelIssues(data, { filter, minExamplesPerClass, fracNoise });
      expect([filter, ...flagged]).toEqual([filter, ...of.flagged[filter]]);
    }
    for (const score of QUALITY_SCORES)
      for (const [row, value] of (of.scores[score] ?? []).entries())
        expect(labelQuality(data, score)[row]).toBeCloseTo(value, 12);
  });

  it('has cases in which each filter flags something and leaves something', () => {
    for (const filter of LABEL_FILTERS)
      expect(frozen.some((of) => of.flagged[filter].length > 0 && of.flagged[filter].length < of.labels.length)).toBe(
        true,
      );
  });
});

describe('findLabelIssues', () => {
  it('does not depend on how the classes are numbered, where no rows are tied', () => {
    const cases = fc.record({
      labels: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 40 }),
      seed: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 120, maxLength: 120 }),
    });
    fc.assert(
      fc.property(cases, ({ labels, seed }) => {
        fc.pre(new Set(labels).size > 1);
        const rows = labels.map((_, i) => [0, 1, 2].map((k) => (seed[3 * i + k] ?? 0) + i * 1e-4 + k * 1e-5));
        const flat = (order: readonly number[]): number[] =>
          rows.flatMap((row) => order.map((k) => (row[k] ?? 0) / row.reduce((sum, value) => sum + value, 0)));
        const turn = [2, 0, 1];
        const given = findLabelIssues(readLabelled(labels, matrix(flat([0, 1, 2]), 3)), {
          filter: 'confident_learning',
        });
        const turned = findLabelIssues(
          readLabelled(
            labels.map((label) => turn.indexOf(label)),
            matrix(flat(turn), 3),
          ),
          { filter: 'confident_learning' },
        );
        expect(turned).toEqual(given);
      }),
    );
  });

  it('flags nothing where the model agrees with every label', () => {
    const data = readLabelled([0, 1, 0, 1], matrix([0.9, 0.1, 0.2, 0.8, 0.7, 0.3, 0.4, 0.6], 2));
    for (const filter of LABEL_FILTERS) expect([...findLabelIssues(data, { filter })]).toEqual([]);
  });

  it.each([
    ['labels that are no class', [0, 2], [0.5, 0.5, 0.5, 0.5], 2, 'LABELS_INPUT'],
    ['labels that are no whole number', [0, 0.5], [0.5, 0.5, 0.5, 0.5], 2, 'LABELS_INPUT'],
    ['too few labels', [0], [0.5, 0.5, 0.5, 0.5], 2, 'LABELS_INPUT'],
    ['NaN', [0, 1], [0.5, 0.5, Number.NaN, 0.5], 2, 'LABELS_INPUT'],
    ['a row that sums to 2', [0, 1], [0.5, 0.5, 1, 1], 2, 'LABELS_INPUT'],
    ['a negative probability', [0, 1], [0.5, 0.5, 1.1, -0.1], 2, 'LABELS_INPUT'],
    ['one class', [1, 1], [0.5, 0.5, 0.5, 0.5], 2, 'LABELS_ONE_CLASS'],
    ['one column', [0, 0], [1, 1], 1, 'LABELS_INPUT'],
  ])('refuses %s', (_, labels, values, columns, code) => {
    expect(() => readLabelled(labels, matrix(values, columns))).toThrow(expect.objectContaining({ code }));
  });

  it('refuses impossible options', () => {
    const data = readLabelled([0, 1], matrix([0.5, 0.5, 0.5, 0.5], 2));
    for (const options of [{ fracNoise: 0 }, { fracNoise: 1.5 }, { minExamplesPerClass: -1 }])
      expect(() => findLabelIssues(data, options)).toThrow(expect.objectContaining({ code: 'LABELS_INPUT' }));
  });
});
