// The ensemble on made-up pictures: finds planted marks, names their rows and not others, stays silent on clean rows and on
// label noise, and says what it did not do.
import { mulberry32 } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import type { EnsembleInput } from './ensemble-input.js';
import { runEnsemble } from './run-ensemble.js';
import { pictures } from './testing/pictures.js';

const names = (groups: readonly { readonly detector: string }[]) => groups.map(({ detector }) => detector);

describe('planted marks', () => {
  it.each([
    ['a pixel', 1, 24],
    ['a patch of 2 x 2', 2, 24],
    ['a patch of 3 x 3', 3, 24],
    ['a third of the class', 3, 40],
  ])('%s is found, with all its rows and few others', async (_, patch, rows) => {
    const { input, spoilt } = pictures(3, { rows, patch, label: '0' });
    const report = await runEnsemble(input);
    const [group] = report.groups;
    expect(group).toMatchObject({ detector: 'value-pattern', label: '0' });
    expect(group!.p).toBeLessThan(1e-6);
    expect(group!.what).toMatch(/pixel (9|1[01]), (9|1[01])/);
    const named = new Set(report.groups.flatMap((one) => one.rows));
    expect(spoilt.every((row) => named.has(row))).toBe(true);
    expect(named.size - spoilt.length).toBeLessThan(4);
    expect(new Set(report.rows.slice(0, rows).map(({ row }) => row))).toEqual(new Set(spoilt));
    expect(report.cells.filter(({ verdict }) => verdict === 'suspect').every(({ label }) => label === '0')).toBe(true);
  });

  it('ranks three poisoned rows high, though they are too few for a verdict', async () => {
    const { input, spoilt } = pictures(4, { rows: 3, patch: 3, label: '0' });
    const report = await runEnsemble(input);
    expect(report.groups).toEqual([]);
    for (const row of spoilt) expect(report.rows.find((one) => one.row === row)!.p).toBeLessThan(0.03);
  });

  it('finds a patch at another place in every row, by its copies', async () => {
    const { input, spoilt } = pictures(3, { rows: 24, patch: 3, label: '0', moving: true });
    const { groups } = await runEnsemble(input);
    const copied = groups.filter(({ detector }) => detector === 'copied-block');
    expect(copied[0]).toMatchObject({ label: '0', what: expect.stringContaining('3 x 3 pixels') as string });
    const named = new Set(copied.flatMap(({ rows }) => rows));
    expect(spoilt.filter((row) => named.has(row)).length).toBeGreaterThan(20);
    expect([...named].filter((row) => !spoilt.includes(row))).toEqual([]);
  });

  it('leaves the verdict open for four rows with a patch: a weak mark, ranked first', async () => {
    const { input, spoilt } = pictures(4, { rows: 4, patch: 3, label: '0' });
    // A level that four rows cannot meet, as in data sets with many places to look at.
    const rules = { ...input.rules, familyLevel: 1e-6 };
    const { groups, rows } = await runEnsemble({ ...input, rules });
    expect(new Set(names(groups))).toEqual(new Set(['weak-mark']));
    expect(groups[0]).toMatchObject({ label: '0', rows: spoilt });
    expect(new Set(rows.slice(0, 4).map(({ row }) => row))).toEqual(new Set(spoilt));
  });

  it('is the same on tables: an odd value in one column', async () => {
    const { input, spoilt } = pictures(3, { rows: 24, patch: 1, label: '0' });
    const { ids, labels, features, seed, rules, signal, progress } = input;
    const report = await runEnsemble({ ids, labels, features: features!, seed, rules, signal, progress });
    expect(report.groups[0]).toMatchObject({ detector: 'value-pattern', label: '0', rows: spoilt });
    expect(report.groups[0]!.what).toContain('column 143');
  });
});

