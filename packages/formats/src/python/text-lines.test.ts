import { describe, expect, it } from 'vitest';
import { pythonLines, pythonStrip } from './text-lines.js';

describe('pythonLines', () => {
  // What Python 3.11 answers: io.StringIO(text, newline=None) and text.splitlines().
  it.each([
    ['', [], []],
    ['a', ['a'], ['a']],
    ['a\r\nb\rc\n\nd', ['a', 'b', 'c', '', 'd'], ['a', 'b', 'c', '', 'd']],
    ['a\n', ['a'], ['a']],
    ['a\vb\fc', ['a\vb\fc'], ['a', 'b', 'c']],
    ['a\u001cb\u001dc\u001ed\u001fe', ['a\u001cb\u001dc\u001ed\u001fe'], ['a', 'b', 'c', 'd\u001fe']],
    ['a\u0085b\u2028c\u2029d', ['a\u0085b\u2028c\u2029d'], ['a', 'b', 'c', 'd']],
  ])('%j', (text, file, split) => {
    expect([...pythonLines(text, 'file')]).toEqual(file);
    expect([...pythonLines(text, 'splitlines')]).toEqual(split);
  });

  it('strips what Python strips', () => {
    expect(pythonStrip('\u001f\u00a0 a b\u3000\u0085')).toBe('a b');
    expect(pythonStrip('\uFEFFa')).toBe('\uFEFFa');
    expect(pythonStrip(' \t')).toBe('');
  });
});
