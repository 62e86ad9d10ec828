// model.json: every key is checked and named, and nothing but the exact form is read.
import { VallumError } from '@vallum/core';
import type { JsonObject, JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECLARATION } from '../testing/text-models.js';
import { readDeclaration } from './declaration.js';

const bytes = (value: JsonValue): Uint8Array => Buffer.from(JSON.stringify(value));

/** The declaration with one value replaced, or removed when it is undefined. */
function changed(path: string, value: JsonValue | undefined): JsonObject {
  const [head = '', ...rest] = path.split('.');
  const change = (at: JsonObject, key: string, tail: readonly string[]): JsonObject => {
    const [next, ...more] = tail;
    const inner = next === undefined ? value : change(at[key] as JsonObject, next, more);
    const others = Object.entries(at).filter(([name]) => name !== key);
    return Object.fromEntries([...others, ...(inner === undefined ? [] : [[key, inner] as const])]);
  };
  return change(DECLARATION, head, rest);
}

function refusal(value: Uint8Array): string {
  try {
    readDeclaration(value);
    return 'accepted';
  } catch (error) {
    return error instanceof VallumError && error.code === 'MODEL_JSON' ? error.message : `untyped: ${String(error)}`;
  }
}

describe('readDeclaration', () => {
  it('reads the declared form', () => {
    expect(readDeclaration(bytes(DECLARATION))).toEqual({
      name: 'spam-filter',
      version: 'v1',
      labels: ['ham', 'spam'],
      weights: 'model.onnx',
      input: { name: 'features', fields: ['subject', 'body'], minLength: 2, maxLength: 24, bits: 12 },
      output: { name: 'probability', positive: 'spam', threshold: 0.5 },
    });
  });

  const wrong: readonly (readonly [string, JsonValue | undefined, string])[] = [
    ['schema', 'vallum/model/v2', '"schema" must be "vallum/model/v1"'],
    ['name', 'Spam Filter', '"name" must be lower-case'],
    ['name', undefined, 'the key "name" is missing'],
    ['extra', 1, 'the key "extra" is not known here'],
    ['task', 'regression', '"task" must be'],
    ['labels', ['spam', 'spam'], '"labels" must be a list of 2 different texts'],
    ['labels', 'spam', '"labels" must be a list'],
    ['weights', '../other/model.onnx', '"weights" must be a plain file name'],
    ['weights', '..', '"weights" must be a plain file name'],
    ['input', [], '"input" must be an object'],
    ['input.fields', ['from'], '"input.fields" may name'],
    ['input.counts', 'tf', '"input.counts" must be "binary"'],
    ['input.normalisation', 'l1', '"input.normalisation" must be "l2"'],
    ['input.tokenizer.lowercase', false, '"input.tokenizer.lowercase" must be true'],
    ['input.tokenizer.minLength', 0, '"input.tokenizer.minLength" must be a whole number from 1'],
    ['input.tokenizer.maxLength', 1, '"input.tokenizer.maxLength" must be a whole number from 2'],
    ['input.hash.bits', 31, '"input.hash.bits" must be a whole number from 1 to 20'],
    ['input.hash.bits', 1.5, '"input.hash.bits"'],
    ['input.hash.seed', 1, 'the key "input.hash.seed" is not known here'],
    ['output.positive', 'virus', '"output.positive" must be "ham" or "spam"'],
    ['output.threshold', 1, '"output.threshold" must be a number between 0 and 1'],
    ['output.threshold', '0.5', '"output.threshold"'],
  ];
  it.each(wrong)('names %s = %j', (path, value, message) => {
    expect(refusal(bytes(changed(path, value)))).toContain(message);
  });

  it('refuses a key twice, text that is no JSON and too much of it', () => {
    const text = JSON.stringify(DECLARATION);
    expect(refusal(Buffer.from(text.replace('{', '{"name":"x",')))).toContain('stands twice');
    expect(refusal(Buffer.from('[]'))).toContain('must be an object');
    expect(refusal(Buffer.from(`${text}${' '.repeat(70_000)}`))).toContain('bytes');
  });

  it('answers any bytes and any JSON with a typed refusal or a whole declaration', () => {
    const paths = [
      'name',
      'labels',
      'weights',
      'input',
      'input.fields',
      'input.hash',
      'input.hash.bits',
      'output.threshold',
    ];
    const value = fc.jsonValue() as fc.Arbitrary<JsonValue>;
    const mutant = fc.tuple(fc.constantFrom(...paths), value).map(([path, other]) => bytes(changed(path, other)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), value.map(bytes), mutant), (input) => {
        const message = refusal(input);
        expect(message).not.toContain('untyped');
        if (message !== 'accepted') return;
        const { input: read, output, labels, weights } = readDeclaration(input);
        expect(2 ** read.bits).toBeLessThanOrEqual(2 ** 20);
        expect(read.minLength).toBeLessThanOrEqual(read.maxLength);
        expect(labels).toContain(output.positive);
        expect(weights).not.toMatch(/[/\\]/);
      }),
      { numRuns: 800 },
    );
  });
});
