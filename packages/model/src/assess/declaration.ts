// Reads `model.json`: how a row becomes model input, declared so that Vallum can query the model without running the
// project's code. The file comes with the model, so it is read strictly: what is not understood exactly is refused,
// because a model that is asked the wrong question gives figures that mean nothing.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict, VallumError } from '@vallum/core';

export const DECLARATION_FILE = 'model.json';
export const MAX_DECLARATION_BYTES = 64 * 1024;
/** 2^20 buckets: 4 MiB of floats a row. */
const MAX_BITS = 20;

export type TextField = 'subject' | 'body';

/** The one family of models that is understood: lower-cased words, hashed, present or not, scaled to length 1. */
export interface ModelDeclaration {
  readonly name: string;
  readonly version: string;
  readonly labels: readonly string[];
  /** File name of the ONNX weights, in the same folder. */
  readonly weights: string;
  readonly input: {
    readonly name: string;
    /** Joined with a line break, in this order. */
    readonly fields: readonly TextField[];
    /** Words outside these lengths, in characters, are dropped. */
    readonly minLength: number;
    readonly maxLength: number;
    /** Words fall into 2^bits buckets by FNV-1a. */
    readonly bits: number;
  };
  readonly output: {
    readonly name: string;
    /** The label whose probability the model gives. */
    readonly positive: string;
    /** At or above it the row gets the positive label. */
    readonly threshold: number;
  };
}

/** @throws VallumError `MODEL_JSON`, naming the key */
export function readDeclaration(bytes: Uint8Array): ModelDeclaration {
  let json: JsonValue;
  try {
    json = parseJsonStrict(bytes, { maxBytes: MAX_DECLARATION_BYTES, maxDepth: 8 });
  } catch (error) {
    throw refuse(messageOf(error));
  }
  const root = object(json, '', ['schema', 'name', 'version', 'task', 'labels', 'weights', 'input', 'output']);
  choice(root, '', 'schema', ['vallum/model/v1']);
  choice(root, '', 'task', ['text-classification']);
  const labels = list(root, '', 'labels', 2, 2);
  const weights = text(root, '', 'weights', /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/, 'a plain file name');
  return {
    name: text(root, '', 'name', /^[a-z0-9][a-z0-9._-]{0,63}$/, 'lower-case letters, digits, ".", "_" and "-"'),
    version: text(root, '', 'version', /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, ".", "_" and "-"'),
    labels,
    weights,
    input: readInput(root['input']),
    output: readOutput(root['output'], labels),
  };
}

function readInput(value: JsonValue | undefined): ModelDeclaration['input'] {
  const input = object(value, 'input', ['name', 'fields', 'tokenizer', 'hash', 'counts', 'normalisation']);
  const tokenizer = object(input['tokenizer'], 'input.tokenizer', ['type', 'lowercase', 'minLength', 'maxLength']);
  const hash = object(input['hash'], 'input.hash', ['algorithm', 'bits']);
  choice(tokenizer, 'input.tokenizer', 'type', ['words']);
  choice(hash, 'input.hash', 'algorithm', ['fnv1a-32']);
  choice(input, 'input', 'counts', ['binary']);
  choice(input, 'input', 'normalisation', ['l2']);
  if (tokenizer['lowercase'] !== true) throw refuse('"input.tokenizer.lowercase" must be true');
  const minLength = whole(tokenizer, 'input.tokenizer', 'minLength', 1, 1000);
  const fields = list(input, 'input', 'fields', 1, 2);
  const known = fields.filter((field): field is TextField => field === 'subject' || field === 'body');
  if (known.length !== fields.length) throw refuse('"input.fields" may name "subject" and "body"');
  return {
    name: text(input, 'input', 'name', /^[^\0]{1,200}$/, 'the name of an input of the model'),
    fields: known,
    minLength,
    maxLength: whole(tokenizer, 'input.tokenizer', 'maxLength', minLength, 1000),
    bits: whole(hash, 'input.hash', 'bits', 1, MAX_BITS),
  };
}

function readOutput(value: JsonValue | undefined, labels: readonly string[]): ModelDeclaration['output'] {
  const output = object(value, 'output', ['name', 'positive', 'threshold']);
  const threshold = output['threshold'];
  if (typeof threshold !== 'number' || !(threshold > 0 && threshold < 1))
    throw refuse('"output.threshold" must be a number between 0 and 1');
  return {
    name: text(output, 'output', 'name', /^[^\0]{1,200}$/, 'the name of an output of the model'),
    positive: choice(output, 'output', 'positive', labels),
    threshold,
  };
}

function object(value: JsonValue | undefined, path: string, keys: readonly string[]): JsonObject {
  const here = path === '' ? 'it' : `"${path}"`;
  if (!isJsonObject(value)) throw refuse(`${here} must be an object`);
  const stray = Object.keys(value).find((key) => !keys.includes(key));
  if (stray !== undefined)
    throw refuse(`the key ${JSON.stringify(at(path, stray).slice(0, 120))} is not known here (${keys.join(', ')})`);
  const absent = keys.find((key) => !(key in value));
  if (absent !== undefined) throw refuse(`the key "${at(path, absent)}" is missing`);
  return value;
}

function text(parent: JsonObject, path: string, key: string, pattern: RegExp, what: string): string {
  const value = parent[key];
  if (typeof value !== 'string' || !pattern.test(value)) throw refuse(`"${at(path, key)}" must be ${what}`);
  return value;
}

function choice<T extends string>(parent: JsonObject, path: string, key: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === parent[key]);
  if (found === undefined) throw refuse(`"${at(path, key)}" must be ${allowed.map((one) => `"${one}"`).join(' or ')}`);
  return found;
}

function whole(parent: JsonObject, path: string, key: string, low: number, high: number): number {
  const value = parent[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw refuse(`"${at(path, key)}" must be a whole number from ${low} to ${high}`);
  return value;
}

function list(parent: JsonObject, path: string, key: string, low: number, high: number): readonly string[] {
  const value = parent[key];
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  const texts = items.filter((item): item is string => typeof item === 'string' && /^[^\0]{1,100}$/.test(item));
  const good = texts.length === items.length && new Set(texts).size === texts.length;
  if (!good || texts.length < low || texts.length > high)
    throw refuse(`"${at(path, key)}" must be a list of ${low === high ? low : `${low} to ${high}`} different texts`);
  return texts;
}

function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function refuse(why: string): VallumError {
  return new VallumError('MODEL_JSON', `${DECLARATION_FILE} does not say how to query the model: ${why}`, {
    fix: 'correct it in the training script that writes the file',
  });
}
