// Whatever a decision holds, its entry is canonical, bounded and read back; what was cut says so.
import { canonicalJson, parseJsonStrict } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECISION_LIMIT, encodeDecision } from './encode.js';
import { readDecision } from './read-decision.js';
import { anyDecision, decision } from './testing/decisions.js';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('an entry', () => {
  it('is compact and reads back as the decision that it was', () => {
    const whole = decision({
      outcome: 'refused',
      code: 'forbidden',
      reason: 'no policy permits it',
      step: 'tighten',
      masked: { 'VLM-PII-001': 2, 'VLM-PII-000': 1 },
      tokens: 9,
      times: 3,
    });
    expect(readDecision(encodeDecision(whole))).toEqual(whole);
    expect(encodeDecision(decision()).length).toBeLessThan(800);
  });

  it('is canonical JSON of at most 4 KiB, the same each time, whatever it holds', () => {
    fc.assert(
      fc.property(anyDecision, (any) => {
        const bytes = encodeDecision(any);
        expect(bytes.length).toBeLessThanOrEqual(DECISION_LIMIT);
        expect(canonicalJson(parseJsonStrict(bytes))).toBe(textOf(bytes));
        expect(encodeDecision(any)).toEqual(bytes);
        const read = readDecision(bytes);
        expect([read.outcome, read.config, read.status]).toEqual([any.outcome, any.config, any.status]);
        if (read.cut !== true) expect(encodeDecision(read)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts what is too long, and says so', () => {
    const long = decision({ reason: 'x'.repeat(10_000), policies: Array.from({ length: 50 }, (_, at) => `p${at}`) });
    const read = readDecision(encodeDecision(long));
    expect(read).toMatchObject({ cut: true, id: long.id, principal: 'alice' });
    expect([read.reason?.length, read.policies?.length]).toEqual([512, 16]);
    expect(readDecision(encodeDecision(decision()))).not.toHaveProperty('cut');
  });

  it('holds a number where a clock or counter was broken', () => {
    expect(readDecision(encodeDecision(decision({ durationMs: NaN, bytesIn: Infinity })))).toMatchObject({
      durationMs: 0,
      bytesIn: 0,
    });
  });
});

describe('reading', () => {
  const good = textOf(encodeDecision(decision()));
  it.each<[string, string]>([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another schema', good.replace('decision/v1', 'decision/v2')],
    ['another order', good.replace(/"status":200,/, '').replace('{', '{"status":200,')],
    ['a space', good.replace(':', ': ')],
    ['a missing field', good.replace('"bytesOut":64,', '')],
    ['an unknown field', good.replace('"bytesIn"', '"bytesIm":1,"bytesIn"')],
    ['an inherited name', good.replace('{"at"', '{"__proto__":{},"at"')],
    ['an unknown outcome', good.replace('"allowed"', '"maybe"')],
    ['a negative number', good.replace('"bytesIn":1024', '"bytesIn":-1')],
    ['a digest that is none', good.replace(/"policy":"../, '"policy":"zz')],
    ['more than 4 KiB', good.replace('alice', 'a'.repeat(5000))],
  ])('refuses %s', (_, text) => {
    expect(text).not.toBe(good);
    expect(() => readDecision(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'DECISION_FORMAT' }) as Error,
    );
  });

  it('throws only that error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(good.length), (noise, at) => {
        const bytes = Buffer.concat([
          Buffer.from(good.slice(0, at)),
          noise,
          Buffer.from(good.slice(at + noise.length)),
        ]);
        try {
          readDecision(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DECISION_FORMAT' });
        }
      }),
      { numRuns: 200 },
    );
  });
});
