// Tags where another YAML reader than ours would find them, and depth that is refused before anything is built.
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../testing/scan-bytes.js';

const text = (value: string): Uint8Array => Buffer.from(value);
const TAG = '!!python/object/apply:os.getcwd []';

describe('tags', () => {
  it.each([
    ['a.yaml', `x: 1 # c\u0085a: ${TAG}\n`],
    ['a.yaml', `x: 1 # c\u2028a: ${TAG}\n`],
    ['a.yaml', `x: 1 # c\u2029a: ${TAG}\n`],
    ['a.conf2', `x: 1 # c\u2028a: ${TAG}\n`],
    ['a.yaml', 'a: !!%70ython/object/apply:os.getcwd []\n'],
    ['a.cfgx', 'a: !!%70ython/object/apply:os.getcwd []\n'],
    ['a.cfgx', 'a: !<tag:yaml.org,2002:%70ython/object/apply:os.getcwd> []\n'],
  ])('fails %s %j', async (name, value) => {
    expect(await verdictOf(name, text(value))).toMatch(/^fail .*VLM-YML-001/);
  });

  it.each([
    ['a.yaml', 'x: 1 # c\u2028a comment that goes on\ny: 2\n'],
    ['a.yaml', 'x: "one\u2028two\u0085three"\ny: 2\n'],
    ['a.cfgx', 'a: 100%\nb: it is 5%70 of it!!\n'],
  ])('passes %s %j', async (name, value) => {
    expect(await verdictOf(name, text(value))).toBe('pass');
  });
});

describe('depth', () => {
  it.each([
    ['a.json', '['.repeat(3_000_000)],
    ['a.json', '{"a":'.repeat(600_000)],
    ['a.yaml', '['.repeat(400_000)],
    ['a.yaml', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('is not proven in %s, at once', async (name, value) => {
    const before = performance.now();
    expect(await verdictOf(name, text(value))).toBe('inconclusive');
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it('passes what is nested as people nest it', async () => {
    expect(await verdictOf('a.json', text(`${'['.repeat(60)}1${']'.repeat(60)}`))).toBe('pass');
    expect(await verdictOf('a.yaml', text(`${'['.repeat(40)}1${']'.repeat(40)}\n`))).toBe('pass');
  });
});
