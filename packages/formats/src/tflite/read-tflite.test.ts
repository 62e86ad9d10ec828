// What the reader says about TFLite models, and numbers that lead outside.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { flexOperator, tflite, tfNode } from '../testing/index.js';
import type { TfliteReport } from './read-tflite.js';
import { readTflite, TFLITE_LIMITS } from './read-tflite.js';

const read = (bytes: Uint8Array, limits = TFLITE_LIMITS): TfliteReport =>
  parseBytes(readTflite(bytes.length, limits), bytes);

describe('readTflite', () => {
  it('lists operators that are not built in, by name and by definition', () => {
    const bytes = tflite({
      operators: [{ code: 0 }, { code: 'My' }, flexOperator('Erf'), flexOperator('Erf', 'PyFunc')],
      metadata: [{ name: 'TFLITE_METADATA', buffer: 1 }],
      external: ['weights.bin'],
    });
    const report = read(bytes);
    expect(report).toMatchObject({
      version: 3,
      operators: 4,
      custom: [
        { name: 'My', nodes: 1 },
        { name: 'FlexErf', nodes: 1 },
        { name: 'FlexErf', nodes: 1 },
      ],
      flex: [
        { name: 'FlexErf', op: 'Erf' },
        { name: 'FlexErf', op: 'PyFunc' },
      ],
      metadata: ['TFLITE_METADATA'],
      external: ['weights.bin'],
      problems: [],
    });
    const { start, end } = report.flex[1] ?? { start: 0, end: 0 };
    expect(Buffer.from(bytes.subarray(start, end))).toEqual(Buffer.from(tfNode('node', 'PyFunc')));
    expect(bytes.length - report.end).toBeLessThan(8);
    expect(report.fault).toBeUndefined();
  });

  it.each([
    ['an operator points at tensor 7 of 2', tflite({ operators: [{ code: 0, inputs: [7] }] })],
    ['a tensor points at buffer 9 of 2', tflite({ tensors: [9, 0] })],
    ['a graph points at tensor 5 of 2', tflite({ inputs: [5] })],
    ['"t0": 64 bytes for 8', tflite({ buffers: [{}, { 0: { raw: new Uint8Array(64) } }] })],
  ])('says that %s', (message, bytes) => {
    expect(read(bytes).problems.map((problem) => problem.message)).toContain(message);
  });

  it('stops at limits, and at offsets that lead nowhere', () => {
    const bytes = Buffer.from(tflite());
    expect(read(bytes, { ...TFLITE_LIMITS, maxReads: 20 }).fault).toMatch(/more tables/);
    expect(read(bytes, { ...TFLITE_LIMITS, maxList: 1 }).fault).toMatch(/longer/);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const broken = Buffer.from(bytes);
      broken.writeUInt32LE(0xfffffff0, at);
      expect(() => read(broken)).not.toThrow();
    }
    expect(read(bytes.subarray(0, 40)).fault).toBeDefined();
  });
});
