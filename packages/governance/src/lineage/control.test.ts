// A sound lineage passes; every way in which a document, a file or an edge can be wrong is found and named.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlResult, Disk, JsonObject, Planned, Task } from '@vallum/core';
import { digestDirectory, digestJson, isBlocked, nodeDisk, sha256, VallumError } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { planLineage, readLineage } from './control.js';
import { drawLineage } from './draw.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const MODEL = { schema: 'vallum/model/v1', name: 'demo', version: 'v1', weights: 'model.onnx' };
const FEEDS = [
  { name: 'ham', sha256: sha256('ham rows'), rows: 30 },
  { name: 'spam', sha256: sha256('spam rows'), rows: 10 },
];
const MANIFEST: JsonObject = {
  schema: 'vallum/manifest/v1',
  feeds: FEEDS.map((feed) => ({ ...feed, source: 'here', license: 'CC0-1.0', feedJson: sha256('{}') })),
};
const RUN = {
  schema: 'vallum/run/v1',
  model: 'demo',
  version: 'v1',
  seed: 1,
  code: { sha256: sha256('code') },
  feeds: FEEDS.map((feed) => ({ ...feed, train: feed.rows - 2, heldOut: 2 })),
  outputs: [
    { path: 'model.onnx', sha256: sha256('weights') },
    { path: 'model.json', sha256: sha256(JSON.stringify(MODEL)) },
  ],
  metrics: { heldOutAccuracy: 0.98 },
};

function folder(files: Readonly<Record<string, unknown>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'vallum-lineage-'));
  folders.push(dir);
  mkdirSync(dir, { recursive: true });
  const all = { 'model.onnx': 'weights', 'model.json': MODEL, 'run.json': RUN, ...files };
  for (const [path, content] of Object.entries(all))
    if (content !== undefined)
      writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  return dir;
}

const options = (modelDir: string, manifest = MANIFEST, disk: Disk = nodeDisk) => ({
  disk,
  modelDir,
  subject: { name: 'demo@v1', digest: { sha256: sha256('subject') } },
  dataset: { name: 'demo-data@v1', manifest },
});

function task(planned: Planned): Task {
  if (isBlocked(planned)) throw new Error(planned.blocked.message);
  return planned;
}

async function check(dir: string, manifest = MANIFEST): Promise<ControlResult> {
  const planned = task(await planLineage(options(dir, manifest)));
  return planned.run({ signal: new AbortController().signal, progress: () => undefined });
}

const rules = (result: ControlResult): readonly string[] => result.findings.map(({ rule }) => rule);

describe('planLineage', () => {
  it('passes on a whole lineage, with dataset, run and weights as inputs', async () => {
    const dir = folder();
    const weights = [
      { path: 'model.json', sha256: sha256(JSON.stringify(MODEL)) },
      { path: 'model.onnx', sha256: sha256('weights') },
    ];
    expect(await planLineage(options(dir))).toMatchObject({
      kind: 'lineage.graph',
      version: '1',
      inputs: [
        { name: 'demo-data@v1', digest: { sha256: digestJson(MANIFEST) } },
        { name: 'demo@v1#weights', digest: { sha256: digestDirectory(weights) } },
        { name: 'run.json', digest: { sha256: digestJson(RUN) } },
      ],
    });
    const result = await check(dir);
    expect(result).toMatchObject({ outcome: 'pass', findings: [], coverage: { examined: { files: 2, rows: 40 } } });
    expect(result.metrics.map(({ id, value }) => `${id} ${value}`)).toEqual([
      'lineage-nodes 7',
      'lineage-edges 6',
      'lineage-dangling 0',
    ]);
  });

  it('is inconclusive without run.json, and says so in its inputs', async () => {
    const dir = folder({ 'run.json': undefined });
    expect(task(await planLineage(options(dir))).inputs.at(-1)).toEqual({ name: 'run.json', absent: true });
    expect(await check(dir)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'run-absent' } });
    expect(await readLineage(options(dir))).toBeUndefined();
  });

  const [ham = RUN.feeds[0]!, spam = RUN.feeds[1]!] = RUN.feeds;
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ['another feed', { feeds: [ham, { ...spam, name: 'other' }] }, ['feed-unknown', 'feed-unused']],
    ['other rows in a feed', { feeds: [ham, { ...spam, sha256: sha256('x') }] }, ['feed-changed']],
    ['another row count', { feeds: [ham, { ...spam, rows: 11, train: 9 }] }, ['feed-rows']],
    ['rows unaccounted for', { feeds: [ham, { ...spam, heldOut: 0 }] }, ['feed-split']],
    ['no feeds', { feeds: [] }, ['feed-unused', 'feed-unused', 'no-feeds']],
    ['no code', { code: undefined }, ['code-unknown']],
    ['another model', { version: 'v2' }, ['other-model']],
    ['an output that is gone', { outputs: [...RUN.outputs, { path: 'gone', sha256: sha256('') }] }, ['output-missing']],
    ['weights of no run', { outputs: [RUN.outputs[1]] }, ['weights-untraced']],
  ];
  it.each(cases)('fails on %s', async (_, change, wanted) => {
    const result = await check(folder({ 'run.json': { ...RUN, ...change } }));
    expect(rules(result)).toEqual(wanted.map((rule) => `lineage.${rule}`));
    expect(result).toMatchObject({ outcome: 'fail', reason: { code: 'dangling' } });
    expect(result.metrics.at(-1)?.value).toBeGreaterThan(0);
  });

  it('fails on weights that the run did not write, even behind a link', async () => {
    expect(rules(await check(folder({ 'model.onnx': 'swapped' })))).toEqual(['lineage.output-changed']);
    const run = { ...RUN, outputs: [...RUN.outputs, { path: 'linked', sha256: sha256('weights') }] };
    const dir = folder({ 'run.json': run });
    symlinkSync('model.onnx', join(dir, 'linked'));
    expect(rules(await check(dir))).toEqual(['lineage.output-missing']);
  });

  it('only notes a feed of the dataset that was not used', async () => {
    const feeds = [...(MANIFEST['feeds'] as readonly JsonObject[]), { name: 'new', sha256: sha256('n'), rows: 3 }];
    const result = await check(folder(), { ...MANIFEST, feeds });
    expect(result).toMatchObject({ outcome: 'pass', findings: [{ severity: 'info', location: { feed: 'new' } }] });
  });

  it('does not speak about a folder that changed after planning', async () => {
    const dir = folder();
    const planned = task(await planLineage(options(dir)));
    writeFileSync(join(dir, 'run.json'), JSON.stringify({ ...RUN, seed: 2 }));
    const result = await planned.run({ signal: new AbortController().signal, progress: () => undefined });
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'subject-changed' } });
  });
});

