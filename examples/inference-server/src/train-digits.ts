// Trains the digits model: node dist/train-digits.js --out FOLDER [--version v1] [--seed 1] [--epochs 12]
// Writes model.safetensors, model.json (how to ask it) and run.json (what it was made of). Same seed, same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDigits } from './mnist-digits.js';
import { CLASSES, PIXELS, predict, train } from './perceptron.js';
import { toSafetensors } from './safetensors.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    version: { type: 'string', default: 'v1' },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '12' },
  },
});
if (values.out === undefined) throw new Error('--out is missing: the folder that the model is written to');

const HIDDEN = 40;
const digits = loadDigits();
const training = { hidden: HIDDEN, epochs: Number(values.epochs), rate: 0.1, seed: Number(values.seed) };
const model = train(digits.train, training);
const right = digits.heldOut.filter(({ pixels, label }) => {
  const probabilities = predict(model, pixels);
  return probabilities.indexOf(Math.max(...probabilities)) === label;
}).length;
const weights = toSafetensors({
  w1: { shape: [HIDDEN, PIXELS], data: model.w1 },
  b1: { shape: [HIDDEN], data: model.b1 },
  w2: { shape: [CLASSES, HIDDEN], data: model.w2 },
  b2: { shape: [CLASSES], data: model.b2 },
});
const declaration = {
  schema: 'vallum/model/v1',
  name: 'digits',
  version: values.version,
  task: 'digit-classification',
  labels: Array.from({ length: CLASSES }, (_, label) => String(label)),
  weights: 'model.safetensors',
  input: { name: 'image', datatype: 'FP32', shape: [-1, PIXELS], minimum: 0, maximum: 1 },
  output: { name: 'probabilities', datatype: 'FP32', shape: [-1, CLASSES] },
};
const run = {
  model: 'digits',
  version: values.version,
  data: { package: 'mnist', version: '1.1.0', train: digits.train.length, heldOut: digits.heldOut.length },
  training,
  outputs: [{ path: 'model.safetensors', sha256: createHash('sha256').update(weights).digest('hex') }],
  metrics: { heldOutAccuracy: right / digits.heldOut.length },
};
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'model.safetensors'), weights);
writeFileSync(join(values.out, 'model.json'), `${JSON.stringify(declaration, null, 2)}\n`);
writeFileSync(join(values.out, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
console.log(`${values.version}: ${right} of ${digits.heldOut.length} held-out digits right`);
