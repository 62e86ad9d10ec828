import { sign } from 'node:crypto';
import { canonicalJson, STATEMENT_TYPE } from '@vallum/core';
import type { JsonObject, JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ENVELOPE_BYTES, readEnvelope, signStatement, verifySignature } from './envelope.js';
import { publicRecord } from './keys.js';
import { preAuthEncoding } from './pae.js';
import { approver, modelKey, runner, statement } from './testing/sample.js';

const record = publicRecord(runner);
const envelope = signStatement(statement, runner);
const original = readEnvelope(envelope);

/** True when the bytes are read as the same statement with a signature that holds. */
function accepted(bytes: Uint8Array): boolean {
  try {
    const signed = readEnvelope(bytes);
    return signed.id === original.id && verifySignature(signed, record);
  } catch {
    return false;
  }
}

function edited(change: (fields: Record<string, JsonValue>) => void): Uint8Array {
  const fields = JSON.parse(Buffer.from(envelope).toString()) as Record<string, JsonValue>;
  change(fields);
  return Buffer.from(canonicalJson(fields));
}

const only = (fields: Record<string, JsonValue>): Record<string, JsonValue> =>
  (fields['signatures'] as Record<string, JsonValue>[])[0]!;

const text = (value: JsonValue | undefined): string => value as string;

describe('the pre-authentication encoding', () => {
  it('is the one of the DSSE specification', () => {
    const encoded = Buffer.from(preAuthEncoding(Buffer.from('hello ✓'))).toString();
    expect(encoded).toBe('DSSEv1 28 application/vnd.in-toto+json 9 hello ✓');
  });
});

