// The two files that somebody else may have written: only their one canonical form is read, and nothing else ever throws
// anything but the sentence that says so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256, VallumError } from '@vallum/core';
import type { SealedHeader } from './header.js';
import { decodeHeader, encodeHeader, MAX_HEADER_BYTES } from './header.js';
import type { KeyRecord } from './key-record.js';
import { decodeKeyRecord, encodeKeyRecord, isKekId } from './key-record.js';

const header: SealedHeader = { object: 'dataset/mails', version: '1', digest: sha256(''), bytes: 7 };
const record: KeyRecord = {
  object: 'o',
  version: '1',
  commitment: sha256(''),
  kek: 'kek-1',
  wrapped: Buffer.alloc(104),
};
const line = (text: string): Buffer => Buffer.from(`${text}\nrest`);

function edited(members: Record<string, unknown>): Buffer {
  const json = JSON.parse(encodeHeader(header).toString()) as Record<string, string>;
  return line(canonicalJson({ ...json, ...members } as Record<string, string>));
}

describe('the header line', () => {
  it('comes back as it was written', () => {
    const name = fc.stringMatching(/^[a-z0-9 ./:é語-]{1,60}$/u);
    fc.assert(
      fc.property(name, name, fc.nat(), (object, version, bytes) => {
        const context = encodeHeader({ object, version, digest: sha256(object), bytes });
        const read = decodeHeader(Buffer.concat([context, Buffer.from('\nX')]), 'p');
        expect(read.header).toEqual({ object, version, digest: sha256(object), bytes });
        expect(read.context).toEqual(context);
        expect(read.end).toBe(context.length + 1);
      }),
    );
  });

  it.each([
    ['another schema', edited({ schema: 'vallum/sealed/v2' })],
    ['another algorithm', edited({ algorithm: 'none' })],
    ['a member more', edited({ extra: 1 })],
    ['a member less', edited({ version: undefined })],
    ['a size below nothing', edited({ bytes: -1 })],
    ['a size that is no whole number', edited({ bytes: 1.5 })],
    ['a size beyond the format', edited({ bytes: 2 ** 52 })],
    ['a size in words', edited({ bytes: '7' })],
    ['a digest in capitals', edited({ digest: sha256('').toUpperCase() })],
    ['a name with a line break', edited({ object: 'a\nb' })],
    ['spaces', line(` ${encodeHeader(header).toString()}`)],
    ['another order', line(JSON.stringify({ schema: 'vallum/sealed/v1', ...header, algorithm: 'cobblestone-256' }))],
    ['a key twice', line(encodeHeader(header).toString().replace('{', '{"bytes":7,'))],
    ['an escape where none is needed', line(encodeHeader(header).toString().replace('mails', '\\u006dails'))],
    ['no end', encodeHeader(header)],
    ['an end too far away', Buffer.concat([Buffer.alloc(MAX_HEADER_BYTES, 0x20), Buffer.from('\n')])],
    ['an array', line('[]')],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0x0a])],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeHeader(bytes, 'p')).toThrow(expect.objectContaining({ code: 'VAULT_HEADER' }) as Error);
  });
});

describe('both files', () => {
  it('never end in anything but a sentence', () => {
    const good = Buffer.concat([encodeHeader(header), Buffer.from('\n')]);
    const goodKey = encodeKeyRecord(record);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(400), fc.nat(60), (bytes, at, cut) => {
        for (const [start, decode] of [
          [good, decodeHeader],
          [goodKey, decodeKeyRecord],
        ] as const) {
          const mutant = Buffer.concat([start.subarray(0, at), bytes, start.subarray(at + cut)]);
          try {
            decode(mutant, 'p');
          } catch (error) {
            expect(error).toBeInstanceOf(VallumError);
            expect((error as VallumError).code).toMatch(/^VAULT_(HEADER|KEY_FILE)$/);
          }
        }
      }),
    );
  });

  it('read a key file only with canonical base64 of a plausible size', () => {
    expect(decodeKeyRecord(encodeKeyRecord(record), 'p')).toEqual(record);
    const json = JSON.parse(encodeKeyRecord(record).toString()) as Record<string, string>;
    for (const wrapped of ['', '=', 'AAAA\n', 'AAB=', 'A'.repeat(6000), 'AA_-'])
      expect(() => decodeKeyRecord(Buffer.from(canonicalJson({ ...json, wrapped })), 'p')).toThrow(/wrapped key/);
    for (const kek of ['', ' ', '-x', 'a\nb', 'k'.repeat(201)]) expect(isKekId(kek)).toBe(false);
    expect(isKekId('arn:aws:kms:eu-1:1:key/ab')).toBe(true);
  });
});
