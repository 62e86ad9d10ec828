// A text classifier that can be asked: model.json and the ONNX file, read once, checked against the digest that the
// evidence will name, and queried in batches. The project's own code is never run.
import type { Disk, Sha256 } from '@vallum/core';
import { digestDirectory, sha256, VallumError } from '@vallum/core';
import type { ModelDeclaration } from './declaration.js';
import { DECLARATION_FILE, MAX_DECLARATION_BYTES, readDeclaration } from './declaration.js';
import { onnxRuntime } from './edge/onnx-runtime.js';
import type { Engine, Session } from './engine.js';
import type { TextFields } from './features.js';
import { writeFeatures } from './features.js';

const MAX_WEIGHTS_BYTES = 512 * 1024 * 1024;
/** Floats in one batch: 16 MiB. */
const BATCH_FLOATS = 4 * 1024 * 1024;
const MAX_BATCH_ROWS = 256;

export interface TextModel {
  readonly declaration: ModelDeclaration;
  /** Directory digest of model.json and the weights: the subject of statements about the weights alone. */
  readonly digest: Sha256;
  /** For each row the probability of the positive label. */
  predict(rows: readonly TextFields[], abort?: AbortSignal): Promise<readonly number[]>;
  /** Label that the model gives at its threshold. */
  labelOf(probability: number): string;
  /** Rows asked about so far. */
  readonly queries: number;
  close(): Promise<void>;
}

export interface OpenTextModelOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** What the digest must be; other bytes are not queried. */
  readonly expected?: Sha256;
  /** Default: onnxruntime-node, imported here and now. */
  readonly engine?: Engine;
}

interface WeightsScope {
  readonly declaration: ModelDeclaration;
  readonly weights: Uint8Array;
  readonly digest: Sha256;
}

async function readScope(disk: Disk, dir: string): Promise<WeightsScope> {
  const json = await disk.read(`${dir}/${DECLARATION_FILE}`, MAX_DECLARATION_BYTES);
  const declaration = readDeclaration(json);
  const weights = await disk.read(`${dir}/${declaration.weights}`, MAX_WEIGHTS_BYTES);
  const digest = digestDirectory([
    { path: DECLARATION_FILE, sha256: sha256(json) },
    { path: declaration.weights, sha256: sha256(weights) },
  ]);
  return { declaration, weights, digest };
}

/** Digest of the weights scope: model.json and the file that it names as weights. @throws as `openTextModel` */
export async function weightsDigest(disk: Disk, dir: string): Promise<Sha256> {
  return (await readScope(disk, dir)).digest;
}

/**
 * @throws VallumError `MODEL_JSON`, `MODEL_CHANGED` (not the expected digest), `MODEL_NOT_ONNX`, `MODEL_QUERY`,
 *   `ONNX_RUNTIME_ABSENT`, or of the disk
 */
export async function openTextModel(options: OpenTextModelOptions): Promise<TextModel> {
  const { declaration, weights, digest } = await readScope(options.disk, options.dir);
  if (options.expected !== undefined && options.expected !== digest)
    throw new VallumError('MODEL_CHANGED', `the weights in ${options.dir} are not the expected ones`, {
      fix: `restore the bytes with the digest ${options.expected}`,
    });
  const session = await (options.engine ?? onnxRuntime)(weights);
  try {
    requireName('input', session.inputNames, declaration.input.name);
    requireName('output', session.outputNames, declaration.output.name);
  } catch (error) {
    await session.close();
    throw error;
  }
  let queries = 0;
  return {
    declaration,
    digest,
    predict: async (rows, abort) => {
      const answers = await predict(session, declaration, rows, abort);
      queries += rows.length;
      return answers;
    },
    labelOf: (probability) => {
      const { positive, threshold } = declaration.output;
      return probability >= threshold ? positive : (declaration.labels.find((label) => label !== positive) ?? positive);
    },
    get queries() {
      return queries;
    },
    close: () => session.close(),
  };
}

function requireName(what: 'input' | 'output', names: readonly string[], wanted: string): void {
  if (names.includes(wanted) && (what === 'output' || names.length === 1)) return;
  throw new VallumError(
    'MODEL_QUERY',
    `model.json names the ${what} ${JSON.stringify(wanted)}, and the model has ${names.slice(0, 5).join(', ')}`,
    { fix: `name the ${what} in model.json as it is in the ONNX file` },
  );
}

async function predict(
  session: Session,
  declaration: ModelDeclaration,
  rows: readonly TextFields[],
  abort: AbortSignal | undefined,
): Promise<readonly number[]> {
  const width = 2 ** declaration.input.bits;
  const size = Math.max(1, Math.min(MAX_BATCH_ROWS, Math.floor(BATCH_FLOATS / width)));
  const answers: number[] = [];
  for (let start = 0; start < rows.length; start += size) {
    abort?.throwIfAborted();
    const batch = rows.slice(start, start + size);
    const values = new Float32Array(batch.length * width);
    batch.forEach((row, index) => writeFeatures(row, declaration.input, values, index * width));
    const output = await session.run(declaration.input.name, values, batch.length, declaration.output.name);
    if (output.length !== batch.length || !output.every((value) => value >= 0 && value <= 1))
      throw new VallumError('MODEL_QUERY', 'the model does not give one probability between 0 and 1 for each row', {
        fix: 'name the probability output in model.json',
      });
    answers.push(...output);
  }
  return answers;
}
