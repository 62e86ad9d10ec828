// The depth that is told before anything is built.
import { describe, expect, it } from 'vitest';
import { bracketsDeeperThan, indentedDeeperThan } from './nesting.js';

describe('brackets', () => {
  it.each([
    ['[[[]]]', 3],
    ['{"a":[{}]}', 3],
    ['[[],[],[]]', 2],
    [String.raw`["[[[[\"[[[", []]`, 2],
    ['"open\n[[', 2],
    [']]]][', 1],
    ['', 0],
  ])('%s', (text, depth) => {
    expect(bracketsDeeperThan(text, depth)).toBe(false);
    if (depth > 0) expect(bracketsDeeperThan(text, depth - 1)).toBe(true);
  });
});

describe('indentation', () => {
  it.each([
    ['a: 1\nb: 2\n', 1],
    ['a:\n b:\n  c: 1\nd: 1\n', 3],
    ['a:\n  b: 1\n\nc:\n  d: 1\n', 2],
    ['- - - a\n', 4],
    ['', 0],
  ])('%j', (text, depth) => {
    expect(indentedDeeperThan(text, depth)).toBe(false);
    if (depth > 0) expect(indentedDeeperThan(text, depth - 1)).toBe(true);
  });
});
