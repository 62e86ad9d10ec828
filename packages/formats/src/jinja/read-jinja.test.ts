// The grammar of Jinja as the judge sees it: ranks of operators, tags, escapes, what does not belong there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expression } from './ast.js';
import { JINJA_LIMITS, readJinja } from './read-jinja.js';

/** An expression as a text with all its parentheses. */
function show(one: Expression | undefined): string {
  if (one === undefined) return '';
  switch (one.kind) {
    case 'constant':
      return JSON.stringify(one.value);
    case 'name':
      return one.name;
    case 'list':
      return `[${one.items.map(show).join(', ')}]`;
    case 'dict':
      return `{${one.pairs.map(([key, value]) => `${show(key)}: ${show(value)}`).join(', ')}}`;
    case 'attribute':
      return `${show(one.object)}.${one.name}`;
    case 'subscript':
      return `${show(one.object)}[${show(one.index)}]`;
    case 'slice':
      return `:${one.parts.map(show).join(':')}`;
    case 'call':
      return `${show(one.callee)}(${one.arguments.map(({ name, spread, value }) => `${spread === true ? '*' : ''}${name === undefined ? '' : `${name}=`}${show(value)}`).join(', ')})`;
    case 'filter':
      return `(${show(one.input)}|${one.name}${one.arguments.map(({ value }) => ` ${show(value)}`).join('')})`;
    case 'test':
      return `(${show(one.input)} is ${one.name}${one.arguments.map(({ value }) => ` ${show(value)}`).join('')})`;
    case 'unary':
      return `(${one.operator} ${show(one.value)})`;
    case 'operation':
      return `(${one.operands.map((operand, index) => `${index === 0 ? '' : ` ${one.operators[index - 1] ?? ''} `}${show(operand)}`).join('')})`;
    case 'condition':
      return `(${show(one.then)} if ${show(one.test)} else ${show(one.otherwise)})`;
  }
}

function output(expression: string): string {
  const { body, fault } = readJinja(`{{ ${expression} }}`);
  const [first] = body;
  return fault !== undefined ? `fault: ${fault.message}` : first?.kind === 'output' ? show(first.value) : 'no output';
}

describe('expressions', () => {
  it.each([
    ['a + b * c ** 2', '(a + (b * (c ** 2)))'],
    ['a ~ b + c', '((a ~ b) + c)'],
    ['not a and b or c', '(((not a) and b) or c)'],
    ['a not in b', '(a not in b)'],
    ['a == b < c', '(a == b < c)'],
    ['a if b else c if d', '(a if b else (c if d else ))'],
    ['x.y[1:2].z(1, *a, k=2)', 'x.y[:1:2].z(1, *a, k=2)'],
    ['x.0.1', 'x[0][1]'],
    ['-x|abs', '((- x)|abs)'],
    ['x|join(", ")|upper', '((x|join ", ")|upper)'],
    ['x is not none', '(not (x is none))'],
    ['x is divisibleby 3 and y', '((x is divisibleby 3) and y)'],
    ['x is in [1, 2]', '(x is in [1, 2])'],
    ['a, b', '[a, b]'],
    ['(a,)', '[a]'],
    ["{'a': {}, b: [1, 2.5e1]}", '{"a": {}, b: [1, 25]}'],
    ['\'a\' "b"', '"ab"'],
    ['1_000 + 0xff', '(1000 + 255)'],
    ['messages[::-1]', 'messages[:(- 1)]'],
    ["f()()['a']", 'f()()["a"]'],
  ])('%s', (text, expected) => {
    expect(output(text)).toBe(expected);
  });

  it('decodes the escapes of Python', () => {
    expect(output(String.raw`'\x5f\u005f\137\N{LOW LINE}\n\'\q'`)).toBe(JSON.stringify("____\n'\\q"));
  });

  it.each(['a b', 'a.', '[1', '', 'a ||b', "'a", 'f(a=)', '}', 'x is', '{1}', 'a[]', '?'])('refuses %j', (text) => {
    expect(output(text)).toMatch(/^fault/);
  });
});

