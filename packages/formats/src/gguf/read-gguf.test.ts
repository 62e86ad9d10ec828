// Every number of a GGUF header told wrong once, in versions 1 to 3 and both byte orders, and the same files told right.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { gguf, GGUF_TYPE, GgufWriter } from '../testing/gguf-assembler.js';
import type { GgufReport } from './read-gguf.js';
import { GGUF_LIMITS, readGguf } from './read-gguf.js';

const read = (bytes: Uint8Array, limits = GGUF_LIMITS): GgufReport => parseBytes(readGguf(bytes.length, limits), bytes);
const codes = (bytes: Uint8Array): readonly string[] => read(bytes).problems.map(({ code }) => code);
const w = new GgufWriter();
const floats = w.tensor('a', [8], 0, 0);

describe('readGguf', () => {
  it.each([
    [1, false],
    [2, false],
    [3, false],
    [1, true],
    [2, true],
    [3, true],
  ])('reads version %i, big-endian %s', (version, bigEndian) => {
    const report = read(gguf(version, bigEndian));
    expect(report).toMatchObject({
      version,
      littleEndian: !bigEndian,
      keys: 6,
      tensors: 2,
      problems: [],
      unknownTypes: [],
    });
    expect(report.fault).toBeUndefined();
    expect(report.texts.map(({ key }) => key)).toEqual(['general.architecture', 'tokenizer.chat_template']);
  });

  it('says where texts lie, and texts of arrays only when they hold a whole tag', () => {
    const items = ['plain', '{{ x }}', '{{', '{% if %}'].map((text) => w.text(text));
    const bytes = w.file({
      pairs: [w.textPair('k', 'some text'), w.pair('list', GGUF_TYPE.array, w.array(GGUF_TYPE.text, items))],
    });
    const { texts } = read(bytes);
    const seen = texts.map(({ offset, length }) => Buffer.from(bytes.subarray(offset, offset + length)).toString());
    expect(seen).toEqual(['some text', '{{ x }}', '{% if %}']);
  });

  it.each([
    ['no tensors', w.file({ pairs: [w.textPair('a', 'b')] })],
    [
      'a larger alignment',
      w.file({
        pairs: [w.pair('general.alignment', 4, w.u32(64))],
        tensors: [floats],
        data: new Uint8Array(64),
        alignment: 64,
      }),
    ],
    ['data without padding behind it', w.file({ tensors: [w.tensor('a', [3], 0, 0)], data: new Uint8Array(12) })],
    ['an array of arrays', w.file({ pairs: [w.pair('a', 9, w.array(9, [w.array(0, [Uint8Array.of(1)])]))] })],
    [
      'tensors in another order than their data',
      w.file({ tensors: [w.tensor('b', [8], 0, 32), floats], data: new Uint8Array(64) }),
    ],
    ['a scalar', w.file({ tensors: [w.tensor('a', [], 0, 0)], data: new Uint8Array(32) })],
  ])('accepts %s', (_name, bytes) => {
    expect(read(bytes).problems).toEqual([]);
    expect(read(bytes).fault).toBeUndefined();
  });

  it.each([
    ['count', w.file({ pairCount: 2 ** 40 })],
    ['count', w.file({ tensorCount: 2 ** 33 })],
    ['length', w.file({ pairs: [w.pair('a', 8, w.text('x', 2n ** 63n))] })],
    ['length', w.file({ pairs: [w.pair('a', 8, w.text('x', 2n ** 64n - 1n))] })],
    ['length', w.file({ pairs: [w.text('a key of more than nine bytes', 500)] })],
    ['length', w.file({ pairs: [w.pair('a', 9, w.array(4, [w.u32(1)], 2n ** 62n))] })],
    ['length', w.file({ pairs: [w.pair('a', 9, w.array(8, [w.text('x', 2 ** 40)]))] })],
    [
      'nesting',
      w.file({
        pairs: [
          w.pair(
            'a',
            9,
            [1, 2, 3, 4, 5, 6].reduce((inner) => w.array(9, [inner]), w.array(0, [])),
          ),
        ],
      }),
    ],
    ['dimensions', w.file({ tensors: [w.tensor('a', [1, 1, 1, 1, 1], 0, 0)], data: new Uint8Array(32) })],
    ['overflow', w.file({ tensors: [w.tensor('a', [2 ** 32, 2 ** 32], 0, 0)], data: new Uint8Array(32) })],
    [
      'overflow',
      w.file({ tensors: [w.tensor('a', [1152, 4_398_046_511_105, 2 ** 20], 0, 0)], data: new Uint8Array(32) }),
    ],
    ['shape', w.file({ tensors: [w.tensor('a', [31], 2, 0)], data: new Uint8Array(32) })],
    ['tensor-type', w.file({ tensors: [w.tensor('a', [8], 0xffffffff, 0)], data: new Uint8Array(32) })],
    ['offset', w.file({ tensors: [w.tensor('a', [8], 0, 8)], data: new Uint8Array(64) })],
    ['overlap', w.file({ tensors: [w.tensor('a', [16], 0, 0), w.tensor('b', [8], 0, 32)], data: new Uint8Array(64) })],
    ['outside', w.file({ tensors: [w.tensor('a', [9], 0, 0)], data: new Uint8Array(32) })],
    ['outside', w.file({ tensors: [w.tensor('a', [8], 0, 2n ** 60n)], data: new Uint8Array(32) })],
    ['hole', w.file({ tensors: [floats, w.tensor('b', [8], 0, 64)], data: new Uint8Array(96) })],
    ['trailing', w.file({ tensors: [floats], data: new Uint8Array(64) })],
    ['alignment', w.file({ pairs: [w.pair('general.alignment', 4, w.u32(0))] })],
    ['alignment', w.file({ pairs: [w.pair('general.alignment', 4, w.u32(48))] })],
    ['alignment', w.file({ pairs: [w.pair('general.alignment', 10, w.u64(32))] })],
    ['duplicate', w.file({ pairs: [w.textPair('a', 'x'), w.textPair('a', 'y')] })],
    ['duplicate', w.file({ tensors: [floats, w.tensor('a', [8], 0, 32)], data: new Uint8Array(64) })],
    ['name', w.file({ pairs: [w.textPair('tokenizer.chat_template\0', 'x')] })],
    ['name', w.file({ pairs: [w.textPair('', 'x')] })],
    ['value', w.file({ pairs: [w.pair('a', 13, w.u32(1))] })],
    ['value', w.file({ pairs: [w.pair('a', 9, w.array(99, []))] })],
    ['value', w.file({ pairs: [w.pair('a', 7, Uint8Array.of(2))] })],
  ])('names %s', (code, bytes) => {
    expect(codes(bytes)).toContain(code);
  });

  it('names types of tensors that no table has, and does not guess their size', () => {
    const bytes = w.file({
      tensors: [w.tensor('a', [8], 500, 0), w.tensor('b', [8], 0, 96)],
      data: new Uint8Array(128),
    });
    expect(read(bytes)).toMatchObject({ unknownTypes: [500], problems: [] });
  });

  it.each([
    ['another version', new GgufWriter(4).file()],
    ['another magic', Buffer.concat([Buffer.from('FUGG'), gguf().subarray(4)])],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s', (_name, bytes) => {
    expect(read(bytes).fault).toBeDefined();
  });

  it('stops at its budgets', () => {
    const words = Array.from({ length: 50 }, () => w.text('{{ x }}'));
    const bytes = w.file({ pairs: [w.pair('a', 9, w.array(8, words))] });
    expect(read(bytes, { ...GGUF_LIMITS, maxTexts: 10 }).fault).toMatch(/more texts/);
    expect(read(bytes, { ...GGUF_LIMITS, maxElements: 10 }).fault).toMatch(/more elements/);
    expect(read(gguf(), { ...GGUF_LIMITS, maxKeys: 1 }).fault).toMatch(/more than the 1/);
  });

  it('never takes a file that is cut off for a whole one', () => {
    const bytes = gguf();
    // Behind the last tensor, of 18 bytes, stand 14 of padding that writers may leave out.
    for (let cut = 0; cut < bytes.length - 14; cut++) {
      const report = read(bytes.subarray(0, cut));
      expect([cut, report.fault !== undefined || report.problems.length > 0]).toEqual([cut, true]);
    }
  });

  it('reads a vocabulary of 300,000 words in less than two seconds, and no tensor data', () => {
    const word = w.text('abcdef');
    const header = w.file({
      pairs: [
        w.pair(
          'tokenizer.ggml.tokens',
          9,
          Buffer.concat([w.u32(8), w.u64(300_000), Buffer.alloc(300_000 * word.length, word)]),
        ),
      ],
      tensors: [w.tensor('a', [2 ** 30], 0, 0)],
    });
    const size = Math.ceil(header.length / 32) * 32 + 2 ** 32;
    const parser = readGguf(size);
    let furthest = 0;
    const start = performance.now();
    let step = parser.next();
    while (step.done !== true) {
      const { offset, length } = step.value;
      furthest = Math.max(furthest, offset);
      const bytes = Buffer.alloc(length);
      Buffer.from(header).copy(bytes, 0, offset, offset + length);
      step = parser.next(bytes);
    }
    expect(step.value).toMatchObject({ tensors: 1, problems: [] });
    expect(furthest).toBeLessThan(header.length);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('answers for any bytes', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const samples = [gguf(), gguf(1), gguf(3, true)];
    fc.assert(
      fc.property(fc.constantFrom(...samples), edits, (sample, changes) => {
        const bytes = Buffer.from(sample);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const report = read(bytes);
        expect(report.problems.length).toBeLessThanOrEqual(100_000);
      }),
    );
  });
});
