import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIni } from './read-ini.js';

describe('readIni', () => {
  it('reads sections, keys, continued and bare lines', () => {
    const text =
      '[core]\n\tbare = false ; no\n[filter "LFS"] clean = x\n; c\nurl = a \\\n  b\n[options]\ninstall_requires =\n    numpy\n    scipy>=1\nflag\n//r.example/:_authToken=x\n';
    expect(readIni(text)).toEqual([
      { line: 2, section: 'core', key: 'bare', value: 'false ; no' },
      { line: 3, section: 'filter "lfs"', key: 'clean', value: 'x' },
      { line: 5, section: 'filter "lfs"', key: 'url', value: 'a b' },
      { line: 8, section: 'options', key: 'install_requires', value: '\nnumpy\nscipy>=1' },
      { line: 11, section: 'options', key: 'flag', value: '' },
      { line: 12, section: 'options', key: '//r.example/:_authtoken', value: 'x' },
    ]);
  });

  it('answers for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('[', ']', 'a', '=', ':', '\n', ' ', '\\', '"', ';'), { maxLength: 60 }),
        (parts) => void expect(readIni(parts.join(''))).toBeInstanceOf(Array),
      ),
      { numRuns: 500 },
    );
  });
});
