// Lines as pip reads them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../environment/read-environment.js';
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

  it.each([
    ['--extra-index https://e.example', [['--extra-index-url', 'https://e.example']]],
    ['--trusted e.example', [['--trusted-host', 'e.example']]],
    ['--requirem=o.txt', [['--requirement', 'o.txt']]],
    ['--pre --extra-index-url a --trusted-host b', [['--pre'], ['--extra-index-url', 'a'], ['--trusted-host', 'b']]],
    [
      '--index-url a --extra-index-url b',
      [
        ['--index-url', 'a'],
        ['--extra-index-url', 'b'],
      ],
    ],
    ['--pre -r other.txt', [['--pre'], ['--requirement', 'other.txt']]],
    ['--extra-index-url "a b"', [['--extra-index-url', 'a b']]],
    ["--ext''ra-index-url a\\b", [['--extra-index-url', 'ab']]],
    ['# why\f--extra-index-url a', [['--extra-index-url', 'a']]],
    ['# why\u2028--extra-index-url a', [['--extra-index-url', 'a']]],
    ['--extra-index\\\n-url a', [['--extra-index-url', 'a']]],
    ['--index-url --pre', [['--index-url', '--pre']]],
  ])('takes apart the options %j', (text, expected) => {
    const options = expected.map(([name, value = '']) => ({ kind: 'option', name, value }));
    expect(readRequirements(text)).toMatchObject(options);
    expect(readRequirements(text)).toHaveLength(options.length);
  });

  it.each([
    ['--foo x', /does not know/],
    ['-x', /does not know/],
    ['--require x', /may be --requirement or --require-hashes/],
    ['--pre=1', /with a value/],
    ['--index-url', /without a value/],
    ["--index-url 'a", /does not end/],
    ['--pre x', /belong to no option/],
    ['--pre -- --extra-index-url x', /belong to no option/],
    ['numpy==1 --foo', /does not know/],
    ['numpy==1 ==2', /no requirement/],
    ['a'.repeat(300_000), /longer than/],
    ['a\\\n'.repeat(300_000), /longer than/],
    ['# -*- coding: utf-7 -*-\nnumpy==1', /another encoding/],
    ['\n# coding=latin-1\nnumpy==1', /another encoding/],
    ['a\n'.repeat(20_001), /beyond 20000/],
    [`${'\f'.repeat(1_000_001)}--extra-index-url a`, /beyond 1000000/],
  ])('says that it cannot read %.40j', (text, why) => {
    const unread = readRequirements(text).flatMap((read) => (read.kind === 'unknown' ? [read.why] : []));
    expect(unread).toEqual([expect.stringMatching(why)]);
  });

  it.each([
    '# -*- coding: utf-8 -*-\nnumpy==1',
    '# coding: ASCII\nnumpy==1',
    'numpy==1\n\n# coding: utf-7',
    '\uFEFFnumpy==1',
    'num\\\npy==1',
    'numpy (==1)',
    'numpy==1,',
  ])('reads the one package of %j', (text) => {
    expect(readRequirements(text)).toMatchObject([{ kind: 'package', name: 'numpy', pinned: true, version: '1' }]);
  });

  it.each(['x-1.0.tar.gz', './x', '.', 'sub/x', '/x/y.whl'])('takes %s for a file of one machine', (text) => {
    expect(one(text)).toMatchObject({ kind: 'url', url: text });
  });

  const time = (text: string): number => {
    const start = performance.now();
    readEnvironment('requirements.txt', Buffer.from(text));
    return performance.now() - start;
  };

  it.each([
    ['spaces in a specifier', `numpy==1${' '.repeat(200_000)}~`],
    ['spaces behind a specifier', `numpy==1 ${' '.repeat(200_000)}x`],
    ['spaces before no comment', `numpy${' '.repeat(200_000)}x`],
    ['dashes of a wheel', `https://e.org/${'a-'.repeat(100_000)}`],
    ['revisions', `git+https://e.org/${'@a'.repeat(100_000)}`],
    ['quotes', `--pre ${'"a'.repeat(100_001)}`],
    ['options', '--pre '.repeat(40_000)],
    ['clauses', `numpy${'==1,'.repeat(50_000)}!`],
    ['backslashes', '\\'.repeat(200_000)],
    ['continued lines', '\\\n'.repeat(500_000)],
    ['nothing but line ends', '\f'.repeat(8_000_000)],
  ])('takes no long time for %s', (_, text) => {
    expect(time(text)).toBeLessThan(2_000);
  });

  it('takes no long time for any run of what a line is made of', () => {
    const piece = fc.constantFrom(
      ' ',
      '\t',
      '-',
      '--',
      '=',
      '==',
      'a',
      '@',
      '/',
      '#',
      '\\',
      '"',
      ',',
      '(',
      ')',
      '[',
      ';',
      '.',
      ':',
    );
    const run = fc.tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '~', '!', '.whl', ' x'));
    fc.assert(
      fc.property(
        fc.constantFrom('', 'numpy', 'numpy==1', 'https://e.org/', 'git+https://e.org/', '--pre '),
        run,
        (start, [unit, end]) => {
          expect(time(`${start}${unit.join('').repeat(20_000)}${end}`)).toBeLessThan(1_000);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('skips comments and blank lines and counts lines', () => {
    expect(readRequirements('# a\n\n  # b\nnumpy==1\n')).toMatchObject([{ line: 4 }]);
  });

  it('does not let a comment with a backslash hide the next line', () => {
    expect(readRequirements('# a \\\n--extra-index-url https://example.org\n')).toHaveLength(1);
  });
});
