// The port through which features reach the control: what a statement says about them, and that nothing is left out in
// silence.
import { inconclusive } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { joinAnswers } from '../join-answers.js';
import { lookAtFeatures } from './look-at-features.js';
import { defaultEnsembleRules } from './rules.js';
import { pictures } from './testing/pictures.js';

const context = {
  rules: defaultEnsembleRules(),
  seed: 1,
  signal: new AbortController().signal,
  progress: () => undefined,
};
const NOTHING = { findings: [], suspected: false };
const passed = {
  outcome: 'pass',
  findings: [],
  metrics: [],
  coverage: { examined: { rows: 320 }, notExamined: [] },
} as const;

function world(spoil: Parameters<typeof pictures>[1] = {}) {
  const { input, spoilt } = pictures(3, spoil);
  const rows = input.ids.map((id, i) => ({ id, feed: 'list', label: input.labels[i]!, text: '' }));
  const rowIds = input.ids.map((row) => ({ feed: 'list', row }));
  return { rows, spoilt, given: { inputs: [], rowIds, features: input.features!, image: input.image! } };
}

describe('features beside the feeds', () => {
  it('fail the dataset for a planted mark and list its rows, whatever the approved model could say', async () => {
    const { rows, spoilt, given } = world({ rows: 24, patch: 3, label: '0' });
    const seen = await lookAtFeatures(given, rows, context);
    const result = joinAnswers(inconclusive('no-predecessor', 'none is approved'), NOTHING, seen);
    expect(result.outcome).toBe('fail');
    expect(result.findings[0]).toMatchObject({ rule: 'poison.mark', severity: 'critical' });
    const listed = result.findings.filter(({ rule }) => rule === 'poison.row').map(({ location }) => location.row);
    expect(new Set(listed)).toEqual(new Set(spoilt.map((row) => `r${row}`)));
    const suspects = result.metrics.find(({ id }) => id === 'poison.ensemble-suspects');
    expect(suspects).toMatchObject({ value: 24 / 320, n: 320 });
  });

  it('pass when clean, and name what did not run and what is never seen', async () => {
    const { rows, given } = world();
    const result = joinAnswers(passed, NOTHING, await lookAtFeatures(given, rows, context));
    expect([result.outcome, result.findings]).toEqual(['pass', []]);
    const said = result.coverage.notExamined.map(({ what }) => what);
    expect(said).toContain('detector strip');
    expect(said).toContain('poison that keeps the true label');
  });

  it('are inconclusive for a mark on too few rows to call it planted', async () => {
    const { rows, spoilt, given } = world({ rows: 4, patch: 3, label: '0' });
    const strict = { ...context, rules: { ...context.rules, familyLevel: 1e-6 } };
    const result = joinAnswers(passed, NOTHING, await lookAtFeatures(given, rows, strict));
    expect([result.outcome, result.reason?.code]).toEqual(['inconclusive', 'ensemble-suspects']);
    expect(result.findings.map(({ rule }) => rule)).not.toContain('poison.mark');
    const listed = result.findings.filter(({ rule }) => rule === 'poison.row').map(({ location }) => location.row);
    expect(new Set(listed)).toEqual(new Set(spoilt.map((row) => `r${row}`)));
  });

  it('never list rows that are only mislabelled', async () => {
    const { rows, given } = world({ rows: 32 });
    const result = joinAnswers(passed, NOTHING, await lookAtFeatures(given, rows, context));
    expect([result.outcome, result.findings]).toEqual(['pass', []]);
  });

  it('are inconclusive when they are of other rows, or no numbers', async () => {
    const { rows, given } = world();
    const strangers = await lookAtFeatures(given, rows.slice(5), context);
    expect(joinAnswers(passed, NOTHING, strangers)).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'features-mismatch' },
    });
    const broken = { ...given, features: { ...given.features, values: new Float32Array(3) } };
    const refused = joinAnswers(passed, NOTHING, await lookAtFeatures(broken, rows, context));
    expect(refused.reason!.code).toBe('POISON_INPUT');
  });

  it('say how many rows have none', async () => {
    const { rows, given } = world();
    const more = [...rows, { id: 'extra', feed: 'list', label: '0', text: '' }];
    const seen = await lookAtFeatures(given, more, context);
    expect(seen!.notExamined).toContainEqual({ what: '1 of 321 rows', why: 'no features were given for them' });
  });
});

describe('one answer of several', () => {
  it('lets no waiver of a missing predecessor cover a suspected trigger', () => {
    const result = joinAnswers(inconclusive('no-predecessor', 'none'), { findings: [], suspected: true }, undefined);
    expect(result.reason!.code).toBe('trigger-suspected');
  });

  it('keeps the reason of the approved model when nothing else was found', () => {
    const result = joinAnswers(inconclusive('no-predecessor', 'none'), NOTHING, undefined);
    expect([result.outcome, result.reason!.code]).toEqual(['inconclusive', 'no-predecessor']);
  });
});
