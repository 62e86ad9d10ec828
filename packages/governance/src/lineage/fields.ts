// Fields of JSON that somebody else wrote, taken out with an error that names the key.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, isSha256, messageOf, parseJsonStrict, VallumError } from '@vallum/core';

const MAX_ITEMS = 1000;

export class Fields {
  readonly #file: string;
  readonly #path: string;
  readonly #value: JsonObject;

  /** @throws VallumError `LINEAGE_JSON` when the value is not an object */
  constructor(file: string, value: JsonValue | undefined, path = '') {
    if (!isJsonObject(value)) throw refuse(file, path === '' ? 'it is not an object' : `"${path}" is not an object`);
    this.#file = file;
    this.#path = path;
    this.#value = value;
  }

  static parse(file: string, bytes: Uint8Array): Fields {
    try {
      return new Fields(file, parseJsonStrict(bytes, { maxDepth: 16 }));
    } catch (error) {
      if (error instanceof VallumError && error.code === 'LINEAGE_JSON') throw error;
      throw refuse(file, messageOf(error));
    }
  }

  get value(): JsonObject {
    return this.#value;
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined;
  }

  object(key: string): Fields {
    return new Fields(this.#file, this.#value[key], this.#at(key));
  }

  list(key: string): readonly Fields[] {
    const value = this.#value[key];
    if (!Array.isArray(value) || value.length > MAX_ITEMS) throw this.#refuse(key, `a list of at most ${MAX_ITEMS}`);
    return (value as readonly JsonValue[]).map((item, i) => new Fields(this.#file, item, `${this.#at(key)}[${i}]`));
  }

  text(key: string): string {
    const value = this.#value[key];
    if (typeof value !== 'string' || !/^[^\0-\x1f]{1,300}$/.test(value)) throw this.#refuse(key, 'a short text');
    return value;
  }

  digest(key: string): Sha256 {
    const value = this.#value[key];
    if (!isSha256(value)) throw this.#refuse(key, 'a SHA-256 in lower-case hexadecimal');
    return value;
  }

  count(key: string): number {
    const value = this.#value[key];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw this.#refuse(key, 'a whole number');
    return value;
  }

  /** A plain path below the folder: it is read, so it must not lead out. */
  path(key: string): string {
    const value = this.text(key);
    if (value.split('/').some((part) => part === '' || part === '.' || part === '..'))
      throw this.#refuse(key, 'a plain path inside the model folder');
    return value;
  }

  fixed(key: string, wanted: string): void {
    if (this.#value[key] !== wanted) throw this.#refuse(key, `"${wanted}"`);
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #refuse(key: string, what: string): VallumError {
    return refuse(this.#file, `"${this.#at(key)}" must be ${what}`);
  }
}

function refuse(file: string, why: string): VallumError {
  return new VallumError('LINEAGE_JSON', `${file} cannot be used: ${why}`, {
    fix: 'let the training script write it again',
  });
}
