// The attack finds the optimum where it is known, the figures are those of the definition, and a measurement that should
// not be believed is inconclusive.
import type { ControlResult, Task } from '@vallum/core';
import { isBlocked, nodeDisk, sha256, VallumError } from '@vallum/core';
import { clopperPearson, mulberry32 } from '@vallum/stats';
import { afterAll, describe, expect, it } from 'vitest';
import { BITS, removeFolders, writeTextModel } from '../testing/text-models.js';
import type { Engine } from './engine.js';
import { fnv1a32 } from './features.js';
import type { LabelledRow } from './good-words.js';
import { frequentWords, goodWordAttack } from './good-words.js';
import type { RobustnessOptions } from './robustness.js';
import { planRobustness } from './robustness.js';
import { weightsDigest } from './text-model.js';

afterAll(removeFolders);
const SPAM = ['viagra', 'casino', 'lottery', 'winner', 'refund', 'pills', 'cheap', 'bonus'];
const HAM = [
  'meeting',
  'agenda',
  'minutes',
  'project',
  'review',
  'commit',
  'branch',
  'thanks',
  'patch',
  'regards',
  'kernel',
];
const WEIGHTS = Object.fromEntries([...SPAM.map((w) => [w, 1] as const), ...HAM.map((w) => [w, -1] as const)]);

/** Spam with 1 to 8 spam words, so it takes exactly that many ham words and one more; and ham with all ham words. */
function mails(count: number): readonly LabelledRow[] {
  const spam = Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    label: 'spam',
    subject: 'hello',
    body: SPAM.slice(0, (i % SPAM.length) + 1).join(' '),
  }));
  const ham = Array.from({ length: count }, (_, i) => ({
    id: `h${i}`,
    label: 'ham',
    subject: 're',
    body: HAM.join(' '),
  }));
  return [...spam, ...ham];
}

async function plan(
  dir: string,
  rows: readonly LabelledRow[],
  parameters = { words: 5, samples: 16, seed: 1 },
  more: Partial<RobustnessOptions> = {},
): Promise<Task> {
  const planned = await planRobustness({
    disk: nodeDisk,
    dir,
    subject: { name: 'demo@v1#weights', digest: { sha256: await weightsDigest(nodeDisk, dir) } },
    heldOut: { name: 'held-out', digest: sha256('rows'), read: async () => rows },
    parameters,
    ...more,
  });
  if (isBlocked(planned)) throw new Error(planned.blocked.message);
  return planned;
}

const run = (task: Task): Promise<ControlResult> =>
  task.run({ signal: new AbortController().signal, progress: () => undefined });
const metric = (result: ControlResult, id: string) => result.metrics.find((one) => one.id === id);

