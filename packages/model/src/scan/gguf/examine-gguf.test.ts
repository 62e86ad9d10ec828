// GGUF files through the whole scanner: what fails, what is left open, what passes, whatever the file is called.
import { gguf, GGUF_TYPE, GgufWriter } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { scanBytes, verdictOf } from '../testing/scan-bytes.js';

const w = new GgufWriter();
const SSTI = "{{ ''.__class__.__mro__ }}";
const NAMES = ['model.gguf', 'model.bin', 'weights'];

describe('templates in GGUF', () => {
  it.each([
    ['the chat template', gguf(3, false, SSTI)],
    ['the chat template of version 1', gguf(1, false, SSTI)],
    ['the chat template of a big-endian file', gguf(3, true, SSTI)],
    ['a named chat template', w.file({ pairs: [w.textPair('tokenizer.chat_template.tool_use', SSTI)] })],
    ['a key that no standard has', w.file({ pairs: [w.textPair('general.description', SSTI)] })],
    ['an element of an array', w.file({ pairs: [w.pair('tokenizer.chat_templates', 9, w.array(8, [w.text(SSTI)]))] })],
    [
      'a tokenizer in JSON',
      w.file({ pairs: [w.textPair('tokenizer.huggingface.json', JSON.stringify({ chat_template: SSTI }))] }),
    ],
    [
      'a configuration in JSON',
      w.file({ pairs: [w.textPair('config', JSON.stringify({ auto_map: { AutoModel: 'm.X' } }))] }),
    ],
  ])('fails for %s', async (_name, bytes) => {
    for (const name of NAMES) expect(await verdictOf(name, bytes)).toMatch(/^fail .*VLM-J(?:NJ-001|SN-001)/);
  });

  it('says where the template stands', async () => {
    const [file] = (await scanBytes('m.gguf', gguf(3, false, SSTI))).files;
    expect(file?.findings[0]?.message).toContain('tokenizer.chat_template: the attribute __');
  });

  it('is not proven for a template that is no text, or none that Jinja takes', async () => {
    const number = w.file({ pairs: [w.pair('tokenizer.chat_template', GGUF_TYPE.u32, w.u32(1))] });
    expect(await verdictOf('m.gguf', number)).toBe('inconclusive');
    expect(await verdictOf('m.gguf', gguf(3, false, '{% if %}'))).toBe('inconclusive VLM-JNJ-006');
  });

  it.each([
    ['a plain model', gguf()],
    ['version 1', gguf(1)],
    ['big-endian', gguf(3, true)],
    [
      'texts with addresses and braces',
      w.file({ pairs: [w.textPair('general.url', 'https://example.org/{x}'), w.textPair('a', '/etc/{{x')] }),
    ],
    [
      'a tokenizer in JSON',
      w.file({ pairs: [w.textPair('tokenizer.huggingface.json', '{"model":{"vocab":{"{{":1}}}')] }),
    ],
  ])('passes %s', async (_name, bytes) => {
    expect(await verdictOf('m.gguf', bytes)).toBe('pass');
  });
});

describe('numbers in GGUF', () => {
  it.each([
    ['VLM-GGUF-001', w.file({ pairCount: 2 ** 50 })],
    ['VLM-GGUF-001', w.file({ pairs: [w.pair('a', 8, w.text('x', 2n ** 64n - 1n))] })],
    ['VLM-GGUF-002', w.file({ tensors: [w.tensor('a', [2 ** 32, 2 ** 32], 0, 0)] })],
    ['VLM-GGUF-003', w.file({ tensors: [w.tensor('a', [8], 0, 64)], data: new Uint8Array(32) })],
    ['VLM-GGUF-004', Buffer.concat([gguf(), Buffer.alloc(64)])],
    ['VLM-GGUF-005', w.file({ pairs: [w.textPair('a', 'x'), w.textPair('a', 'y')] })],
  ])('%s fails', async (rule, bytes) => {
    for (const name of NAMES) expect(await verdictOf(name, bytes)).toMatch(new RegExp(`^fail .*${rule}`));
  });

  it('is not proven for unknown versions and types', async () => {
    expect(await verdictOf('m.gguf', new GgufWriter(9).file())).toBe('inconclusive');
    const odd = w.file({ tensors: [w.tensor('a', [8], 300, 0)], data: new Uint8Array(32) });
    expect(await verdictOf('m.gguf', odd)).toBe('inconclusive');
  });

  it('passes nothing that was cut off', async () => {
    const bytes = gguf();
    for (let cut = 4; cut < bytes.length - 14; cut += 7)
      expect(await verdictOf('m.gguf', bytes.subarray(0, cut))).not.toMatch(/^pass/);
  });
});
