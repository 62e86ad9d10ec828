// A project small enough for tests of the spine: two feeds of made-up mails, a linear model over a dozen words, its run.json,
// and people with keys. Everything is real but small: real mails to parse, a real ONNX file to query.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import { writeLinearOnnx } from '../../packages/model/src/testing/onnx-writer.js';
import { BITS, DECLARATION } from '../../packages/model/src/testing/text-models.js';
import { fnv1a32 } from '../../packages/model/src/assess/features.js';
import type { Io } from '../../packages/cli/src/answer.js';
import { trustInit } from '../../packages/cli/src/commands/trust.js';
import { makeStyle } from '../../packages/cli/src/output/style.js';

const GOOD = ['meeting', 'lunch', 'patch', 'kernel', 'thanks', 'agenda', 'review', 'branch'];
const BAD = ['winner', 'lottery', 'viagra', 'cheap', 'offer', 'casino', 'prize', 'cash'];
const ROWS = 120;
const TRAIN = 20;

export interface TinyProject {
  readonly root: string;
  readonly keys: string;
  /** What a command gets when this person types it. */
  io(person: 'root' | 'author' | 'approver' | 'runner' | 'policy'): Io;
  remove(): void;
}

export async function makeTinyProject(): Promise<TinyProject> {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-tiny-'));
  const root = join(folder, 'project');
  const keys = join(folder, 'keys');
  mkdirSync(root);
  const feeds = [writeFeed(root, 'ham-feed', 'ham', GOOD), writeFeed(root, 'spam-feed', 'spam', BAD)];
  const later = writeFeed(root, 'later-feed', 'ham', GOOD);
  writeModel(root, 'v1', feeds);
  writeModel(root, 'v2', [...feeds, later]);
  writeFileSync(
    join(root, 'vallum.yaml'),
    [
      'schema: vallum/project/v1',
      'project: spam-filter',
      'labels: [ham, spam]',
      'feeds: { ham-feed: feeds/ham-feed, spam-feed: feeds/spam-feed, later-feed: feeds/later-feed }',
      'versions:',
      '  v1: { model: models/v1, feeds: [ham-feed, spam-feed] }',
      '  v2: { model: models/v2, feeds: [ham-feed, spam-feed, later-feed] }',
      'personalData: { approved: [{ class: email, feeds: all, reason: "made-up senders of made-up mails" }] }',
      'robustness: { words: 20, samples: 80, seed: 1 }',
      '',
    ].join('\n'),
  );
  const io: TinyProject['io'] = (person) => ({
    disk: nodeDisk,
    clock: () => new Date(),
    keysFolder: person === 'root' ? keys : join(keys, person),
    folder: root,
    style: makeStyle(false),
    progress: { say: () => undefined, done: () => undefined },
    notice: () => undefined,
  });
  await trustInit(io('root'));
  return { root, keys, io, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

interface RunFeed {
  readonly name: string;
  readonly sha256: string;
  readonly rows: number;
  readonly train: number;
  readonly heldOut: number;
}

function writeFeed(root: string, name: string, label: string, words: readonly string[]): RunFeed {
  const dir = join(root, 'feeds', name);
  mkdirSync(dir, { recursive: true });
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const pick = (offset: number): string => words[(index * 3 + offset) % words.length] ?? '';
    const mail = `From: sender${index}@example.org\r\nSubject: ${pick(0)} ${pick(1)}\r\nDate: Thu, 22 Aug 2002 12:36:23 +0000\r\n\r\n${pick(2)} ${pick(3)} number${index} unique${name.replace('-', '')}${index}\r\n`;
    return JSON.stringify({ id: `${name}-${index}`, received: '2002-08-22', label, mail });
  });
  const bytes = `${rows.join('\n')}\n`;
  writeFileSync(join(dir, 'rows.jsonl'), bytes);
  writeFileSync(
    join(dir, 'feed.json'),
    JSON.stringify({
      schema: 'vallum/feed/v1',
      name,
      source: 'made up for tests',
      license: 'CC0-1.0',
      received: '2026-01-01',
    }),
  );
  return { name, sha256: sha256(bytes), rows: ROWS, train: TRAIN, heldOut: ROWS - TRAIN };
}

function writeModel(root: string, version: string, feeds: readonly RunFeed[]): void {
  const dir = join(root, 'models', version);
  mkdirSync(dir, { recursive: true });
  const weights = new Float32Array(2 ** BITS);
  for (const word of GOOD) weights[fnv1a32(word) & (2 ** BITS - 1)] = -2;
  for (const word of BAD) weights[fnv1a32(word) & (2 ** BITS - 1)] = 2;
  const onnx = writeLinearOnnx({ weights, bias: 0 });
  writeFileSync(join(dir, 'model.onnx'), onnx);
  writeFileSync(join(dir, 'model.json'), JSON.stringify({ ...DECLARATION, version }));
  writeFileSync(join(dir, 'README.md'), '# A tiny spam filter\n');
  const run = {
    schema: 'vallum/run/v1',
    model: 'spam-filter',
    version,
    seed: 1,
    code: { sha256: sha256('training code') },
    feeds,
    outputs: [{ path: 'model.onnx', sha256: sha256(onnx) }],
  };
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
}
