import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMakefile } from './read-makefile.js';

describe('readMakefile', () => {
  it('puts variables in, undoes $$, and joins the lines of a target', () => {
    const text = 'U = https://x\nU += y\nall: dep\n\t@a $(U) $$HOME \\\n\t  b\n\t-c\nx: ; d\n';
    expect(readMakefile(text)).toEqual([
      { line: 4, target: 'all', text: 'a https://x y $HOME \\\n\t  b\nc', always: false },
      { line: 7, target: 'x', text: 'd', always: false },
    ]);
  });

  it('finds what runs while it is read, and recipes of just', () => {
    expect(readMakefile('V := $(shell a | b)\nW != c\n')).toMatchObject([
      { text: 'a | b', always: true },
      { text: 'c', always: true },
    ]);
    expect(readMakefile('u := "x"\nrun:\n  curl {{ u }}\n')).toMatchObject([{ target: 'run', text: 'curl "x"' }]);
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom('a', ':', '=', '\t', '\n', '\\\n', '$(', ')', '$$', 'shell ', ' ', '#', ';');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        (parts) => void expect(readMakefile(parts.join(''))).toBeInstanceOf(Array),
      ),
      { numRuns: 500 },
    );
  });
});
