import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkYaml } from './walk-yaml.js';

describe('walkYaml', () => {
  it('reads several documents, keys of any kind and aliases', () => {
    expect(walkYaml('a: &x [1]\nb: *x\n---\n1: c\n? [d]\n: e\n')).toMatchObject({
      documents: [
        { a: [1], b: [1] },
        { '1': 'c', '["d"]': 'e' },
      ],
      problems: [],
    });
  });

  it.each([
    ['a: !!python/name:os.system x', 'tag:yaml.org,2002:python/name:os.system'],
    ['%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!name:x', 'tag:yaml.org,2002:python/name:x'],
    ['{a: !<tag:yaml.org,2002:python/name:x> y}', 'tag:yaml.org,2002:python/name:x'],
    ['? !!python/name:x\n: 1', 'tag:yaml.org,2002:python/name:x'],
    ['- &a !Ref b', '!Ref'],
    ['a: !!python%2fname:x', 'tag:yaml.org,2002:python/name:x'],
  ])('resolves the tag of %j', (text, tag) => {
    expect(walkYaml(text).tags.map((one) => one.tag)).toContain(tag);
  });

  it('keeps both values of a key that stands twice', () => {
    const { documents, problems } = walkYaml('a: 1\na: {b: 2}\n');
    expect(JSON.stringify(documents)).toContain('"b":2');
    expect(problems).toEqual(['the key "a" stands twice']);
  });

  it('names what is broken or too much', () => {
    expect(walkYaml('a: [1\n').problems).not.toEqual([]);
    expect(walkYaml('a: &x [*x, *x]\n').problems).not.toEqual([]);
    expect(walkYaml('---\na\n'.repeat(1100)).problems[0]).toMatch(/more than 1000 documents/);
    expect(walkYaml('- '.repeat(30_000)).problems).not.toEqual([]);
    expect(walkYaml('a'.repeat(50), { maxBytes: 10 }).problems[0]).toMatch(/more than 10/);
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      ' ',
      '&a',
      '*a',
      '!t ',
      '!!x ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '%TAG',
      '---',
      '?',
      '\t',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        (parts) => void expect(walkYaml(parts.join('')).tags).toBeInstanceOf(Array),
      ),
      { numRuns: 500 },
    );
  });
});