describe('planRobustness', () => {
  it('finds the smallest number of words for every mail, and reports the rate at each budget with its interval', async () => {
    const task = await plan(writeTextModel(WEIGHTS), mails(16));
    expect(task).toMatchObject({
      kind: 'robustness.report',
      version: '1',
      inputs: [{ name: 'held-out' }],
      parameters: { words: 5, samples: 16, seed: 1 },
    });
    const result = await run(task);
    expect(result.outcome).toBe('pass');
    // 16 mails, two of each length; a mail of k spam words takes k + 1 ham words.
    const rates = { 'evasion-rate': 8 / 16, 'evasion-rate-1': 0, 'evasion-rate-2': 2 / 16 } as const;
    for (const [id, value] of Object.entries(rates)) {
      const { low, high } = clopperPearson(value * 16, 16);
      expect(metric(result, id)).toMatchObject({ value, n: 16, interval: { low, high, level: 0.95 } });
    }
    expect(metric(result, 'evasion-rate-5')).toBeUndefined();
    expect(metric(result, 'clean-accuracy')).toMatchObject({ value: 1, n: 32 });
    expect(metric(result, 'queries')?.value).toBeGreaterThan(32);
    expect(result.coverage.examined.rows).toBe(32);
  });

  it('shows two masked examples and no word of the mails', async () => {
    const { findings } = await run(await plan(writeTextModel(WEIGHTS), mails(16)));
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(
      Array(2).fill('robustness.good-words info'),
    );
    const text = JSON.stringify(findings);
    for (const word of HAM) expect(text).not.toContain(word);
  });

  it('gives the same figures again from the same seed', async () => {
    const dir = writeTextModel(WEIGHTS);
    const once = await run(await plan(dir, mails(40)));
    expect(await run(await plan(dir, mails(40)))).toEqual(once);
  });

  it('is inconclusive with too few caught mails', async () => {
    const result = await run(await plan(writeTextModel(WEIGHTS), mails(15)));
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'too-few-samples' }, metrics: [] });
    const blind = await run(await plan(writeTextModel({}, -1), mails(40)));
    expect(blind.reason?.code).toBe('too-few-samples');
  });

  /** A model that answers by the words it sees, told from their buckets. */
  function engineOf(probability: (has: (word: string) => boolean) => number): Engine {
    const width = 2 ** BITS;
    return async () => ({
      inputNames: ['features'],
      outputNames: ['probability'],
      run: async (_, values, rows) =>
        Float32Array.from({ length: rows }, (__, row) =>
          probability((word) => (values[row * width + (fnv1a32(word) & (width - 1))] ?? 0) > 0),
        ),
      close: async () => undefined,
    });
  }

  async function doubt(engine: Engine): Promise<string | undefined> {
    const result = await run(await plan(writeTextModel(WEIGHTS), mails(16), undefined, { engine }));
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'attack-too-weak' }, metrics: [] });
    return result.reason?.message;
  }

  it('is inconclusive when no number of words tips a mail: such a model is not proven strong', async () => {
    const steady = engineOf((has) => (has('re') ? 0.1 : 0.9 - 0.01 * HAM.filter(has).length));
    expect(await doubt(steady)).toContain('got 0 of 16 mails past');
  });

  it('is inconclusive when no word, or no second word, lowers the score', async () => {
    expect(await doubt(engineOf((has) => (has('re') ? 0.1 : 0.9)))).toContain('more words did not lower');
    const oneWord = engineOf((has) => (has('meeting') ? 0.3 : 0.8));
    expect(await doubt(oneWord)).toContain('more words did not lower');
  });

  it('is inconclusive when the model answers at random', async () => {
    const random = mulberry32(3);
    const engine: Engine = async () => ({
      inputNames: ['features'],
      outputNames: ['probability'],
      run: async (_name, _values, rows) => Float32Array.from({ length: rows }, () => 0.2 + 0.6 * random()),
      close: async () => undefined,
    });
    const task = await plan(writeTextModel(WEIGHTS), mails(60), { words: 3, samples: 10, seed: 1 }, { engine });
    expect((await run(task)).reason?.code).toBe('model-not-deterministic');
  });

  it('is inconclusive when the model cannot be asked', async () => {
    const dir = writeTextModel(WEIGHTS);
    const absent: Engine = async () => {
      throw new VallumError('ONNX_RUNTIME_ABSENT', 'it is not installed', { fix: 'install onnxruntime-node' });
    };
    expect(await run(await plan(dir, mails(16), undefined, { engine: absent }))).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'onnx-runtime-absent', message: 'it is not installed; install onnxruntime-node' },
    });
    const subject = { name: 'demo@v1#weights', digest: { sha256: sha256('other') } };
    expect((await run(await plan(dir, mails(16), undefined, { subject }))).reason?.code).toBe('model-changed');
  });

  it('refuses a budget that makes no sense, and stops when its time is up', async () => {
    const dir = writeTextModel(WEIGHTS);
    await expect(plan(dir, [], { words: 0, samples: 1, seed: 1 })).rejects.toMatchObject({
      code: 'ROBUSTNESS_PARAMETERS',
    });
    await expect(plan(dir, [], { words: 1, samples: 0.5, seed: 1 })).rejects.toThrow('"samples"');
    const task = await plan(dir, mails(16));
    await expect(task.run({ signal: AbortSignal.abort(), progress: () => undefined })).rejects.toThrow();
  });
});

