import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToml } from './read-toml.js';

describe('readToml', () => {
  it('reads tables, arrays of tables, dotted keys, texts of all kinds and inline tables', () => {
    const text = `
a.b = 1 # c
"x y" = 'lit\\n'
long = """
one \\
  two \\u0041"""
raw = '''
it's'''
list = [1, "b", # c
  [true],
]
inline = { k = "v", l.m = 2.5 }
when = 1979-05-27 07:32:00
[t.u]
k = "v"
[[s]]
n = 1
[[s]]
n = 2
[s.sub]
z = -0x1
`;
    expect(readToml(text)).toMatchObject({
      value: {
        a: { b: 1 },
        'x y': 'lit\\n',
        long: 'one two A',
        raw: "it's",
        list: [1, 'b', [true]],
        inline: { k: 'v', l: { m: 2.5 } },
        when: '1979-05-27 07:32:00',
        t: { u: { k: 'v' } },
        s: [{ n: 1 }, { n: 2, sub: { z: '-0x1' } }],
      },
    });
    expect(readToml(text).problem).toBeUndefined();
    expect(readToml('a = 1\n[b]\nc = 2\n').lines.get('b.c')).toBe(3);
  });

  it.each(['a = ', 'a 1', 'a = [1', 'a = "x', '[a', 'a = {b = 1', 'a = 1 b', 'a = 1\na = 2', `a = ${'['.repeat(100)}`])(
    'names what is broken in %j and reads on',
    (text) => {
      const { problem, value } = readToml(`${text}\nz = 1\n`);
      expect(problem).toMatch(/line \d|characters/);
      expect(value).toBeTypeOf('object');
    },
  );

  it('answers for any text', () => {
    const piece = fc.constantFrom('a', '=', '[', ']', '{', '}', '"', "'", '"""', '\n', ',', '.', '#', '1', ' ', '\\');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        (parts) => void expect(readToml(parts.join('')).value).toBeTypeOf('object'),
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps a key named like what objects inherit', () => {
    expect(JSON.stringify(readToml('__proto__ = 1\nconstructor.x = 2\n').value)).toBe(
      '{"__proto__":1,"constructor":{"x":2}}',
    );
  });
});
