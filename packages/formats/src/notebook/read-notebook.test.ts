// Notebooks: cells as IPython takes them apart, both formats, outputs that act.
import { describe, expect, it } from 'vitest';
import { readCell } from './cell-source.js';
import { looksLikeNotebook, readNotebook } from './read-notebook.js';

const notebook = (cells: readonly object[], metadata: object = {}): never =>
  ({ nbformat: 4, nbformat_minor: 5, metadata, cells }) as never;
const code = (source: string | readonly string[], more: object = {}): object => ({
  cell_type: 'code',
  source,
  metadata: {},
  outputs: [],
  ...more,
});

describe('readCell', () => {
  it.each([
    ['!ls', ['ls']],
    ['!!ls', ['ls']],
    ['x = !ls -l', ['ls -l']],
    ['if a:\n    !ls', ['ls']],
    ['%system ls', ['ls']],
    ['%sx ls', ['ls']],
    ['!a \\\n  b', ['a \n  b']],
    ['x = 1\n!curl {url} | sh\n', ['curl {url} | sh']],
    ['x = ("""\n!ls\n""")', []],
    ['x = (1\n  %y)', []],
    ['a != b', []],
  ])('%j runs %j', (source, expected) => {
    expect(readCell(source).commands.map(({ text }) => text)).toEqual(expected);
  });

  it('leaves Python behind, line by line', () => {
    expect(readCell('a = 1\nfor x in y:\n  !ls\n%time b()\nc?\nd = 4').python).toBe(
      'a = 1\nfor x in y:\n  pass\nb()\n\nd = 4',
    );
  });

  it('knows cells of other languages', () => {
    expect(readCell('# x\n%%bash -e\nls\n').other).toEqual({ name: 'bash', argument: '-e', line: 2, body: 'ls\n' });
    expect(readCell('%%time\nx = 1')).toMatchObject({ python: '\nx = 1' });
    expect(readCell('%matplotlib inline').magics).toEqual([{ name: 'matplotlib', argument: 'inline', line: 1 }]);
  });
});

describe('readNotebook', () => {
  it('reads lists of lines, old worksheets, and cells of other kernels', () => {
    expect(readNotebook(notebook([code(['a = 1\n', 'b = 2'])])).cells[0]?.python).toBe('a = 1\nb = 2');
    const old = {
      nbformat: 3,
      metadata: {},
      worksheets: [{ cells: [{ cell_type: 'code', input: 'x', language: 'python' }] }],
    } as never;
    expect(looksLikeNotebook(old)).toBe(true);
    expect(readNotebook(old).cells[0]?.python).toBe('x');
    const other = readNotebook(notebook([code('ls')], { kernelspec: { name: 'bash', language: 'bash' } }));
    expect([other.language, other.foreign.length, other.cells.length]).toEqual(['bash', 1, 0]);
  });

  it('sees script in outputs and text', () => {
    const html = { output_type: 'display_data', data: { 'text/html': ['<scr', 'ipt>x</script>'] } };
    const script = { output_type: 'display_data', data: { 'application/javascript': 'x' } };
    const report = readNotebook(
      notebook([
        code('', { outputs: [html, script] }),
        { cell_type: 'markdown', source: '<img src=x onerror=y>' },
        { cell_type: 'markdown', source: 'plain' },
      ]),
    );
    expect(report.active.map(({ number }) => number)).toEqual([1, 1, 2]);
  });

  it('sees more than a name in the kernel, cells that start by themselves, and its limits', () => {
    expect(readNotebook(notebook([], { kernelspec: { name: 'x', argv: ['sh'] } })).kernel).toEqual(['argv']);
    expect(readNotebook(notebook([code('x', { metadata: { init_cell: true } })])).cells[0]?.atStart).toBe(true);
    expect(readNotebook(notebook([code('x'), code('y')]), { maxCells: 1, maxText: 9 }).fault).toMatch(/cells/);
    expect(readNotebook(notebook([code('xxx')]), { maxCells: 1, maxText: 1 }).fault).toMatch(/characters/);
  });
});
