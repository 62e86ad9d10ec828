// How the folder of a model is read: model.json says what kind it is and where its weights are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDigits } from './digits-model.js';
import { openSpamFilter } from './spam-model.js';
import type { Model, ModelFile } from './model.js';

export function readModelFile(folder: string): ModelFile {
  return JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelFile;
}

export function openModel(folder: string): Model {
  const file = readModelFile(folder);
  const weights = readFileSync(join(folder, file.weights));
  if (file.task === 'text-classification') return openSpamFilter(file, weights);
  if (file.task === 'digit-classification') return openDigits(file, weights);
  throw new Error(`${join(folder, 'model.json')}: nothing serves the task ${file.task}`);
}