describe('goodWordAttack', () => {
  it('ranks words by how far they lower the score, whatever their frequency', async () => {
    const weight: Readonly<Record<string, number>> = { spammy: 5, great: -3, good: -2, weak: -1, spam: 1 };
    const predict = async (rows: readonly { body: string }[]) =>
      rows.map(({ body }) => {
        const sum = [...new Set(body.match(/[a-z]+/g))].reduce((total, word) => total + (weight[word] ?? 0), 0);
        return 1 / (1 + Math.exp(-sum));
      });
    const attack = await goodWordAttack({
      predict,
      threshold: 0.5,
      targets: [{ id: 'one', label: 'spam', subject: '', body: 'spammy' }],
      sources: [
        { subject: '', body: 'weak good spam neutral' },
        { subject: '', body: 'weak great' },
        { subject: '', body: 'weak' },
      ],
      words: 3,
      candidates: 10,
      probes: 2,
      random: mulberry32(1),
    });
    expect(attack.ranking).toEqual(['great', 'good', 'weak']);
    // 5 - 3 - 2 is still at the threshold, which counts as caught.
    expect(attack.mails).toEqual([{ id: 'one', wordsNeeded: 3, appended: ['great', 'good', 'weak'] }]);
    expect(attack.meanScore.map((score) => Math.round(score * 1e6) / 1e6)).toEqual([5, 2, 0, -1]);
  });

  const oneTarget = { threshold: 0.5, targets: [{ id: 'one', label: 'spam', subject: '', body: 'spammy' }], probes: 1 };

  it('takes back a word that changes nothing, such as one in the same hash bucket, and does not count it', async () => {
    const predict = async (rows: readonly { body: string }[]) =>
      rows.map(({ body }) => (/alpha|omega/.test(body) ? (body.includes('gamma') ? 0.4 : 0.6) : 0.9));
    const attack = await goodWordAttack({
      ...oneTarget,
      predict,
      sources: [{ subject: '', body: 'alpha omega gamma' }],
      words: 2,
      candidates: 10,
      random: mulberry32(1),
    });
    // Alone `gamma` lowers nothing on the probe, so only a budget of two tells alpha from omega.
    expect(attack.ranking).toHaveLength(2);
    expect(attack.mails[0]?.appended).toHaveLength(1);
    expect(attack.meanScore[1]).toBe(attack.meanScore[2]);
  });

  it('keeps words in good faith while the answer is saturated', async () => {
    const predict = async (rows: readonly { body: string }[]) =>
      rows.map(({ body }) => [0.8, 0.7, 0.1][body.match(/good|fine/g)?.length ?? 0] ?? 0);
    const saturated = async (rows: readonly { body: string }[]) =>
      (await predict(rows)).map((value, i) => (rows[i]?.body.includes('heavy') && value > 0.5 ? 1 : value));
    const attack = await goodWordAttack({
      ...oneTarget,
      predict: saturated,
      targets: [...oneTarget.targets, { id: 'two', label: 'spam', subject: '', body: 'heavy' }],
      sources: [{ subject: '', body: 'good fine' }],
      words: 2,
      candidates: 10,
      random: mulberry32(1),
    });
    expect(attack.mails.map(({ wordsNeeded }) => wordsNeeded)).toEqual([2, 2]);
  });

  it('takes the most frequent words, counted once a mail', () => {
    const sources = [
      { subject: 'alpha', body: 'beta beta beta' },
      { subject: '', body: 'ALPHA gamma a1 ab' },
    ];
    expect(frequentWords(sources, 2)).toEqual(['alpha', 'beta']);
  });
});