describe('statements', () => {
  const kinds = (text: string): readonly string[] => {
    const { body, fault } = readJinja(text);
    return fault === undefined ? body.map((one) => one.kind) : [`fault: ${fault.message}`];
  };

  it.each([
    ['a{# {{ b }} #}c', ['text', 'text']],
    ['{%- for a, b in c if d recursive -%}x{% else %}y{% endfor %}', ['for']],
    ['{% if a %}1{% elif b %}2{% else %}3{% endif %}', ['if']],
    ['{% set a = 1, 2 %}{% set ns.b = a %}{% set c | upper %}x{% endset %}', ['set', 'set', 'set-block']],
    ["{% macro m(a, b='x') %}{% endmacro %}{% call(u) m(1) %}{% endcall %}", ['macro', 'call-block']],
    ['{% filter upper|trim %}a{% endfilter %}{% with a = 1, b = 2 %}{% endwith %}', ['filter-block', 'with']],
    [
      "{% include 'a' ignore missing %}{% import 'a' as b %}{% from 'a' import b as c, d with context %}",
      ['load', 'load', 'load'],
    ],
    ["{% extends 'a' %}{% block b scoped %}{% endblock b %}", ['load', 'block']],
    ['{% generation %}{{ a }}{% endgeneration %}{% do a.b() %}{% break %}', ['group', 'do', 'word']],
    ['{% raw %}{{ a }}{% endraw %}', ['text']],
    ['{{ {"a": {"b": 1}} }}', ['output']],
    ['{% autoescape true %}{% endautoescape %}{% trans n=a %}x{% pluralize %}y{% endtrans %}', ['group', 'group']],
  ])('%s', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it.each([
    '{% for a in b %}',
    '{% endif %}',
    '{% unknown %}',
    '{{ a',
    '{# a',
    '{% raw %}',
    '{% if a %}{% endfor %}',
    '{% set 1 = 2 %}',
    '{% call a %}{% endcall %}',
    '{% %}',
  ])('refuses %s', (text) => {
    expect(kinds(text)[0]).toMatch(/^fault/);
  });
});

describe('bounds', () => {
  it.each([
    ['parentheses', `{{ ${'('.repeat(5000)}a${')'.repeat(5000)} }}`],
    ['signs', `{{ ${'-'.repeat(5000)}a }}`],
    ['loops', '{% for a in b %}'.repeat(500) + '{% endfor %}'.repeat(500)],
    ['attributes', `{{ a${'.b'.repeat(5000)} }}`],
    ['filters', `{{ a${'|b'.repeat(5000)} }}`],
    ['conditions', `{{ a${' if b'.repeat(5000)} }}`],
    ['not', `{{ ${'not '.repeat(5000)}a }}`],
  ])('stops at too many %s', (_name, text) => {
    expect(readJinja(text).fault?.budget).toBe(true);
  });

  it('keeps a long chain of operators flat', () => {
    expect(readJinja(`{{ a${' ~ a'.repeat(10_000)} }}`).fault).toBeUndefined();
    expect(readJinja('{{ a }}'.repeat(50), { ...JINJA_LIMITS, maxTokens: 40 }).fault?.budget).toBe(true);
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom(
      ...[
        '{{',
        '}}',
        '{%',
        '%}',
        '{#',
        '#}',
        'for',
        'in',
        'if',
        'endif',
        'endfor',
        'set',
        '=',
        'a',
        '.',
        '(',
        ')',
        '[',
        ']',
        "'x'",
        '|',
        'is',
        '-',
        ' ',
        '1',
        '{',
        '}',
        ':',
        ',',
        '\\',
        '"',
        'raw',
        'endraw',
        'macro',
        'else',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(' ')),
          fc.string(),
        ),
        (text) => {
          const { body, fault } = readJinja(text);
          expect(fault === undefined || body.length === 0).toBe(true);
        },
      ),
    );
  });
});
