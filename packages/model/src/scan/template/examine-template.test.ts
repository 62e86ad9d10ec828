// Templates through the whole scanner: every class of trick fails wherever the template stands, and its twin passes.
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../testing/scan-bytes.js';
import { TEMPLATE_CLASSES } from '../testing/template-attacks.js';

const text = (value: string): Uint8Array => Buffer.from(value);
const json = (value: unknown): Uint8Array => text(JSON.stringify(value));

describe.each(TEMPLATE_CLASSES)('$name', ({ attacks, clean }) => {
  it.each(Object.entries(attacks))('%s fails', async (_name, template) => {
    for (const [name, bytes] of [
      ['tokenizer_config.json', json({ chat_template: template })],
      ['config.txt', json({ chat_template: [{ name: 'default', template }] })],
      ['chat_template.jinja', text(template)],
      ['processor_config.yaml', text(`chat_template: ${JSON.stringify(template)}\n`)],
    ] as const)
      expect([name, await verdictOf(name, bytes)]).toEqual([name, expect.stringMatching(/^fail .*VLM-JNJ-00[1235]/)]);
  });

  it.each(Object.entries(clean))('%s passes', async (_name, template) => {
    expect(await verdictOf('tokenizer_config.json', json({ chat_template: template }))).toBe('pass');
    expect(await verdictOf('chat_template.jinja', text(template))).toBe('pass');
  });
});

describe('templates in other places', () => {
  const SSTI = "{{ ''.__class__ }}";
  it.each([
    ['any key', 'config.json', json({ prompt: SSTI })],
    ['a list of texts', 'a.json', json([['x', SSTI]])],
    ['JSON lines', 'a.jsonl', text(`{"a":1}\n${JSON.stringify({ a: SSTI })}\n`)],
    ['a template file of any extension', 'prompt.j2', text(`Hello ${SSTI}`)],
    ['a text that ends as a template', 'prompt.txt', text(`<|user|>${' '.repeat(5000)}${SSTI}`)],
    ['a text without extension', 'template', text(`[INST] ${SSTI}`)],
    ['a text that starts as a template', 'prompt.txt', text(`{% for m in messages %}${SSTI}{% endfor %}`)],
    ['a text that is no template as a whole', 'config.json', json({ prompt: `{% if %} {{ .Go }} ${SSTI}` })],
  ])('fails in %s', async (_name, name, bytes) => {
    expect(await verdictOf(name, bytes)).toMatch(/^fail .*VLM-JNJ-001/);
  });

  it.each([
    [
      'a workflow',
      'ci.yaml',
      text("on: push\nenv:\n  A: ${{ github.event.head_commit.message }}\n  B: ${{ hashFiles('**/lock') }}\n"),
    ],
    [
      'Go templates',
      'template.json',
      json({ template: '{{ if .System }}<|system|>{{ .System }}{{ end }}{{ .Prompt }}' }),
    ],
    ['Go templates as a file', 'template', text('{{- if .System }}<|system|>{{ .System }}{{ end }}\n')],
    ['a page about templates', 'README.md', text(`Never render \`${"{{ ''.__class__ }}"}\`.\n`)],
    ['Handlebars', 'a.json', json({ a: '{{#each items}}{{this}}{{/each}}{{{raw}}}' })],
    ['Python formats', 'a.json', json({ a: 'Answer as {{"a": 1}} for {question}' })],
    ['LaTeX', 'a.json', json({ a: '\\frac{{a}}{{b}}' })],
    ['tokens', 'tokenizer.json', json({ merges: ['{{ }}', '{ {'], added: ['{{', '{%', '%}'] })],
    [
      'a large model_max_length',
      'tokenizer_config.json',
      text('{"model_max_length": 1000000000000000019884624838656}'),
    ],
  ])('passes %s', async (_name, name, bytes) => {
    expect(await verdictOf(name, bytes)).toBe('pass');
  });

  it('tells functions of programs without failing their templates', async () => {
    expect(await verdictOf('prompt.j2', text('{{ render(question) }}'))).toBe('pass VLM-JNJ-003');
    expect(await verdictOf('a.yaml', text("version: {{ load_setup_py_data()['version'] }}\n"))).not.toMatch(/^fail/);
  });

  it('is not proven for what Jinja would not take, and for filters that are not known', async () => {
    expect(await verdictOf('chat_template.jinja', text('{% for m in messages %}'))).toBe('inconclusive VLM-JNJ-006');
    expect(await verdictOf('t.json', json({ chat_template: '{{ x|shell }}' }))).toBe('inconclusive VLM-JNJ-004');
    expect(await verdictOf('t.json', json({ a: `{{ ${'('.repeat(500)}a${')'.repeat(500)} }}` }))).toBe('inconclusive');
  });
});
