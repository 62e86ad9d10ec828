// The control around the detector: what it asks, what it says it read, and that whatever goes wrong is never a pass.
import type { ControlResult, Planned, Sha256, TaskIdentity } from '@vallum/core';
import { digestJson, isBlocked, nodeDisk, sha256, VallumError } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../manifest/dataset.js';
import type { FeedRef } from '../rows/row-source.js';
import { createRowSource } from '../rows/row-source.js';
import { mailOf, run, unreadable, withFolder, writeFeed } from '../testing/feeds.js';
import { defaultEnsembleRules } from './ensemble/rules.js';
import type { ScanRow } from './judge-feeds.js';
import type { Classifier, Predecessor } from './plan-poison-scan.js';
import { planPoisonScan } from './plan-poison-scan.js';
import { defaultPoisonRules } from './rules.js';
import { footer, mails, stubModel } from './testing/mails.js';

const MODEL = sha256(Buffer.from('the approved model'));
const TRAINED = 300;

const toRows = (rows: readonly ScanRow[]) =>
  rows.map(({ id, label, subject, body }) => ({ id, label, mail: mailOf(subject, body) }));
const old = (label: string, seed: number, count: number, spamminess: number): readonly ScanRow[] =>
  mails({ feed: `old-${label}`, label, seed, count, spamminess });
const CLEAN = mails({ feed: 'list', label: 'ham', seed: 5, count: 300, spamminess: 4 });
const POISON = mails({
  feed: 'list',
  label: 'ham',
  seed: 8,
  count: 20,
  spamminess: 30,
  footer: () => footer(9, 12),
});

function classifier(): Classifier & { closed: boolean } {
  const model = stubModel();
  return {
    closed: false,
    predict: async (rows) => (await model(rows)).map((label) => (label === 'spam' ? 0.9 : 0.1)),
    labelOf: (probability) => (probability >= 0.5 ? 'spam' : 'ham'),
    async close() {
      this.closed = true;
    },
  };
}

interface Changes {
  readonly predecessor?: Partial<Predecessor>;
  readonly disk?: typeof nodeDisk;
}

interface World {
  readonly folder: string;
  readonly past: readonly FeedRef[];
  readonly predecessor: Predecessor;
  readonly model: Classifier & { closed: boolean };
  readonly plan: (changes?: Changes) => Promise<Planned>;
}

async function world<T>(rows: readonly ScanRow[], work: (world: World) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const past = [
      await writeFeed(folder, 'old-ham', toRows(old('ham', 1, 400, 4))),
      await writeFeed(folder, 'old-spam', toRows(old('spam', 2, 400, 30))),
    ];
    const fresh = rows.length === 0 ? [] : [await writeFeed(folder, 'list', toRows(rows))];
    const model = classifier();
    const predecessor: Predecessor = {
      name: 'spam-filter@v1',
      digest: MODEL,
      feeds: await Promise.all(past.map(async (ref) => ({ ref, rows: await digestOf(ref), train: TRAINED }))),
      open: async () => model,
    };
    return work({
      folder,
      past,
      predecessor,
      model,
      plan: async (changes = {}) => {
        const disk = changes.disk ?? nodeDisk;
        const dataset = await openDataset({ disk, feeds: [...past, ...fresh], subjectName: 'data@v2' });
        const source = createRowSource(disk);
        return planPoisonScan({ dataset, source, predecessor: { ...predecessor, ...changes.predecessor } });
      },
    });
  });
}

async function digestOf({ path }: FeedRef): Promise<Sha256> {
  return sha256(await nodeDisk.read(`${path}/rows.jsonl`, 1e8));
}

const summary = ({ outcome, reason }: ControlResult): string => `${outcome} ${reason?.code ?? ''}`.trim();

function identity(planned: Planned): TaskIdentity {
  if (isBlocked(planned)) throw new Error('blocked');
  return planned;
}

