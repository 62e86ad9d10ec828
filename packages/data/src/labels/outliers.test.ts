import { mulberry32 } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import { findLabelIssues } from './find-label-issues.js';
import { findOutliers } from './find-outliers.js';
import { labelFindings, outlierFindings } from './label-findings.js';
import { readLabelled } from './labelled.js';
import { outOfFoldProbabilities } from './out-of-fold.js';

/** 60 rows around 0, three of them eight times as far out, one in a corner. */
function cloud(columns: number): Matrix {
  const random = mulberry32(columns);
  const values = Float64Array.from({ length: 60 * columns }, () => random() - 0.5);
  for (let i = 0; i < 3 * columns; i += 1) values[i] = (values[i] as number) * 8;
  values.set([-3, 2, ...new Array<number>(columns - 2).fill(0)], 3 * columns);
  return { rows: 60, columns, values };
}

describe('findOutliers', () => {
  // Scores, flagged rows and limit from cleanlab 2.9 on the same clouds.
  it('gives the rows and scores of cleanlab in three columns', async () => {
    const found = await findOutliers(cloud(3));
    expect(found.metric).toBe('euclidean');
    expect(found.rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(found.limit).toBeCloseTo(0.5325212674410913, 10);
    for (const [row, score] of [
      [0, 1.791219592300067e-5],
      [3, 0.00015178710838244935],
      [10, 0.4165455487964629],
      [59, 0.4439005500866665],
    ] as const)
      expect(found.scores[row]).toBeCloseTo(score, 10);
  });

  it('gives the scores of cleanlab in five columns, where it looks at directions', async () => {
    const found = await findOutliers(cloud(5));
    expect(found).toMatchObject({ metric: 'cosine', rows: [] });
    for (const [row, score] of [
      [0, 0.3716974738114248],
      [3, 0.3288190964518404],
      [10, 0.4714431198661854],
      [59, 0.28512453791213277],
    ] as const)
      expect(found.scores[row]).toBeCloseTo(score, 10);
  });

  it('finds the one that differs among copies', async () => {
    const values = new Float64Array(40).fill(1);
    values[17] = 2;
    expect((await findOutliers({ rows: 40, columns: 1, values })).rows).toEqual([17]);
  });

  it('refuses two rows', async () => {
    await expect(findOutliers({ rows: 2, columns: 1, values: Float64Array.of(1, 2) })).rejects.toMatchObject({
      code: 'LABELS_INPUT',
    });
  });
});

describe('own probabilities', () => {
  it('find labels that were turned around, and say which classes were too thin', async () => {
    const random = mulberry32(5);
    const truth = Array.from({ length: 300 }, (_, i) => i % 2);
    const values = Float64Array.from(truth.flatMap((label) => [label + random() * 0.8, random(), random()]));
    const turned = new Set([7, 40, 133, 222, 299]);
    const labels = truth.map((label, row) => (turned.has(row) ? 1 - label : label));
    labels[0] = 2;
    const features = { rows: 300, columns: 3, values };
    const { probabilities, thinClasses } = await outOfFoldProbabilities(features, labels, 3, { seed: 1 });
    expect(thinClasses).toEqual([2]);
    const flagged = findLabelIssues(readLabelled(labels, probabilities));
    expect([...turned].filter((row) => !flagged.includes(row))).toEqual([]);
    expect(flagged.length).toBeLessThan(15);
    const again = await outOfFoldProbabilities(features, labels, 3, { seed: 1 });
    expect(again.probabilities.values).toEqual(probabilities.values);
  });

  it('stop when their time is up', async () => {
    const late = { seed: 1, signal: AbortSignal.abort(new Error('time is up')) };
    await expect(outOfFoldProbabilities(cloud(2), new Uint8Array(60).fill(1, 30), 2, late)).rejects.toThrow(
      'time is up',
    );
  });
});

describe('findings', () => {
  it('never pass for a poisoning check, and carry no control characters', () => {
    const findings = [
      ...labelFindings([{ feed: 'f', row: '1', given: 'ham\u001b[2J', likely: 'spam', score: 0.01 }]),
      ...outlierFindings([{ feed: 'f', row: '1', score: 0.01 }]),
    ];
    for (const { message, atlas, rule } of findings) {
      expect(message).toContain('does not look for poisoning');
      expect(message).not.toMatch(/\p{C}/u);
      expect(atlas).toEqual([]);
      expect(rule).not.toContain('poison');
    }
  });
});