describe('what is not poison', () => {
  it.each([1, 2, 3, 4, 5])('clean rows: no group (seed %d)', async (seed) => {
    const report = await runEnsemble(pictures(seed).input);
    expect(report.groups).toEqual([]);
    expect(report.cells.every(({ verdict }) => verdict === 'nothing-found')).toBe(true);
  });

  it.each([1, 2, 3])('random label noise in a tenth: rows are odd, and no group is named (seed %d)', async (seed) => {
    const { input, spoilt } = pictures(seed, { rows: 32 });
    const report = await runEnsemble(input);
    expect(report.groups).toEqual([]);
    const scored = new Map(report.rows.map(({ row, p }) => [row, p]));
    // It does see them: they come first in the ranking, and are still not called poison.
    expect(spoilt.filter((row) => scored.get(row)! < 0.2).length).toBeGreaterThan(25);
  });

  it('a source with careless labels is named as a source, not as a mark', async () => {
    const { input, spoilt } = pictures(2, { rows: 30, label: '1', source: 'careless' });
    const report = await runEnsemble(input);
    expect(names(report.groups)).toEqual(['source-shift']);
    expect(report.groups[0]).toMatchObject({ source: 'careless', label: '1', rows: spoilt });
  });
});

describe('what it was given', () => {
  it('says which detectors could not run, and why', async () => {
    const { input } = pictures(1);
    const { ran, notRun } = await runEnsemble(input);
    expect(ran).toEqual(['neighbour-disagreement', 'value-pattern', 'copied-block', 'source-shift']);
    expect(notRun.map(({ detector }) => detector).sort()).toEqual([
      'activation-cluster',
      'duplicate-burst',
      'spectral-signature',
      'strip',
    ]);
  });

  it('runs nothing without features and activations, and says so', async () => {
    const { ids, labels, seed, rules, signal, progress } = pictures(1).input;
    const report = await runEnsemble({ ids, labels, seed, rules, signal, progress });
    expect([report.ran, report.rows]).toEqual([[], []]);
    expect(report.notRun).toHaveLength(8);
  });

  it('runs nothing on one label', async () => {
    const { input } = pictures(1);
    const report = await runEnsemble({ ...input, labels: input.labels.map(() => 'only') });
    expect(report.ran).toEqual([]);
  });

  it('asks the model, and takes activations and copies', async () => {
    const { input } = pictures(1, {}, 30);
    const random = mulberry32(9);
    const activations = { rows: 120, columns: 5, values: Float64Array.from({ length: 600 }, () => random()) };
    let asked = 0;
    const report = await runEnsemble({
      ...input,
      activations,
      texts: input.ids.map((id) => `some words about the row ${id} alone`),
      ask: async ({ rows }) => {
        asked += rows;
        return { rows, columns: 2, values: new Float64Array(2 * rows).fill(0.5) };
      },
    });
    expect(asked).toBe(120 * 16);
    expect(report.ran).toHaveLength(8);
    expect(report.groups).toEqual([]);
  });

  it('stops when its time is up', async () => {
    const stopped = AbortSignal.abort(new Error('time is up'));
    await expect(runEnsemble({ ...pictures(1).input, signal: stopped })).rejects.toThrow('time is up');
  });

  it.each<[string, (input: EnsembleInput) => Partial<EnsembleInput>]>([
    ['no rows', () => ({ ids: [], labels: [] })],
    ['a row id twice', ({ ids }) => ({ ids: ids.map(() => 'same') })],
    ['too few labels', ({ labels }) => ({ labels: labels.slice(1) })],
    ['another number of feature rows', ({ features }) => ({ features: { ...features!, rows: 3 } })],
    ['a matrix that lies', ({ features }) => ({ features: { ...features!, values: new Float32Array(5) } })],
    ['NaN', ({ features }) => ({ features: { ...features!, values: features!.values.slice().fill(Number.NaN) } })],
    ['an image of another size', () => ({ image: { width: 5, height: 5, channels: 3 } })],
    ['too many rows', ({ rules }) => ({ rules: { ...rules, maxRows: 10 } })],
  ])('refuses %s', async (_, change) => {
    const { input } = pictures(1);
    await expect(runEnsemble({ ...input, ...change(input) })).rejects.toMatchObject({ code: 'POISON_INPUT' });
  });
});
