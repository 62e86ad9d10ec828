import { createHash } from 'node:crypto';
import { canonicalJson, isBlocked, nodeDisk } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { codeOf, run, unreadable, withFolder, writeFeed } from '../testing/feeds.js';
import { openDataset } from './dataset.js';
import { planDataManifest } from './plan-manifest.js';

const subjectName = 'spam-filter-data@v1';
const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

describe('openDataset', () => {
  it('has the digest of the canonical manifest, in whatever order the feeds are named', async () => {
    await withFolder(async (folder) => {
      const b = await writeFeed(folder, 'b', [{}, {}]);
      const a = await writeFeed(folder, 'a', [{}]);
      const dataset = await openDataset({ disk: nodeDisk, feeds: [b, a], subjectName });
      if ('blocked' in dataset) throw new Error('blocked');
      const digestOf = async (path: string): Promise<string> => sha(await nodeDisk.read(path, 10_000));
      const entry = async (name: string, rows: number): Promise<object> => ({
        name,
        source: 'a test',
        license: 'CC0-1.0',
        rows,
        sha256: await digestOf(`${folder}/${name}/rows.jsonl`),
        feedJson: await digestOf(`${folder}/${name}/feed.json`),
      });
      expect(dataset.manifest).toEqual({
        schema: 'vallum/manifest/v1',
        feeds: [await entry('a', 1), await entry('b', 2)],
      });
      expect(dataset.subject).toEqual({ name: subjectName, digest: { sha256: sha(canonicalJson(dataset.manifest)) } });
      expect(dataset.inputs.map(({ name }) => name)).toEqual([
        'a/feed.json',
        'a/rows.jsonl',
        'b/feed.json',
        'b/rows.jsonl',
      ]);
      const again = await openDataset({ disk: nodeDisk, feeds: [a, b], subjectName });
      expect(again).toEqual(dataset);
    });
  });

  it.each(['feed.json', 'rows.jsonl'])(
    'answers with the file when %s cannot be read, and every control is blocked',
    async (file) => {
      await withFolder(async (folder) => {
        const ref = await writeFeed(folder, 'f', [{}]);
        const dataset = await openDataset({ disk: unreadable(file), feeds: [ref], subjectName });
        expect(dataset).toMatchObject({ blocked: { code: 'DISK_READ', file: `${folder}/f/${file}` } });
        const planned = await planDataManifest({ disk: nodeDisk, dataset });
        expect(isBlocked(planned) && planned.kind).toBe('data.manifest');
      });
    },
  );

  it('refuses no feeds, a feed named twice, zero rows and a broken feed.json', async () => {
    await withFolder(async (folder) => {
      const open = (feeds: { name: string; path: string }[]): Promise<unknown> =>
        openDataset({ disk: nodeDisk, feeds, subjectName });
      const f = await writeFeed(folder, 'f', [{}]);
      expect(await codeOf(() => open([]))).toMatch(/^DATA_NO_FEEDS/);
      expect(await codeOf(() => open([f, f]))).toMatch(/^DATA_FEED_TWICE.*"f"/);
      const empty = await writeFeed(folder, 'empty', []);
      expect(await codeOf(() => open([f, empty]))).toMatch(/^DATA_NO_ROWS.*empty/);
      const odd = await writeFeed(folder, 'odd', [{}], { licence: 'x' });
      expect(await codeOf(() => open([odd]))).toMatch(/^DATA_FEED.*licence/);
    });
  });

  it('counts a last row without a line break', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}]);
      await nodeDisk.append(`${ref.path}/rows.jsonl`, Buffer.from('{}'));
      const dataset = await openDataset({ disk: nodeDisk, feeds: [ref], subjectName });
      expect('feeds' in dataset && dataset.feeds[0]?.rows).toBe(2);
    });
  });
});

describe('data.manifest', () => {
  it('passes with source and licence, and counts what it covers', async () => {
    await withFolder(async (folder) => {
      const feeds = [await writeFeed(folder, 'a', [{}, {}]), await writeFeed(folder, 'b', [{}])];
      const result = await run(
        await planDataManifest({ disk: nodeDisk, dataset: await openDataset({ disk: nodeDisk, feeds, subjectName }) }),
      );
      expect(result).toMatchObject({ outcome: 'pass', findings: [], coverage: { examined: { files: 4, rows: 3 } } });
    });
  });

  it.each([
    [{ source: '' }, 'manifest.source_missing'],
    [{ source: ' Unknown ' }, 'manifest.source_missing'],
    [{ license: 'TODO' }, 'manifest.license_missing'],
  ])('fails with %j', async (facts, rule) => {
    await withFolder(async (folder) => {
      const feeds = [await writeFeed(folder, 'a', [{}]), await writeFeed(folder, 'b', [{}], facts)];
      const result = await run(
        await planDataManifest({ disk: nodeDisk, dataset: await openDataset({ disk: nodeDisk, feeds, subjectName }) }),
      );
      expect(result.outcome).toBe('fail');
      expect(result.findings.map((finding) => [finding.rule, finding.location.feed])).toEqual([[rule, 'b']]);
    });
  });

  it('stops when a file changed after its digest was taken', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}]);
      const planned = await planDataManifest({
        disk: nodeDisk,
        dataset: await openDataset({ disk: nodeDisk, feeds: [ref], subjectName }),
      });
      await nodeDisk.append(`${ref.path}/rows.jsonl`, Buffer.from('\n'));
      expect(await codeOf(() => run(planned))).toMatch(/^DATA_CHANGED.*rows.jsonl/);
    });
  });
});
