// The three documents that tie a model to its data, as far as lineage needs them: run.json (written by the training
// script), model.json (names the weights) and the dataset manifest.
import type { JsonObject, Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { Fields } from './fields.js';

export interface RunFeed {
  readonly name: string;
  /** Of rows.jsonl. */
  readonly sha256: Sha256;
  readonly rows: number;
  /** The first rows of the file trained the model, the rest was held out. */
  readonly train: number;
  readonly heldOut: number;
}

export interface RunRecord {
  readonly model: string;
  readonly version: string;
  readonly seed: number;
  /** Digest of the training code; absent in a run that does not say what ran. */
  readonly code: Sha256 | undefined;
  readonly feeds: readonly RunFeed[];
  readonly outputs: readonly { readonly path: string; readonly sha256: Sha256 }[];
}

export interface ModelRecord {
  readonly name: string;
  readonly version: string;
  /** Path of the weights in the model folder. */
  readonly weights: string;
}

export interface ManifestFeed {
  readonly name: string;
  readonly sha256: Sha256;
  readonly rows: number;
}

/** @throws VallumError `LINEAGE_JSON`, naming the key */
export function readRun(fields: Fields): RunRecord {
  fields.fixed('schema', 'vallum/run/v1');
  const feeds = fields.list('feeds').map((feed) => ({
    name: feed.text('name'),
    sha256: feed.digest('sha256'),
    rows: feed.count('rows'),
    train: feed.count('train'),
    heldOut: feed.count('heldOut'),
  }));
  const outputs = fields
    .list('outputs')
    .map((output) => ({ path: output.path('path'), sha256: output.digest('sha256') }));
  refuseTwice(
    'feed',
    feeds.map(({ name }) => name),
  );
  refuseTwice(
    'output',
    outputs.map(({ path }) => path),
  );
  return {
    model: fields.text('model'),
    version: fields.text('version'),
    seed: fields.count('seed'),
    code: fields.has('code') ? fields.object('code').digest('sha256') : undefined,
    feeds,
    outputs,
  };
}

/** @throws VallumError `LINEAGE_JSON`, naming the key */
export function readModel(fields: Fields): ModelRecord {
  fields.fixed('schema', 'vallum/model/v1');
  return { name: fields.text('name'), version: fields.text('version'), weights: fields.path('weights') };
}

/** @throws VallumError `LINEAGE_JSON`, naming the key */
export function readManifest(manifest: JsonObject): readonly ManifestFeed[] {
  const fields = new Fields('the dataset manifest', manifest);
  fields.fixed('schema', 'vallum/manifest/v1');
  return fields.list('feeds').map((feed) => ({
    name: feed.text('name'),
    sha256: feed.digest('sha256'),
    rows: feed.count('rows'),
  }));
}

/** Two entries of one name would let one of them go unchecked. */
function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new VallumError(
      'LINEAGE_JSON',
      `run.json cannot be used: the ${what} ${JSON.stringify(twice)} stands twice`,
      {
        fix: 'let the training script write it again',
      },
    );
}
