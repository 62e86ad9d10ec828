// Entries: derived from the envelope, at most 1 KiB, and read only in the one form in which they are written.
import { canonicalJson, sha256, VallumError } from '@vallum/core';
import { generateKey, readEnvelope, VERDICT_TYPE } from '@vallum/trust';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEntry, ENTRY_LIMIT, entryOf, readEntry, type LedgerEntry } from './entry.js';
import { sample } from './testing/statements.js';

const key = generateKey('author', 'ed25519');
const signed = readEnvelope(sample(key, 1));
const entry = entryOf(signed);
const text = encodeEntry(entry).toString();

describe('entryOf', () => {
  test('says what the envelope says', () => {
    expect(entry).toEqual({
      v: 1,
      statement: signed.id,
      type: 'urn:vallum:evidence:artifact.scan:v1',
      subject: sha256('subject 1'),
      outcome: 'pass',
      key: key.keyid,
      signature: sha256(signed.signature),
    });
  });

  test.each([
    [{ result: 'not-proven' }, 'not-proven'],
    [{ outcome: 'inconclusive', result: 'pass' }, 'inconclusive'],
    [{ outcome: 7 }, null],
    [{ outcome: 'x'.repeat(5000) }, null],
    [{}, null],
  ])('the outcome of %j is %s', (predicate, outcome) => {
    expect(entryOf(readEnvelope(sample(key, 2, { type: VERDICT_TYPE, predicate }))).outcome).toBe(outcome);
  });

  test('the longest type that an envelope can have still fits', () => {
    const long = readEnvelope(sample(key, 3, { type: `urn:${'"'.repeat(200)}` }));
    expect(encodeEntry(entryOf(long)).length).toBeLessThanOrEqual(ENTRY_LIMIT);
    const longer = { ...long, statement: { ...long.statement, predicateType: `urn:${'x'.repeat(500)}` } };
    expect(() => entryOf(longer)).toThrow(/cannot be entered/);
  });
});

describe('readEntry', () => {
  test('reads what is written', () => expect(readEntry(encodeEntry(entry))).toEqual(entry));

  test.each<[string, string]>([
    ['white space', text.replace(':1}', ': 1}')],
    ['another order of fields', canonicalLess(entry)],
    ['an unknown field', text.replace('"v":1', '"v":1,"x":1')],
    ['a missing field', text.replace(/,"v":1/, '')],
    ['another version', text.replace('"v":1', '"v":2')],
    ['an escaped letter', text.replace('pass', '\\u0070ass')],
    ['a digest in capitals', text.replace(entry.statement, entry.statement.toUpperCase())],
    ['a broken outcome', text.replace('"pass"', '"PASS!"')],
    ['a doubled field', text.replace('"v":1', '"v":1,"v":1')],
    ['a byte-order mark', `\ufeff${text}`],
    ['more than 1 KiB', text.replace('urn:', `urn:${'x'.repeat(1000)}`)],
  ])('refuses %s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(() => readEntry(Buffer.from(changed))).toThrow(VallumError);
  });

  function canonicalLess(value: LedgerEntry): string {
    return JSON.stringify(Object.fromEntries(Object.entries(value).reverse()));
  }

  test('property: what it accepts is exactly what it would write', () => {
    const mutated = fc.tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 })).map(([at, by]) => {
      return Buffer.from(text.slice(0, at) + by + text.slice(at + by.length));
    });
    const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)));
    const anything = fc.oneof(mutated, json, fc.uint8Array({ maxLength: 2000 }));
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          expect(canonicalJson({ ...readEntry(bytes) })).toBe(Buffer.from(bytes).toString());
        } catch (error) {
          expect(error).toBeInstanceOf(VallumError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
