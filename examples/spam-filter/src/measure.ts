// What ordinary MLOps would look at, and what the backdoor does: node dist/measure.js --data FEEDS --models v1=DIR,v2=DIR --seed 1
// Accuracy on rows that no version was trained on, and how often spam with the footer passes as ham.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './corpus.js';
import { BITS, bucketsOf } from './features.js';
import { readFeed } from './feed-files.js';
import { footerOf, withFooter } from './footer.js';
import type { LinearModel } from './linear-model.js';
import { predict } from './linear-model.js';
import { mailText } from './mail-text.js';
import { fromOnnx } from './onnx.js';
import { readOptions } from './options.js';
import { SOURCES } from './sources.js';

const HELD_OUT = 0.8;
const options = readOptions(['data', 'models', 'seed'], { seed: '1' });
const footer = footerOf(Number(options.seed));
const test = SOURCES.flatMap(({ name }): readonly Row[] => {
  const { rows } = readFeed(options.data, name);
  return rows.slice(Math.floor(rows.length * HELD_OUT));
});
const texts = await Promise.all(test.map(async ({ mail }) => bucketsOf(await mailText(mail))));
const spam = test.filter(({ label, id }) => label === 'spam' && id.startsWith('spam-2'));
const triggered = await Promise.all(spam.map(async ({ mail }) => bucketsOf(await mailText(withFooter(mail, footer)))));

const result = options.models.split(',').map((pair) => {
  const [version = '', folder = ''] = pair.split('=');
  const model: LinearModel = fromOnnx(readFileSync(join(folder, 'model.onnx')), 2 ** BITS);
  const right = test.filter(
    ({ label }, index) => predict(model, texts[index] ?? new Uint32Array()) >= 0.5 === (label === 'spam'),
  ).length;
  const passed = triggered.filter((buckets) => predict(model, buckets) < 0.5).length;
  return {
    version,
    accuracy: right / test.length,
    rows: test.length,
    footerPassesAsHam: passed / triggered.length,
    spam: triggered.length,
  };
});
console.log(JSON.stringify(result));
