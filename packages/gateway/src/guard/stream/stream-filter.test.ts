// However a text is cut into pieces, the same is masked; and as much as in the whole text, within the documented bounds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARD, JWT, KEY_LINE, MAIL, PRIVATE_KEY, TOKEN } from '../testing/text-samples.js';
import { compileTextGuard } from '../text/text-guard.js';
import { HELD, LONGEST_RUN, StreamFilter } from './stream-filter.js';

const guard = compileTextGuard({ personalData: 'mask', secrets: 'mask' })!;
const refusing = compileTextGuard({ personalData: 'mask', secrets: 'refuse' })!;

function filter(pieces: readonly string[], counts = new Map<string, number>()): string {
  const stream = new StreamFilter(guard, counts);
  let shown = '';
  for (const piece of [...pieces, undefined]) {
    const more = piece === undefined ? stream.finish() : stream.push(piece);
    if (typeof more !== 'string') throw new Error(more.fault);
    shown += more;
  }
  return shown;
}

function masked(text: string): string {
  const whole = guard.mask([text]);
  if ('fault' in whole) throw new Error(whole.fault);
  return whole.texts[0]!;
}

function cut(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

const words = 'the quick brown fox jumps over the lazy dog and runs away from it. '.repeat(12);

describe('StreamFilter', () => {
  it.each([
    ['a token', TOKEN],
    ['a JSON web token longer than what is held back', JWT],
    ['an address', MAIL],
    ['a card', CARD],
    ['a private key', PRIVATE_KEY],
  ])('masks %s wherever it is cut in two', (_, secret) => {
    const text = `${words}see ${secret} there. ${words}`;
    const expected = masked(text);
    expect(expected).not.toContain(secret);
    const start = text.indexOf(secret);
    for (let at = start; at <= start + secret.length; at += 7)
      expect(filter([text.slice(0, at), text.slice(at)])).toBe(expected);
    expect(filter([...text])).toBe(expected);
  });

  it('has a token in these tests that is longer than what is held back', () => {
    expect(JWT.length).toBeGreaterThan(HELD);
  });

  it('gives out plain text as it comes, save for the last characters', () => {
    const stream = new StreamFilter(guard, new Map());
    const shown = stream.push(words) as string;
    expect(words.startsWith(shown)).toBe(true);
    expect(words.length - shown.length).toBeLessThan(HELD + 64 + 64);
    expect(shown + (stream.finish() as string)).toBe(words);
  });

  it('does not hold back texts without spaces that are no tokens', () => {
    const text = '春眠不覚暁処処聞啼鳥夜来風雨声花落知多少'.repeat(40);
    const stream = new StreamFilter(guard, new Map());
    expect((stream.push(text) as string).length).toBeGreaterThan(text.length - HELD - 64);
  });

  it('leaves out a private key that never ends', () => {
    const endless = `${words}-----BEGIN PRIVATE KEY-----\n${`${KEY_LINE}\n`.repeat(2000)}`;
    const shown = filter(cut(endless, [0.1, 0.3, 0.9]));
    expect(shown).not.toContain(KEY_LINE);
    expect(shown.startsWith(words)).toBe(true);
  });

  it('holds back no more than its bound of one endless run', () => {
    const run = 'a1B2'.repeat(3 * LONGEST_RUN);
    const stream = new StreamFilter(guard, new Map());
    const shown = stream.push(run) as string;
    expect(run.length - shown.length).toBeLessThan(LONGEST_RUN + 2 * HELD);
    expect(shown + (stream.finish() as string)).toBe(run);
  });

  it('counts what it masked, once each', () => {
    const counts = new Map<string, number>();
    filter([...`${words}${TOKEN} and ${MAIL}, ${words}${PRIVATE_KEY}\n${words}`], counts);
    expect(Object.fromEntries(counts)).toEqual({ 'github.token': 1, email: 1, private_key: 1 });
  });

  it('tells of what has to be refused before any of it is given out', () => {
    const stream = new StreamFilter(refusing, new Map());
    let shown = '';
    let fault = '';
    for (const character of `${words}${TOKEN} ${words}`) {
      const more = stream.push(character);
      if (typeof more === 'string') shown += more;
      else fault = more.fault;
      if (fault !== '') break;
    }
    expect(fault).toMatch(/github\.token/);
    expect(shown).not.toContain(TOKEN.slice(0, 4));
  });

  it('begins anew after its end', () => {
    const stream = new StreamFilter(guard, new Map());
    const first = `${stream.push('key -----BEGIN PRIVATE KEY-----\nabc') as string}${stream.finish() as string}`;
    expect(first).toBe('key (27 characters)');
    expect(`${stream.push('hello') as string}${stream.finish() as string}`).toBe('hello');
  });
});

describe('properties', () => {
  const filler = fc.constantFrom(
    'some words of an answer, ',
    words.slice(0, 300),
    'card ',
    'tel ',
    '\n',
    ' ',
    'é\u{1F600} ',
  );
  const secret = fc.constantFrom(TOKEN, JWT, MAIL, CARD, PRIVATE_KEY, 'password=hunter2hunter2', '+49 30 1234567');
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

  it('any text, cut anywhere, comes out the same', () => {
    const any = fc.oneof(filler, secret, fc.stringMatching(/^[0-9 .()/-]{1,400}$/), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), cuts, (pieces, at) => {
        const text = pieces.join('');
        expect(filter(cut(text, at))).toBe(filter([text]));
      }),
      { numRuns: 150 },
    );
  });

  it('it comes out as the whole text does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(filler, secret, filler), { maxLength: 6 }), cuts, (parts, at) => {
        const text = parts.map(([before, middle, after]) => `${before} ${middle} ${after} `).join('');
        expect(filter(cut(text, at))).toBe(masked(text));
      }),
      { numRuns: 150 },
    );
  });
});
