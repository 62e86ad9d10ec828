// What is masked, what is refused, and that masking leaves nothing to mask.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARD, JWT, KEY_LINE, MAIL, PRIVATE_KEY, TOKEN } from '../testing/text-samples.js';
import { compileTextGuard } from './text-guard.js';
import type { MaskedTexts, TextGuard } from './text-guard.js';

const both = compileTextGuard({ personalData: 'mask', secrets: 'mask' })!;
const maskedBy = (guard: TextGuard, ...texts: string[]): MaskedTexts => {
  const masked = guard.mask(texts);
  if ('fault' in masked) throw new Error(masked.fault);
  return masked;
};

describe('compileTextGuard', () => {
  it('has nothing to do where both are off', () => {
    expect(compileTextGuard({ personalData: 'off', secrets: 'off' })).toBeUndefined();
  });

  it('masks secrets and personal data, and tells which rules did it', () => {
    const { texts, masked } = maskedBy(both, `the key is ${TOKEN}.`, 'nothing here', `write to ${MAIL} or pay ${CARD}`);
    expect(texts[0]).toBe('the key is ghp_… (40 characters).');
    expect(texts[1]).toBe('nothing here');
    expect(texts[2]).toBe('write to m***@m***.org or pay **** **** **** 1111');
    expect(masked).toEqual({ 'github.token': 1, email: 1, 'card.grouped': 1 });
  });

  it('gives the same array where there is nothing to mask', () => {
    const texts = ['a plain text', 'another'];
    expect(maskedBy(both, ...texts).texts).toEqual(texts);
    expect(maskedBy(both, ...texts).masked).toEqual({});
  });

  it('looks only for what it is asked for', () => {
    const secrets = compileTextGuard({ personalData: 'off', secrets: 'mask' })!;
    expect(maskedBy(secrets, `${MAIL} ${TOKEN}`).texts[0]).toBe(`${MAIL} ghp_… (40 characters)`);
    const personal = compileTextGuard({ personalData: 'mask', secrets: 'off' })!;
    expect(maskedBy(personal, `${MAIL} ${TOKEN}`).texts[0]).toBe(`m***@m***.org ${TOKEN}`);
  });

  it('refuses, and its sentence holds nothing of the text', () => {
    const guard = compileTextGuard({ personalData: 'mask', secrets: 'refuse' })!;
    expect(maskedBy(guard, `write to ${MAIL}`).masked).toEqual({ email: 1 });
    const refused = guard.mask(['fine', `take ${TOKEN}`]);
    expect(refused).toEqual({ fault: 'it holds what the rule github.token looks for', at: 1 });
  });

  it('covers a private key with its body, whether it ends or not', () => {
    expect(maskedBy(both, `before\n${PRIVATE_KEY}\nafter`).texts[0]).toMatch(/^before\n\(\d+ characters\)\nafter$/);
    const cut = maskedBy(both, `before\n${PRIVATE_KEY.slice(0, -10)}`).texts[0]!;
    expect(cut).toMatch(/^before\n\(\d+ characters\)$/);
    const packed = Buffer.from(PRIVATE_KEY).toString('base64');
    const { texts } = maskedBy(both, `key: ${packed} and more`);
    expect(texts[0]).toMatch(/and more$/);
    expect(texts[0]!.length).toBeLessThan(60);
    expect(PRIVATE_KEY).toContain(KEY_LINE);
  });

  it('refuses a text with more matches than are reported, and takes one with fewer', () => {
    const addresses = (count: number): string => Array.from({ length: count }, (_, i) => `u${i}@mailbox.org`).join(' ');
    expect(both.mask([addresses(10_001)])).toMatchObject({
      at: 0,
      fault: expect.stringMatching(/more matches/) as unknown,
    });
    expect(maskedBy(both, addresses(500)).masked).toEqual({ email: 500 });
  });
});

describe('masking', () => {
  const piece = fc.oneof(
    fc.constantFrom(TOKEN, JWT, MAIL, CARD, PRIVATE_KEY, 'password=hunter2hunter2', '-----BEGIN PRIVATE KEY-----'),
    fc.constantFrom(
      'tel ',
      'card ',
      'ssn ',
      '123-45-6788',
      '+49 30 1234567',
      '8.8.8.8',
      '1111',
      ' ',
      '\n',
      '.',
      '=',
      'x',
    ),
    fc.stringMatching(/^[0-9 .()/-]{1,20}$/),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );

  it('property: what is masked is not masked again', () => {
    let masks = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const first = both.mask([pieces.join('')]);
        if ('fault' in first) throw new Error(first.fault);
        masks += Object.keys(first.masked).length;
        const second = maskedBy(both, ...first.texts);
        expect(second).toEqual({ texts: first.texts, masked: {} });
        expect(first.texts[0]).not.toContain(KEY_LINE);
      }),
      { numRuns: 400 },
    );
    expect(masks).toBeGreaterThan(200);
  });
});
