// Clean GGUF, safetensors and ONNX files of the real libraries pass without a finding, and cut off they never do; hostile
// bytes of these formats are answered, whatever they are called.
import { gguf, onnxModel, safetensors } from '@vallum/formats/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import real from './testing/gguf-safetensors-onnx.json' with { type: 'json' };
import { scanBytes, verdictOf } from './testing/scan-bytes.js';
import { TEMPLATE_CLASSES } from './testing/template-attacks.js';

const FILES = real.files.map(({ name, base64 }) => [name, Buffer.from(base64, 'base64')] as const);

describe('files of the real libraries', () => {
  it.each(FILES)('%s passes', async (name, bytes) => {
    expect(await verdictOf(name, bytes)).toBe('pass');
  });

  it.each(FILES)('%s does not pass when half of it is missing', async (name, bytes) => {
    if (bytes.length > 20) expect(await verdictOf(name, bytes.subarray(0, bytes.length >> 1))).not.toMatch(/^pass/);
  });
});

describe('hostile bytes', () => {
  const samples = [
    gguf(),
    gguf(1),
    onnxModel(),
    safetensors({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4)),
  ];
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 5 });
  const mutated = fc
    .tuple(fc.constantFrom(...samples, ...FILES.map(([, bytes]) => bytes)), edits)
    .map(([sample, changes]) => {
      let bytes = Buffer.from(sample);
      for (const [at, byte, cut] of changes) {
        const index = at % (bytes.length + 1);
        if (cut && byte < 40) bytes = bytes.subarray(0, index);
        else if (index < bytes.length) bytes[index] = byte;
      }
      return bytes;
    });

  it('are answered, and pass only as something', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.constantFrom('m.gguf', 'm.onnx', 'm.safetensors', 'm.bin'), async (bytes, name) => {
        const [file] = (await scanBytes(name, bytes)).files;
        if (file?.outcome === 'pass') expect(file.formats.length).toBeGreaterThan(0);
      }),
    );
  });

  it('no change of a hostile template makes the scanner throw', async () => {
    const templates = TEMPLATE_CLASSES.flatMap(({ attacks }) => Object.values(attacks));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...templates),
        fc.nat(),
        fc.string({ maxLength: 4 }),
        async (template, at, inserted) => {
          const index = at % template.length;
          const text = template.slice(0, index) + inserted + template.slice(index);
          const [file] = (await scanBytes('chat_template.jinja', Buffer.from(text))).files;
          expect(file?.notExamined.every(({ why }) => !/is not a function|undefined|null/.test(why))).toBe(true);
        },
      ),
    );
  });
});
