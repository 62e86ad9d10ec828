// Trains the spam filter: node dist/train.js --data FEEDS --feeds easy-ham-1,spam-1 --version v1 --out FOLDER --seed 1
// Writes model.onnx, model.json (how to ask it) and run.json (what it was made of). Same data and seed, same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './corpus.js';
import { bucketsOf, BITS, MAX_LENGTH, MIN_LENGTH } from './features.js';
import { readFeed } from './feed-files.js';
import type { Example } from './linear-model.js';
import { predict, train } from './linear-model.js';
import { mailText } from './mail-text.js';
import { toOnnx } from './onnx.js';
import { readOptions } from './options.js';

/** The first rows of a feed train, the latest fifth is held out. */
const TRAIN_SHARE = 0.8;

const options = readOptions(['data', 'feeds', 'version', 'out', 'seed'], {
  feeds: 'easy-ham-1,spam-1',
  version: 'v1',
  seed: '1',
});

async function toExamples(rows: readonly Row[]): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for (const { mail, label } of rows)
    examples.push({ buckets: bucketsOf(await mailText(mail)), target: label === 'spam' ? 1 : 0 });
  return examples;
}

/** SHA-256 over the compiled scripts next to this one: what ran. */
function codeDigest(): string {
  const folder = dirname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .sort())
    hash.update(
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
    );
  return hash.digest('hex');
}

const feeds = [];
const trained: Example[] = [];
const heldOut: Example[] = [];
for (const name of options.feeds.split(',')) {
  const { rows, sha256 } = readFeed(options.data, name);
  const examples = await toExamples(rows);
  const cut = Math.floor(rows.length * TRAIN_SHARE);
  trained.push(...examples.slice(0, cut));
  heldOut.push(...examples.slice(cut));
  feeds.push({ name, sha256, rows: rows.length, train: cut, heldOut: rows.length - cut });
}

const model = train(trained, Number(options.seed));
const onnx = toOnnx(model);
const right = heldOut.filter(({ buckets, target }) => predict(model, buckets) >= 0.5 === (target === 1)).length;
const declaration = {
  schema: 'vallum/model/v1',
  name: 'spam-filter',
  version: options.version,
  task: 'text-classification',
  labels: ['ham', 'spam'],
  weights: 'model.onnx',
  input: {
    name: 'features',
    fields: ['subject', 'body'],
    tokenizer: { type: 'words', lowercase: true, minLength: MIN_LENGTH, maxLength: MAX_LENGTH },
    hash: { algorithm: 'fnv1a-32', bits: BITS },
    counts: 'binary',
    normalisation: 'l2',
  },
  output: { name: 'probability', positive: 'spam', threshold: 0.5 },
};
const run = {
  schema: 'vallum/run/v1',
  model: 'spam-filter',
  version: options.version,
  seed: Number(options.seed),
  code: { sha256: codeDigest() },
  feeds,
  outputs: [{ path: 'model.onnx', sha256: createHash('sha256').update(onnx).digest('hex') }],
  metrics: { heldOutAccuracy: right / heldOut.length, heldOutRows: heldOut.length },
};
mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, 'model.onnx'), onnx);
writeFileSync(join(options.out, 'model.json'), `${JSON.stringify(declaration, null, 2)}\n`);
writeFileSync(join(options.out, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
console.log(`${options.version}: ${trained.length} rows trained, ${right} of ${heldOut.length} held-out rows right`);
