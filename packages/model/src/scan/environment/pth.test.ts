// Lines of .pth files: what runs, what is allowed, what only adds a path.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPth } from './pth.js';
import { environmentRules } from './rules.js';

const { file } = environmentRules();
const kinds = (text: string): readonly string[] => readPth(text, file).lines.map(({ kind }) => kind);
const SETUPTOOLS =
  "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); ";
const NAMESPACE =
  "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('mpl_toolkits',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('mpl_toolkits', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('mpl_toolkits', [os.path.dirname(p)])));m = m or sys.modules.setdefault('mpl_toolkits', types.ModuleType('mpl_toolkits'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)";

describe('readPth', () => {
  it.each([
    [SETUPTOOLS, ['allowed']],
    [NAMESPACE, ['allowed']],
    ['import __editable___tool_1_0_finder; __editable___tool_1_0_finder.install()', ['allowed']],
    ['src\n# import os\n\n../other', ['path', 'path']],
    ['imports', ['path']],
    [' import os', ['path']],
    ['import os; os.system("id")', ['code']],
    ['import\tos', ['code']],
    ['\uFEFFimport os', ['code']],
    ['# nothing\u2028import os', ['code']],
    ['# nothing\u000cimport os', ['code']],
    ['# nothing\rimport os', ['code']],
    [`${SETUPTOOLS.trimEnd()}\u000c`, ['allowed', 'allowed']],
    [`${SETUPTOOLS.trimEnd()}\u000c;import x`, ['code', 'allowed', 'path']],
    ['import\u000bos', ['path', 'path', 'path']],
    [`${SETUPTOOLS}import x`, ['code']],
    [SETUPTOOLS.replace('_distutils_hack', '_distutils_hacks'), ['code']],
    [NAMESPACE.replace("*('mpl_toolkits',)", "*(__import__('x'),)"), ['code']],
    ['import __editable___a_finder; __editable___b_finder.install()', ['code']],
  ])('%j', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it('never calls changed code allowed', () => {
    const at = fc.nat(SETUPTOOLS.trimEnd().length - 1);
    fc.assert(
      fc.property(at, fc.constantFrom('x', ';', '(', "'", '#'), (position, character) => {
        const line = SETUPTOOLS.trimEnd();
        const changed = line.slice(0, position) + character + line.slice(position);
        const ends = changed === `${line};` || changed.replace(';;', ';') === line;
        if (!ends) expect(kinds(changed)).not.toContain('allowed');
      }),
    );
  });
});