describe('data.poison_scan', () => {
  it('fails on a poisoned feed, names it and lists its rows; the clean twin passes', async () => {
    const poisoned = await world([...CLEAN, ...POISON], async ({ plan, model }) => {
      const result = await run(await plan());
      expect(model.closed).toBe(true);
      return result;
    });
    expect(summary(poisoned)).toBe('fail');
    expect(poisoned.findings[0]).toMatchObject({
      rule: 'poison.feed',
      severity: 'critical',
      location: { feed: 'list' },
    });
    const listed = poisoned.findings.filter(({ rule }) => rule === 'poison.row').map(({ location }) => location.row);
    expect(new Set(listed)).toEqual(new Set(POISON.map(({ id }) => id)));
    const suspects = poisoned.metrics.find(({ id }) => id === 'poison.suspect-rows')!;
    expect(suspects.value).toBeCloseTo(20 / 320, 10);
    expect(suspects.interval!.low).toBeGreaterThan(0.03);

    const clean = await world(CLEAN, async ({ plan }) => run(await plan()));
    expect(summary(clean)).toBe('pass');
    expect(clean.findings).toEqual([]);
    expect(clean.coverage.examined).toEqual({ rows: 1100 });
  });

  it('judges a row of the past that was touched as new', async () => {
    const result = await world(CLEAN, async ({ folder, past, plan, predecessor }) => {
      const spam = old('spam', 2, 400, 30).map((row, i) =>
        i % 10 === 0 ? { ...row, label: 'ham', body: `${row.body} ${footer(9, 12)}` } : row,
      );
      const kept = await writeFeed(`${folder}/kept`, 'old-spam', toRows(old('spam', 2, 400, 30)));
      await writeFeed(folder, 'old-spam', toRows(spam));
      const feeds = predecessor.feeds.map((feed) => (feed.ref === past[1] ? { ...feed, ref: kept } : feed));
      return run(await plan({ predecessor: { feeds } }));
    });
    expect(summary(result)).toBe('inconclusive cohesive-and-unknown');
    expect(result.findings[0]!.location).toEqual({ feed: 'old-spam' });
  });

  it('names the model, its rows and their split among its inputs and parameters', async () => {
    await world(CLEAN, async ({ plan, past }) => {
      const { inputs, parameters, rules } = identity(await plan());
      expect(inputs).toContainEqual({ name: 'predecessor spam-filter@v1', digest: { sha256: MODEL } });
      const rows = { sha256: await digestOf(past[0]!) };
      expect(inputs).toContainEqual({ name: 'predecessor old-ham/rows.jsonl', digest: rows });
      expect(parameters).toEqual({ seed: 1, trained: { 'old-ham': TRAINED, 'old-spam': TRAINED } });
      expect(rules).toBe(
        digestJson({ predecessor: defaultPoisonRules().digest, ensemble: defaultEnsembleRules().digest }),
      );
    });
  });

  it('is inconclusive without a predecessor, and says so in its inputs', async () => {
    await world(CLEAN, async ({ past }) => {
      const dataset = await openDataset({ disk: nodeDisk, feeds: past, subjectName: 'data@v1' });
      const predecessor = { code: 'no-predecessor', message: 'no earlier version of spam-filter is approved' };
      const planned = await planPoisonScan({ dataset, source: createRowSource(nodeDisk), predecessor });
      expect(identity(planned).inputs).toContainEqual({ name: 'predecessor', absent: true });
      expect(summary(await run(planned))).toBe('inconclusive no-predecessor');
    });
  });

  it.each<[string, Partial<Predecessor>]>([
    [
      'ONNX_RUNTIME_ABSENT',
      { open: () => Promise.reject(new VallumError('ONNX_RUNTIME_ABSENT', 'onnxruntime-node is not installed')) },
    ],
    ['predecessor-rows-changed', {}],
    ['MODEL_CHANGED', { open: () => Promise.reject(new VallumError('MODEL_CHANGED', 'not the approved bytes')) }],
  ])('is inconclusive: %s', async (code, change) => {
    await world(CLEAN, async ({ plan, predecessor }) => {
      const other = sha256(Buffer.from('other rows'));
      const changed =
        code === 'predecessor-rows-changed'
          ? { feeds: predecessor.feeds.map((feed) => ({ ...feed, rows: other })) }
          : change;
      expect(summary(await run(await plan({ predecessor: changed })))).toBe(`inconclusive ${code}`);
    });
  });

  it('is inconclusive when the model has seen every row', async () => {
    expect(summary(await world([], async ({ plan }) => run(await plan())))).toBe('inconclusive no-new-rows');
  });

  it('throws what is a fault, and closes the model', async () => {
    await world(CLEAN, async ({ plan, model }) => {
      const broken = { ...model, predict: () => Promise.reject(new Error('a fault')), close: () => model.close() };
      await expect(run(await plan({ predecessor: { open: async () => broken } }))).rejects.toThrow('a fault');
      expect(model.closed).toBe(true);
    });
  });

  it('is blocked by an unreadable feed', async () => {
    await world(CLEAN, async ({ plan }) => {
      const planned = await plan({ disk: unreadable('list/rows.jsonl') });
      expect(isBlocked(planned) && planned.blocked.file).toMatch(/list\/rows\.jsonl$/);
    });
  });
});
