// The silhouette's frozen value is scikit-learn's on the same seeded numbers.
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../matrix.js';
import { mulberry32 } from '../random.js';
import { kMeans } from './k-means.js';
import { silhouette } from './silhouette.js';

function blobs(): Matrix {
  const random = mulberry32(3);
  const centres = [0, 10, 25];
  const values = Float64Array.from({ length: 180 }, (_, i) => centres[Math.floor(i / 2) % 3]! + random());
  return { rows: 90, columns: 2, values };
}

describe('kMeans', () => {
  it('finds groups that are far apart, the same ones for the same seed', () => {
    const { assigned, inertia } = kMeans(blobs(), { k: 3, seed: 1 });
    for (let row = 3; row < 90; row += 1) expect(assigned[row]).toBe(assigned[row % 3]);
    expect(new Set(assigned).size).toBe(3);
    expect(inertia).toBeLessThan(90);
    expect(kMeans(blobs(), { k: 3, seed: 1 }).assigned).toEqual(assigned);
  });

  it('bears rows that are all the same', () => {
    const { inertia } = kMeans({ rows: 5, columns: 2, values: new Float64Array(10) }, { k: 3, seed: 1 });
    expect(inertia).toBe(0);
  });

  it.each([0, 91, 1.5])('refuses k = %d', (k) => {
    expect(() => kMeans(blobs(), { k, seed: 1 })).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
  });
});

describe('silhouette', () => {
  it('is that of the reference', () => {
    const random = mulberry32(42);
    const scale = [5, 3];
    const values = Float64Array.from({ length: 240 }, (_, i) => random() * (scale[i % 6] ?? 1));
    const assigned = Uint32Array.from({ length: 40 }, (_, row) => (values[row * 6]! > 2.5 ? 1 : 0));
    expect(silhouette({ rows: 40, columns: 6, values }, assigned)).toBeCloseTo(0.4234222877447028, 12);
  });

  it('counts a row that is alone as 0, and refuses one cluster', () => {
    const matrix = { rows: 3, columns: 1, values: Float64Array.of(0, 0, 9) };
    expect(silhouette(matrix, Uint32Array.of(0, 0, 7))).toBeCloseTo(2 / 3, 12);
    expect(() => silhouette(matrix, Uint32Array.of(1, 1, 1))).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
  });
});
