// Hostile source: the reader never throws, never runs on, and does not hide a fault.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCell } from '../notebook/cell-source.js';
import { looksLikeNotebook, readNotebook } from '../notebook/read-notebook.js';
import type { JsonValue } from '@vallum/core';
import { PYTHON_LIMITS, readPython } from './read-python.js';

const WORDS = (
  'import from as def class if elif else for while try except finally with return yield lambda async await match case global ' +
  'print exec del raise assert not and or in is None True x y os system self __name__ "__main__" \'a\' """b""" f"{x!r:>{y}}" ' +
  'rb"\\x61" 0x1f 1_0.5e3 0777 ( ) [ ] { } : , . ; = == := -> ** // @ ~ ` \\ # \n \n\x20\x20 \n\t \f \x00 é 𝓸 \u202e ' +
  'eval( exec( getattr(os, __import__("os") chr( join( .format( % + * [::-1]'
).split(' ');
const soup = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 3 })), { maxLength: 80 })
  .map((parts) => parts.join(' '));
const SAMPLES = [
  'import os as o\nclass A(B, metaclass=C):\n    def __init__(self, c=[1]):\n        self.f = o.system\n    async def g(self, *a, **k):\n        return [await self.f(x) async for x in y if x]\n',
  'import base64, zlib\nexec(zlib.decompress(base64.b64decode("eJxLBAAAYgBi")))\nfor i in range(3):\n    try:\n        x[i] += f"{i:{w}}"\n    except (A, B) as e:\n        raise\nmatch x:\n    case [a, *b]: a(b)\n',
  '# coding: utf-7\n+AGkAbQBwAG8AcgB0-\nif __name__ == "__main__":\n\tprint >>sys.stderr, `x`\n',
].map((text) => Buffer.from(text));
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 8 }),
  )
  .map(([sample, edits]) => {
    let bytes = Buffer.from(sample);
    for (const [at, byte, kind] of edits) {
      const index = at % (bytes.length + 1);
      if (kind === 0 && index < bytes.length) bytes[index] = byte;
      else if (kind === 1) bytes = bytes.subarray(0, index);
      else bytes = Buffer.concat([bytes.subarray(0, index), Uint8Array.of(byte), bytes.subarray(index)]);
    }
    return bytes;
  });
const limits = { ...PYTHON_LIMITS, maxTokens: 20_000, maxSteps: 50_000 };

describe('readPython', () => {
  it('answers for any bytes', () => {
    const any = fc.oneof(
      soup.map((text) => Buffer.from(text)),
      mutated,
      fc.uint8Array({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        const report = readPython(bytes, (name) => name.startsWith('__'), limits);
        for (const { line } of [...report.calls, ...report.faults]) expect(line).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('says that source cut inside a bracket or a string is broken', () => {
    const source = Buffer.from('x = f(a, [1, 2], {"k": """text"""})\n');
    for (let cut = source.indexOf('(') + 1; cut < source.length - 2; cut++)
      expect([cut, readPython(source.subarray(0, cut), () => false).faults.length > 0]).toEqual([cut, true]);
  });
});

describe('notebooks', () => {
  it('are read whatever is in them', () => {
    const cell = fc.record(
      {
        cell_type: fc.constantFrom('code', 'markdown', 'x'),
        source: fc.oneof(soup, fc.array(soup, { maxLength: 3 }), fc.nat()),
        metadata: fc.jsonValue(),
        outputs: fc.jsonValue(),
      },
      { requiredKeys: ['cell_type'] },
    );
    fc.assert(
      fc.property(
        fc.record({
          nbformat: fc.nat(5),
          cells: fc.array(fc.oneof(cell, fc.jsonValue()), { maxLength: 5 }),
          metadata: fc.jsonValue(),
        }),
        (value) => {
          const notebook = value as JsonValue;
          if (looksLikeNotebook(notebook)) readNotebook(notebook);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keep the number of lines of a cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('!ls \\', '%time x', 'x = (', ')', '"""', '%%bash', '?x', 'y = !z', '  pass', ''), {
          maxLength: 12,
        }),
        (lines) => {
          const { python, other } = readCell(lines.join('\n'));
          if (other === undefined) expect(python.split('\n')).toHaveLength(Math.max(1, lines.length));
        },
      ),
      { numRuns: 500 },
    );
  });
});
