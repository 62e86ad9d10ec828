// Label issues beside the living cleanlab 2.9 (`.venv/data`), over random and degenerate cases: identical flagged sets.
import { spawnSync } from 'node:child_process';
import {
  confidentJoint,
  findLabelIssues,
  LABEL_FILTERS,
  labelQuality,
  QUALITY_SCORES,
  readLabelled,
} from '@vallum/data';
import type { LabelFilter, QualityScore } from '@vallum/data';
import { describe, expect, it } from 'vitest';

const PYTHON = new URL('../../.venv/data/bin/python', import.meta.url).pathname;
const SCRIPT = new URL('label-issues-oracle.py', import.meta.url).pathname;
const CASES = 1000;

interface Case {
  readonly classes: number;
  readonly labels: readonly number[];
  readonly probabilities: readonly number[];
  readonly minExamplesPerClass: number;
  readonly fracNoise: number;
  readonly joint: readonly number[];
  readonly flagged: Readonly<Record<LabelFilter, readonly number[]>>;
  readonly scores: Readonly<Record<QualityScore, readonly number[]>>;
}

describe('label issues and cleanlab', () => {
  it.each([1, 2])(`flag the same rows in ${CASES} cases of seed %s`, (seed) => {
    const { stdout, stderr, status } = spawnSync(PYTHON, [SCRIPT, `${seed}`, `${CASES}`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 29,
    });
    expect(status, stderr).toBe(0);
    const cases = JSON.parse(stdout) as readonly Case[];
    expect(cases).toHaveLength(CASES);
    const different = cases.flatMap((of, number) => {
      const { classes, minExamplesPerClass, fracNoise } = of;
      const values = Float64Array.from(of.probabilities);
      const data = readLabelled(of.labels, { rows: of.labels.length, columns: classes, values });
      const same = (mine: Iterable<number>, theirs: readonly number[]): boolean => [...mine].join() === theirs.join();
      return [
        ...(same(confidentJoint(data).counts, of.joint) ? [] : [`${number} joint`]),
        ...LABEL_FILTERS.filter(
          (filter) => !same(findLabelIssues(data, { filter, minExamplesPerClass, fracNoise }), of.flagged[filter]),
        ).map((filter) => `${number} ${filter}`),
        ...QUALITY_SCORES.filter((score) =>
          labelQuality(data, score).some((value, row) => !(Math.abs(value - (of.scores[score][row] ?? NaN)) <= 1e-12)),
        ).map((score) => `${number} ${score}`),
      ];
    });
    expect(different).toEqual([]);
  });
});
