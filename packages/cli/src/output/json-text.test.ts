// Printed JSON: the same value, and nothing in it that a terminal would obey.
import { expect, test } from 'vitest';
import { jsonText } from './json-text.js';

test('controls and characters that reorder text are escapes, and the value stays the same', () => {
  const value = { name: 'a\u009b\u202e\u2028\u{e0001}b\n', plain: 'Gr\u00fc\u00dfe' };
  const text = jsonText(value);
  expect(text).not.toMatch(/[\u007f-\u009f\u2028\u2029\p{Cf}]/u);
  expect(text).toContain('Gr\u00fc\u00dfe');
  expect(JSON.parse(text)).toEqual(value);
});
