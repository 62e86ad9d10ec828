import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDockerfile } from './read-dockerfile.js';

describe('readDockerfile', () => {
  it('joins lines, drops comments between them, and keeps flags and forms', () => {
    const text = 'FROM a AS b\n# c\nRUN --mount=type=cache,target=/x a \\\n  # d\n\n  && b\nCMD ["a", "b c"]\nrun c\n';
    expect(readDockerfile(text)).toMatchObject([
      { line: 1, name: 'FROM', text: 'a AS b' },
      { line: 3, name: 'RUN', flags: ['--mount=type=cache,target=/x'], text: 'a \\\n  && b' },
      { line: 7, name: 'CMD', exec: ['a', 'b c'] },
      { line: 8, name: 'RUN', text: 'c' },
    ]);
  });

  it('reads here-documents and another escape', () => {
    expect(readDockerfile('RUN <<EOF\na\nb\nEOF\nUSER x\n')).toMatchObject([
      { heredocs: ['a\nb'] },
      { name: 'USER', line: 5 },
    ]);
    expect(readDockerfile('# escape=`\nRUN a `\n  b\n')[0]?.text.replace(/\s+/g, ' ')).toBe('a \\ b');
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom(
      'RUN ',
      'FROM a',
      '\n',
      '\\\n',
      '<<E',
      'E',
      '[',
      '"',
      ']',
      '#',
      ' ',
      '--x=y ',
      'ONBUILD ',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        (parts) => void expect(readDockerfile(parts.join(''))).toBeInstanceOf(Array),
      ),
      { numRuns: 500 },
    );
  });
});
