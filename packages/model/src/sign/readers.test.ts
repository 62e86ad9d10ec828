// The readers of untrusted bytes, in both profiles: any bytes and any JSON end in a value or in a typed refusal, in good
// time, and what is read keeps its promises.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBundle } from './bundle.js';
import { looseBase64 } from './form.js';
import { readManifest, rootDigests, writeManifest } from './manifest.js';
import type { Profile } from './method.js';
import { pythonNotation } from './pae.js';
import { byCodePoint, byComponent, posixPath, staysInside } from './paths.js';
import { Refusal } from './refusal.js';
import { resourceName } from './resources.js';
import type { Serialization } from './serialization.js';
import { digestOf, resource, statementText } from './testing/fixtures.js';
import { mutate, mutation } from './testing/mutation.js';

const PROFILES: readonly Profile[] = ['strict', 'compat'];
const statement = Buffer.from(statementText({ resources: [resource('a', 'A'), resource('b', 'B')] }));
const bundle = Buffer.from(
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: digestOf('x') }, tlogEntries: [] },
    dsseEnvelope: {
      payload: 'e30=',
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig: 'AAAA', keyid: '' }],
    },
  }),
);

function refusesOrReads(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
  }
}

describe('the readers', () => {
  it('answer any JSON and any bytes with a value or a typed refusal', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      mutation.map((change) => mutate(statement, change)),
      mutation.map((change) => mutate(bundle, change)),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(...PROFILES), (bytes, profile) => {
        refusesOrReads(() => readBundle(bytes, profile));
        refusesOrReads(() => readManifest(bytes, profile));
        refusesOrReads(() => readManifest(bytes, profile, 'a'));
      }),
      { numRuns: 2000 },
    );
  });

  it('do not slow down on hostile lists', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `x${i}`);
    const resources = Array.from({ length: 5000 }, (_, i) => resource(`y/${i}`, ''));
    const text = statementText({ resources, serialization: { ignore_paths: many } });
    for (const profile of PROFILES) expect(readManifest(Buffer.from(text), profile).resources.length).toBe(5000);
    const deep = Buffer.from('['.repeat(200_000));
    for (const profile of PROFILES) expect(() => readBundle(deep, profile)).toThrow(Refusal);
  });

  it('read what is written, whole and in shards', () => {
    const part = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }).filter((text) => !/[/\0\r\n]/.test(text));
    const path = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
      .filter((text) => !text.split('/').some((one) => one === '.' || one === '..'));
    const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(paths, fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), (names, shardSize) => {
        const how: Serialization = {
          hash: 'sha256',
          allowSymlinks: false,
          ignore: new Set(),
          ...(shardSize === undefined ? {} : { shardSize }),
        };
        const listed = names.map((name) => ({
          path: name,
          ...(shardSize === undefined ? {} : { range: { from: shardSize, to: 2 * shardSize } }),
          digest: digestOf(name),
        }));
        const read = readManifest(writeManifest('m', how, listed));
        expect(read.resources.map(resourceName).sort()).toEqual(listed.map(resourceName).sort());
        expect(read.root).toBe(rootDigests(listed).codePoint);
        expect(read.warnings).toEqual([]);
      }),
    );
  });
});

describe('what Python does', () => {
  it('loose base64 reads all that is canonical', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(looseBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
      }),
    );
    expect(looseBase64('QU\nJD-_')?.toString()).toBe('ABC');
    expect(looseBase64('QUI=garbage')?.toString()).toBe('AB');
    expect(looseBase64('QUI')).toBeUndefined();
    expect(looseBase64('QUJDé')).toBeUndefined();
  });

  it('notation of bytes', () => {
    expect(pythonNotation(Buffer.from('a\n\t\\\x00\xff', 'latin1'))).toBe(String.raw`b'a\n\t\\\x00\xff'`);
    expect(pythonNotation(Buffer.from(`it's`))).toBe(`b"it's"`);
    expect(pythonNotation(Buffer.from(`it's "so"`))).toBe(String.raw`b'it\'s "so"'`);
  });

  it('paths', () => {
    const cases = { './a': 'a', 'a//b/': 'a/b', '': '.', '/a': '/a', '//a': '//a', '///a': '/a', '../a': '../a' };
    for (const [given, wanted] of Object.entries(cases)) expect(posixPath(given)).toBe(wanted);
    expect(['a/b', '..', 'a/../b', '/a', 'a\0'].map(staysInside)).toEqual([true, false, false, false, false]);
    expect(['sub/x', 'sub-a', 'sub.b'].sort(byCodePoint)).toEqual(['sub-a', 'sub.b', 'sub/x']);
    expect(['sub-a', 'sub.b', 'sub/x', 'sub'].sort(byComponent)).toEqual(['sub', 'sub/x', 'sub-a', 'sub.b']);
  });
});
