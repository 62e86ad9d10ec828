// Lines as pip reads them.
import { describe, expect, it } from 'vitest';
import { readRequirements } from './read-requirements.js';

const one = (text: string): unknown => readRequirements(text)[0];
const HASH = `--hash=sha256:${'a'.repeat(64)}`;

describe('readRequirements', () => {
  it.each([
    ['numpy', { name: 'numpy', pinned: false }],
    ['numpy==1.26.4', { pinned: true, hashed: false }],
    [`numpy==1.26.4 ${HASH}`, { pinned: true, hashed: true }],
    [`numpy==1.26.4 \\\n  ${HASH}`, { pinned: true, hashed: true, line: 1 }],
    ['numpy==1.*', { pinned: false }],
    ['numpy>=1,<2', { pinned: false, specifier: '>=1,<2' }],
    ['torch[cuda] == 2.1.0 ; python_version < "3.12"  # why', { name: 'torch', pinned: true }],
    ['pkg @ https://example.org/x.whl', { kind: 'package', url: 'https://example.org/x.whl' }],
    ['git+https://example.org/x.git@main#egg=x', { kind: 'url', editable: false }],
    ['-e ./local', { kind: 'url', editable: true, url: './local' }],
    ['--extra-index-url https://example.org/simple', { kind: 'option', name: '--extra-index-url' }],
    [
      '--index-url=https://example.org/simple',
      { kind: 'option', name: '--index-url', value: 'https://example.org/simple' },
    ],
    ['-i https://example.org/simple', { kind: 'option', name: '--index-url' }],
    ['-rother.txt', { kind: 'option', name: '--requirement', value: 'other.txt' }],
    ['$(curl example.org)', { kind: 'unknown' }],
  ])('%s', (text, expected) => {
    expect(one(text)).toMatchObject(expected);
  });

  it('skips comments and blank lines and counts lines', () => {
    expect(readRequirements('# a\n\n  # b\nnumpy==1\n')).toMatchObject([{ line: 4 }]);
  });

  it('does not let a comment with a backslash hide the next line', () => {
    expect(readRequirements('# a \\\n--extra-index-url https://example.org\n')).toHaveLength(1);
  });
});
