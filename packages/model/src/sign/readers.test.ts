// The readers of untrusted bytes, in both profiles: any bytes and any JSON end in a value or in a typed refusal, in good
// time, and what is read keeps its promises.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBundle, writeBundle } from './bundle.js';
import { looseBase64 } from './compat/loose-base64.js';
import { pythonNotation } from './compat/python-notation.js';
import { readManifest, rootDigests, writeManifest } from './manifest.js';
import type { Profile } from './method.js';
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

  it('read the signature of 100,000 files under long names', () => {
    const digest = digestOf('x');
    const listed = Array.from({ length: 100_000 }, (_, at) => ({ path: `${at}/${'name'.repeat(70)}`, digest }));
    const how: Serialization = { hash: 'sha256', allowSymlinks: false, ignore: new Set() };
    const payload = writeManifest('m', how, listed);
    const written = writeBundle({ signer: { hint: digest }, payload, signature: Buffer.from('signature') });
    for (const profile of PROFILES) {
      const read = readBundle(written, profile).payload;
      expect(read.equals(payload)).toBe(true);
      expect(readManifest(read, profile).resources.length).toBe(100_000);
    }
  });

  const inBundle = (value: string): string => `{"mediaType":${value}}`;
  const inList = (value: string): string =>
    statementText({ resources: [], serialization: { ignore_paths: ['PLACE'] } }).replace('"PLACE"', value);
  const inName = (value: string): string =>
    statementText({ resources: [resource('a', 'A')] }).replace('"name":"m"', `"name":${value}`);
  const inDigest = (value: string): string =>
    statementText({ resources: [resource('a', 'A')] }).replace(`"${digestOf('A')}"`, value);
  const inShard = (value: string): string =>
    statementText({
      resources: [resource('PLACE', 'A')],
      serialization: { method: 'shards', shard_size: 1 },
    }).replace('"PLACE"', value);
  const N = 6 * 1024 * 1024;
  const hostile: readonly (readonly [string, string])[] = [
    ['nested lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['nested objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['millions of objects', `[${'{},'.repeat(N / 3)}{}]`],
    ['millions of lists', `[${'[],'.repeat(N / 3)}[]]`],
    ['millions of numbers', `[${'1,'.repeat(N / 2)}1]`],
    ['millions of empty texts', `[${'"",'.repeat(N / 3)}""]`],
    ['one long text', `"${'a'.repeat(N)}"`],
    ['a path of many parts', `"${'a/'.repeat(N / 2)}"`],
    ['slashes alone', `"${'/'.repeat(N)}"`],
    ['a long digest', `"${'ab '.repeat(N / 3)}"`],
    ['a long digest that is none', `"${'ab'.repeat(N / 2)}x"`],
    ['a long number', `"a:0${'_1'.repeat(N / 2)}:2"`],
    ['spaces before a number', `"a:${' '.repeat(N)}x:2"`],
  ];
  it.each(hostile)('refuse or read %s in good time', (_, value) => {
    const started = performance.now();
    for (const profile of PROFILES) {
      refusesOrReads(() => readBundle(Buffer.from(inBundle(value)), profile));
      for (const place of [inList, inName, inDigest, inShard])
        refusesOrReads(() => readManifest(Buffer.from(place(value)), profile));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('of the profile compat: an ignored list or object hides no file, and what Python writes out does', () => {
    const text = statementText({
      resources: [resource('a', 'A')],
      serialization: { ignore_paths: [['b'], { c: 1 }, null, true, 4, 'd'] },
    });
    const { ignore } = readManifest(Buffer.from(text), 'compat').serialization;
    expect([...ignore].filter((path) => !path.startsWith('.git'))).toEqual(['None', 'True', '4', 'd']);
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
    expect(looseBase64('=Q=U=JD')?.toString()).toBe('ABC');
    expect(looseBase64('QUI')).toBeUndefined();
    expect(looseBase64('QUJDé')).toBeUndefined();
  });

  it('loose base64 and notation of as much as a signature file holds, in good time', () => {
    const started = performance.now();
    const bytes = Buffer.alloc(16 * 1024 * 1024, 0x80);
    expect(looseBase64(' A'.repeat(bytes.length))).toHaveLength((bytes.length / 4) * 3);
    expect(pythonNotation(bytes)).toHaveLength(4 * bytes.length + 3);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('notation of bytes', () => {
    expect(pythonNotation(Buffer.from('a\n\t\\\x00\xff', 'latin1')).toString()).toBe(String.raw`b'a\n\t\\\x00\xff'`);
    expect(pythonNotation(Buffer.from(`it's`)).toString()).toBe(`b"it's"`);
    expect(pythonNotation(Buffer.from(`it's "so"`)).toString()).toBe(String.raw`b'it\'s "so"'`);
    expect(pythonNotation(Buffer.from('')).toString()).toBe("b''");
  });

  it('paths', () => {
    const cases = { './a': 'a', 'a//b/': 'a/b', '': '.', '/a': '/a', '//a': '//a', '///a': '/a', '../a': '../a' };
    for (const [given, wanted] of Object.entries(cases)) expect(posixPath(given)).toBe(wanted);
    expect(['a/b', '..', 'a/../b', '/a', 'a\0'].map(staysInside)).toEqual([true, false, false, false, false]);
    expect(['sub/x', 'sub-a', 'sub.b'].sort(byCodePoint)).toEqual(['sub-a', 'sub.b', 'sub/x']);
    expect(['sub-a', 'sub.b', 'sub/x', 'sub'].sort(byComponent)).toEqual(['sub', 'sub/x', 'sub-a', 'sub.b']);
  });
});
