// The models in a folder, one folder each. A model that changes on the disk is read again before the next answer: whoever can write
// there decides what is served.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from './model.js';
import { openModel, readModelFile } from './open-model.js';
import { RequestError } from './tensor.js';

interface Loaded {
  readonly folder: string;
  stamp: string;
  model: Model;
}

export class Repository {
  readonly #folder: string;
  readonly #loaded = new Map<string, Loaded>();
  readonly #unloaded = new Set<string>();

  /** @param folder with a folder for each model, which has a model.json */
  constructor(folder: string) {
    this.#folder = folder;
    for (const name of this.#names()) this.load(name);
  }

  /** @throws RequestError 404 */
  model(name: string, version?: string): Model {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) throw new RequestError(`Request for unknown model: '${name}' is not found`, 404);
    const stamp = stampOf(loaded.folder);
    if (stamp !== loaded.stamp) {
      loaded.model = openModel(loaded.folder);
      loaded.stamp = stamp;
    }
    if (version !== undefined && version !== loaded.model.version)
      throw new RequestError(`Request for unknown model: '${name}' version ${version} is not found`, 404);
    return loaded.model;
  }

  load(name: string): void {
    const folder = join(this.#folder, name);
    if (!this.#names().includes(name)) throw new Error(`failed to load '${name}', no model.json in ${folder}`);
    const model = openModel(folder);
    this.#loaded.set(model.name, { folder, stamp: stampOf(folder), model });
    this.#unloaded.delete(model.name);
  }

  unload(name: string): void {
    if (!this.#loaded.delete(name)) throw new Error(`failed to unload '${name}', model not found in ${this.#folder}`);
    this.#unloaded.add(name);
  }

  index(): readonly { readonly name: string; readonly version?: string; readonly state: string }[] {
    return [
      ...[...this.#loaded.values()].map(({ model: { name, version } }) => ({ name, version, state: 'READY' })),
      ...[...this.#unloaded].map((name) => ({ name, state: 'UNAVAILABLE' })),
    ];
  }

  #names(): readonly string[] {
    return readdirSync(this.#folder).filter((name) => existsSync(join(this.#folder, name, 'model.json')));
  }
}

/** Sizes and times of the two files that a model is made of. */
function stampOf(folder: string): string {
  const { weights } = readModelFile(folder);
  return ['model.json', weights]
    .map((name) => statSync(join(folder, name)))
    .map(({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`)
    .join(', ');
}
