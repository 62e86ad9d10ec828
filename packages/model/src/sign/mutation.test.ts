// No mutant of a bundle is accepted unless it says the very same thing, and none of a file is. One byte flipped, removed,
// doubled or inserted, or the rest cut off, anywhere; and by hand every other way to write the same signature.
import { readFileSync, writeFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from './bundle.js';
import { signModel } from './sign.js';
import { modelFolder, removeFolders, testKey } from './testing/fixtures.js';
import { mutate, mutation, RUNS } from './testing/mutation.js';
import type { Verification } from './verify.js';
import { verifyModel } from './verify.js';

afterAll(removeFolders);
const key = testKey();
let dir: string;
let original: Buffer;

beforeAll(async () => {
  dir = modelFolder({ 'model.onnx': 'weights', 'model.json': '{}' });
  await signModel({ disk: nodeDisk, dir, key });
  original = readFileSync(`${dir}/model.sig`);
});

const check = (): Promise<Verification> =>
  verifyModel({ disk: nodeDisk, dir, signers: { method: 'key', keys: [key] } });

/** The same JSON value, however much white space stands in it. */
const valueOf = (bytes: Uint8Array): string => JSON.stringify(JSON.parse(Buffer.from(bytes).toString()));

describe('mutants of one byte', () => {
  it('that are accepted differ in white space and nothing else', async () => {
    let refused = 0;
    const numRuns = 6 * RUNS;
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const mutant = mutate(original, change);
        writeFileSync(`${dir}/model.sig`, mutant);
        const result = await check();
        if (result.status === 'refused') refused += 1;
        else expect(valueOf(mutant)).toBe(valueOf(original));
      }),
      { numRuns },
    );
    expect(refused).toBeGreaterThan(numRuns * 0.9);
  });

  it('of a file are never accepted', async () => {
    writeFileSync(`${dir}/model.sig`, original);
    const weights = Buffer.from('weights');
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const mutant = mutate(weights, change);
        fc.pre(!mutant.equals(weights));
        writeFileSync(`${dir}/model.onnx`, mutant);
        expect(await check()).toMatchObject({ code: 'files-differ', files: { changed: ['model.onnx'] } });
      }),
      { numRuns: RUNS },
    );
    writeFileSync(`${dir}/model.onnx`, weights);
  });
});

type Change = (text: string) => string;
const swap =
  (from: string | RegExp, to: string): Change =>
  (text) =>
    text.replace(from, to);
const signature = (change: (der: Buffer) => Buffer): Change => {
  const encoded = (_: string, sig: string): string =>
    `"sig":"${change(Buffer.from(sig, 'base64')).toString('base64')}"`;
  return (text) => text.replace(/"sig":"([^"]*)"/, encoded);
};

