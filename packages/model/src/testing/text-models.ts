// Text models for the tests: words with weights, written as model.json and ONNX, and mails made of known words.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@vallum/core';
import { fnv1a32 } from '../assess/features.js';
import { writeLinearOnnx } from './onnx-writer.js';

export const BITS = 12;

export const DECLARATION: JsonObject = {
  schema: 'vallum/model/v1',
  name: 'spam-filter',
  version: 'v1',
  task: 'text-classification',
  labels: ['ham', 'spam'],
  weights: 'model.onnx',
  input: {
    name: 'features',
    fields: ['subject', 'body'],
    tokenizer: { type: 'words', lowercase: true, minLength: 2, maxLength: 24 },
    hash: { algorithm: 'fnv1a-32', bits: BITS },
    counts: 'binary',
    normalisation: 'l2',
  },
  output: { name: 'probability', positive: 'spam', threshold: 0.5 },
};

const folders: string[] = [];

export function emptyFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vallum-assess-'));
  folders.push(dir);
  return dir;
}

/** A model folder whose words have these weights; a positive one speaks for spam. */
export function writeTextModel(weights: Readonly<Record<string, number>>, bias = 0): string {
  const values = new Float32Array(2 ** BITS);
  for (const [word, weight] of Object.entries(weights)) values[fnv1a32(word) & (2 ** BITS - 1)] = weight;
  const dir = join(emptyFolder(), 'model');
  mkdirSync(dir);
  writeFileSync(join(dir, 'model.json'), JSON.stringify(DECLARATION));
  writeFileSync(join(dir, 'model.onnx'), writeLinearOnnx({ weights: values, bias }));
  return dir;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