describe('readEnvelope', () => {
  it('reads back what was signed', () => {
    expect(original.statement).toEqual(statement);
    expect(original.keyid).toBe(runner.keyid);
    expect(verifySignature(original, record)).toBe(true);
    expect(accepted(envelope)).toBe(true);
  });

  it('never accepts an envelope with any one byte changed', () => {
    const survivors: number[] = [];
    for (let at = 0; at < envelope.length; at += 1)
      for (const flip of [0x01, 0x20, 0x80]) {
        const bytes = Uint8Array.from(envelope);
        bytes[at] = bytes[at]! ^ flip;
        if (accepted(bytes)) survivors.push(at);
      }
    expect(survivors).toEqual([]);
  });

  it('never accepts an envelope with bytes inserted, removed or replaced', () => {
    fc.assert(
      fc.property(fc.nat(envelope.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }), (at, removed, inserted) => {
        const bytes = Buffer.concat([envelope.subarray(0, at), inserted, envelope.subarray(at + removed)]);
        expect(accepted(bytes)).toBe(bytes.equals(envelope));
      }),
      { numRuns: 500 },
    );
  });

  it('throws only errors that a person can read, on any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(() => readEnvelope(bytes)).toThrow(expect.objectContaining({ name: 'VallumError' }));
        },
      ),
    );
  });

  const refused: readonly (readonly [string, (fields: Record<string, JsonValue>) => void])[] = [
    ['a second signature', (f) => (f['signatures'] = [only(f), only(f)])],
    ['no signature', (f) => (f['signatures'] = [])],
    ['an unknown field', (f) => (f['extra'] = 1)],
    ['an unknown field of the signature', (f) => (only(f)['cert'] = 'x')],
    ['a missing key id', (f) => delete only(f)['keyid']],
    ['another payload type', (f) => (f['payloadType'] = 'application/json')],
    ['base64 without padding', (f) => (only(f)['sig'] = text(only(f)['sig']).replace(/=+$/, ''))],
    ['base64 of the URL alphabet', (f) => (f['payload'] = Buffer.from('{"a":"ÿþ~~~"}').toString('base64url'))],
    [
      'base64 with a line break',
      (f) => (f['payload'] = `${text(f['payload']).slice(0, 8)}\n${text(f['payload']).slice(8)}`),
    ],
    ['base64 with spare bits set', (f) => (only(f)['sig'] = text(only(f)['sig']).replace(/.==$/, 'B=='))],
    ['a signature of another length', (f) => (only(f)['sig'] = Buffer.alloc(63).toString('base64'))],
    ['a payload that is not JSON', (f) => (f['payload'] = Buffer.from('{').toString('base64'))],
    ['a payload with a key twice', (f) => (f['payload'] = Buffer.from('{"a":1,"a":2}').toString('base64'))],
  ];
  it.each(refused)('refuses %s', (_, change) => {
    expect(() => readEnvelope(edited(change))).toThrow(expect.objectContaining({ name: 'VallumError' }));
    expect(accepted(edited(() => undefined))).toBe(true);
  });

  it('refuses white space, a key twice and sheer size', () => {
    const json = Buffer.from(envelope).toString();
    for (const bytes of [`${json}\n`, ` ${json}`, json.replace('{', '{"payloadType":"x",')])
      expect(() => readEnvelope(Buffer.from(bytes))).toThrow(expect.objectContaining({ name: 'VallumError' }));
    expect(() => readEnvelope(Buffer.alloc(MAX_ENVELOPE_BYTES + 1, 0x20))).toThrow(/more than/);
  });

  const shapes: readonly (readonly [string, JsonObject])[] = [
    ['another type', { _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { subject: [] }],
    ['two subjects', { subject: [statement.subject[0], statement.subject[0]] as unknown as JsonValue }],
    ['a subject without SHA-256', { subject: [{ name: 'x', digest: { md5: 'x' } }] }],
    ['a terminal escape in a name', { subject: [{ name: 'x\u001b[2J', digest: { sha256: original.id } }] }],
    ['a list as predicate', { predicate: [] }],
    ['a predicate type that is no URI', { predicateType: 'scan' }],
  ];
  it.each(shapes)('refuses a signed payload with %s', (_, change) => {
    const payload = Buffer.from(canonicalJson({ ...(statement as unknown as JsonObject), ...change }));
    const sig = sign(null, preAuthEncoding(payload), runner.privateKey).toString('base64');
    const bytes = edited((fields) => {
      fields['payload'] = payload.toString('base64');
      only(fields)['sig'] = sig;
    });
    expect(() => readEnvelope(bytes)).toThrow(expect.objectContaining({ errorClass: 'unproven' }));
  });

  it('takes the id from the payload, not from the envelope', () => {
    const other = readEnvelope(signStatement(statement, approver));
    expect(other.id).toBe(original.id);
    expect(other.keyid).not.toBe(original.keyid);
  });
});

describe('verifySignature', () => {
  it('refuses another key, even when the envelope claims it', () => {
    expect(verifySignature(original, publicRecord(approver))).toBe(false);
    const claimed = readEnvelope(edited((fields) => (only(fields)['keyid'] = approver.keyid)));
    expect(verifySignature(claimed, publicRecord(approver))).toBe(false);
    expect(verifySignature(claimed, record)).toBe(false);
  });

  it('refuses a record whose key id is not the one of its key', () => {
    const forged = { ...publicRecord(approver), keyid: runner.keyid };
    expect(() => verifySignature(original, forged)).toThrow(/key id/);
  });
});

describe('signStatement', () => {
  it('signs with Ed25519 only, and only well-formed statements', () => {
    expect(() => signStatement(statement, modelKey)).toThrow(/Ed25519/);
    expect(() => signStatement({ ...statement, subject: [] }, runner)).toThrow(/subject/);
    expect(() => signStatement({ ...statement, predicate: { text: 'x'.repeat(MAX_ENVELOPE_BYTES) } }, runner)).toThrow(
      /bytes/,
    );
    expect(readEnvelope(signStatement(statement, runner)).statement._type).toBe(STATEMENT_TYPE);
  });
});
