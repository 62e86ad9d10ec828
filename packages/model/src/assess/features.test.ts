// The featuriser against published hash values and rows worked out by hand.
import { describe, expect, it } from 'vitest';
import { fnv1a32, wordsOf, writeFeatures } from './features.js';

const INPUT = { name: 'features', fields: ['subject', 'body'], minLength: 2, maxLength: 6, bits: 10 } as const;

describe('features', () => {
  it('hashes as FNV-1a with 32 bits (values from the authors of the hash)', () => {
    expect(fnv1a32('')).toBe(0x811c9dc5);
    expect(fnv1a32('a')).toBe(0xe40c292c);
    expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  });

  it('splits lower-cased text into runs of letters, digits, $, ! and the apostrophe', () => {
    const row = { subject: 'WIN $100!! now', body: "don't e-mail: ab\u00e9cd  toolongword x\nÉCLAIR_1" };
    expect(wordsOf(row, INPUT)).toEqual(['win', '$100!!', 'now', "don't", 'mail', 'ab', 'cd', 'clair']);
    expect(wordsOf(row, { ...INPUT, fields: ['subject'] })).toEqual(['win', '$100!!', 'now']);
    // The two fields never run into one word.
    expect(wordsOf({ subject: 'ab', body: 'cd' }, INPUT)).toEqual(['ab', 'cd']);
  });

  it('sets each bucket once and scales to length 1', () => {
    const into = new Float32Array(2 * 1024);
    writeFeatures({ subject: 'free free', body: 'money FREE now' }, INPUT, into, 1024);
    const hit = ['free', 'money', 'now'].map((word) => 1024 + (fnv1a32(word) % 1024));
    expect(new Set(hit).size).toBe(3);
    into.forEach((value, index) => expect(value).toBe(hit.includes(index) ? Math.fround(1 / Math.sqrt(3)) : 0));
  });

  it('gives all zeros for a row without words', () => {
    const into = new Float32Array(1024);
    writeFeatures({ subject: '', body: '???' }, INPUT, into, 0);
    expect(into.every((value) => value === 0)).toBe(true);
  });
});