/** The two numbers of an ECDSA signature, each as DER has it. */
function numbersOf(der: Buffer): readonly [Buffer, Buffer] {
  const cut = 4 + (der[3] ?? 0);
  return [der.subarray(4, cut), der.subarray(cut + 2)];
}
const derNumber = (value: Buffer): Buffer => Buffer.concat([Buffer.of(2, value.length), value]);
const derPair = (r: Buffer, s: Buffer): Buffer => {
  const body = Buffer.concat([derNumber(r), derNumber(s)]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
};
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** (r, n - s) satisfies the same equation as (r, s). */
function otherHalf(der: Buffer): Buffer {
  const [r, s] = numbersOf(der);
  const hex = (ORDER - BigInt(`0x${s.toString('hex')}`)).toString(16).padStart(64, '0');
  const bytes = Buffer.from(hex.replace(/^(?:00)+/, ''), 'hex');
  return derPair(r, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

describe('other ways to write the same signature', () => {
  const accepted: readonly (readonly [string, string, Change])[] = [
    ['white space', 'JSON allows it; signers indent', swap('{', '{\n  ')],
    ['the order of fields', 'JSON objects have none', swap(/("mediaType":"[^"]*"),(.*)\}/, '$2,$1}')],
    ['escapes in texts', 'JSON allows them; the text is the same', swap('"mediaType"', '"media\\u0054ype"')],
    ['no log entries', 'releases before 1.1 leave the list out', swap(',"tlogEntries":[]', '')],
    [
      'empty timestamps',
      'the Sigstore library for Node writes them',
      swap('"tlogEntries"', '"timestampVerificationData":{},"tlogEntries"'),
    ],
    ['key id null', 'releases before 1.1 write it', swap('"keyid":""', '"keyid":null')],
    ['no key id', 'the specification lets it out', swap(',"keyid":""', '')],
    [
      'no hint',
      'releases before 1.1 write none: every trusted key is tried, with a note',
      swap(/"hint":"[0-9a-f]*"/, ''),
    ],
    [
      'the key itself',
      'releases before 1.1 write it; it is never used',
      swap(/"hint":"[0-9a-f]*"/, '"rawBytes":"AAAA","keyDetails":"X"'),
    ],
    ['the other half', 'ECDSA has two signatures for one nonce; both need the key', signature(otherHalf)],
  ];
  it.each(accepted)('%s: accepted, because %s', async (_, _why, change) => {
    const text = original.toString();
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(`${dir}/model.sig`, changed);
    expect((await check()).status).toBe('valid');
    expect(readBundle(Buffer.from(changed)).payload.equals(readBundle(original).payload)).toBe(true);
  });

  const refused: readonly (readonly [string, string, Change])[] = [
    ['base64 cut short', 'bundle-malformed', swap(/("payload":"[^"=]*)[^"=]=*"/, '$1"')],
    ['base64 for URLs', 'bundle-malformed', swap(/"payload":"eyJ/, '"payload":"eyJ-')],
    ['a line break in base64', 'bundle-malformed', swap('"payload":"', '"payload":"\\n')],
    [
      'bits after the end of base64',
      'bundle-malformed',
      (text) => text.replace(/"sig":"([^"]*)"/, (_, sig: string) => `"sig":"${loosened(sig)}"`),
    ],
    ['a byte-order mark', 'bundle-malformed', (text) => `\ufeff${text}`],
    ['a comment', 'bundle-malformed', swap('{', '{/**/')],
    ['a comma too many', 'bundle-malformed', swap('[]', '[],')],
    ['something after the end', 'bundle-malformed', (text) => `${text}{}`],
    ['a field twice', 'bundle-malformed', swap('{', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",')],
    ['a hint in upper case', 'bundle-malformed', (text) => text.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())],
    [
      'a long form of length in DER',
      'signature-invalid',
      signature((der) => Buffer.concat([Buffer.of(0x30, 0x81, der[1] ?? 0), der.subarray(2)])),
    ],
    [
      'zeros before a number in DER',
      'signature-invalid',
      signature((der) => {
        const [r, s] = numbersOf(der);
        return derPair(Buffer.concat([Buffer.of(0), r]), s);
      }),
    ],
    ['bytes after DER', 'signature-invalid', signature((der) => Buffer.concat([der, Buffer.of(0)]))],
    [
      'the two numbers without DER',
      'signature-invalid',
      signature((der) => Buffer.concat(numbersOf(der).map((one) => one.subarray(-32)))),
    ],
  ];
  it.each(refused)('%s: %s', async (_, code, change) => {
    const text = original.toString();
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(`${dir}/model.sig`, changed);
    expect(await check()).toMatchObject({ status: 'refused', code });
  });
});

/** The same bytes to a decoder that drops what does not fill one, or one character too few. */
function loosened(text: string): string {
  const at = text.replace(/=+$/, '').length - 1;
  if (!text.endsWith('=')) return text.slice(0, -1);
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return text.slice(0, at) + (letters[letters.indexOf(text[at] ?? 'A') + 1] ?? 'B') + text.slice(at + 1);
}