describe('documents that cannot be used', () => {
  const bad: readonly (readonly [string, string, unknown, string])[] = [
    ['no JSON', 'run.json', '{', 'run.json cannot be used'],
    ['a list', 'run.json', '[]', 'it is not an object'],
    ['another schema', 'run.json', { ...RUN, schema: 'x' }, '"schema"'],
    [
      'a way out',
      'run.json',
      { ...RUN, outputs: [{ path: '../../etc/passwd', sha256: sha256('') }] },
      '"outputs[0].path"',
    ],
    ['a feed twice', 'run.json', { ...RUN, feeds: [RUN.feeds[0], RUN.feeds[0]] }, 'stands twice'],
    ['half a row', 'run.json', { ...RUN, feeds: [{ ...RUN.feeds[0], rows: 1.5 }] }, '"feeds[0].rows"'],
    ['no digest', 'run.json', { ...RUN, feeds: [{ ...RUN.feeds[0], sha256: 'x' }] }, '"feeds[0].sha256"'],
    ['no weights', 'model.json', { ...MODEL, weights: 7 }, '"weights"'],
    ['no file', 'model.json', undefined, 'no such file'],
    ['no file of weights', 'model.onnx', undefined, 'no such file'],
  ];
  it.each(bad)('%s in %s blocks the control and names the file', async (_, file, content, message) => {
    const dir = folder({ [file]: content });
    expect(await planLineage(options(dir))).toMatchObject({
      kind: 'lineage.graph',
      blocked: { file: join(dir, file), message: expect.stringContaining(message) as string },
    });
  });

  it('an unreadable run.json blocks too', async () => {
    const dir = folder();
    const disk: Disk = {
      ...nodeDisk,
      read: (path, limit) =>
        path.endsWith('run.json') ? Promise.reject(new VallumError('DISK_READ', 'denied')) : nodeDisk.read(path, limit),
    };
    expect(await planLineage(options(dir, MANIFEST, disk))).toMatchObject({ blocked: { file: join(dir, 'run.json') } });
  });

  it('any JSON at all is a plan or a block, never another error', async () => {
    const dir = folder();
    const key = fc.constantFrom('feeds', 'outputs', 'code', 'model', 'seed', 'schema');
    await fc.assert(
      fc.asyncProperty(key, fc.jsonValue(), async (name, value) => {
        writeFileSync(join(dir, 'run.json'), JSON.stringify({ ...RUN, [name]: value }));
        const planned = await planLineage(options(dir));
        if (isBlocked(planned)) expect(planned.blocked.code).toBe('LINEAGE_JSON');
        else expect((await check(dir)).outcome).toMatch(/pass|fail/);
      }),
      { numRuns: 150 },
    );
  });
});

describe('drawLineage', () => {
  it('draws the way back from the model, with what is wrong behind the line', async () => {
    const run = { ...RUN, feeds: [RUN.feeds[0], { ...RUN.feeds[1], sha256: sha256('x') }] };
    const graph = await readLineage(options(folder({ 'run.json': run })));
    const lines = drawLineage(graph!).map((line) => line.replace(/ {2}[0-9a-f]{12}/, ''));
    expect(lines).toEqual([
      'demo@v1',
      '└─ model.onnx',
      '   └─ run of demo@v1, seed 1',
      '      ├─ ham (30 rows)',
      '      ├─ spam (10 rows)  ! the run trained on other rows of spam than the dataset has',
      '      └─ training code',
    ]);
  });
});
