import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputDigester } from './input-digest.js';

const reference = (secret: Uint8Array, body: Uint8Array): string =>
  createHmac('sha256', secret).update(body).digest('hex');

describe('inputDigester', () => {
  it('is HMAC-SHA-256 for every secret up to a block, whatever was digested before', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
        (secret, bodies) => {
          const digest = inputDigester(secret);
          expect(bodies.map((body) => digest(body))).toEqual(bodies.map((body) => reference(secret, body)));
        },
      ),
    );
  });

  it('is the same on both sides of the length up to which inputs are copied', () => {
    const secret = Buffer.from('0123456789abcdef0123456789abcdef');
    const digest = inputDigester(secret);
    for (const length of [0, 1, 16_383, 16_384, 16_385, 100_000]) {
      const body = Buffer.alloc(length, 7);
      expect(digest(body)).toBe(reference(secret, body));
    }
  });

  it('takes no secret that HMAC would hash first', () => {
    expect(() => inputDigester(new Uint8Array(65))).toThrow(RangeError);
  });
});
