// Hostile graphs, indices, texts and FlatBuffers: no reader throws or runs on, whatever is cut off or changed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { sniff } from '../sniff/sniff.js';
import { checkpointIndex, flexOperator, kerasMetadata, savedModel, tflite, tfSaver } from '../testing/index.js';
import { readTflite } from '../tflite/read-tflite.js';
import { graphFromText } from './graph-text.js';
import { readRecords } from './read-records.js';
import { readTable } from './read-table.js';
import { readTensorflow } from './read-tensorflow.js';

const samples = [
  savedModel({ ...tfSaver(), metadata: [{ identifier: '_tf_keras_layer', text: '{}' }] }),
  kerasMetadata('{"class_name": "Dense"}'),
  checkpointIndex([{ name: 'a', shard: 0, offset: 0, size: 16 }]),
  tflite({ operators: [flexOperator('Erf'), { code: 'My' }], metadata: [{ name: 'm', buffer: 1 }] }),
];
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255), kind: fc.nat(2) });
const mutated = fc
  .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([sample, edits]) => {
    let bytes = Buffer.from(sample);
    for (const { at, byte, kind } of edits) {
      const index = Math.floor(at * bytes.length);
      if (kind === 0) bytes[index] = byte;
      else if (kind === 1) bytes = bytes.subarray(0, Math.max(index, bytes.length - 40));
      else bytes = Buffer.concat([bytes.subarray(0, index), Uint8Array.of(byte), bytes.subarray(index)]);
    }
    return bytes;
  });

describe('hostile bytes', () => {
  it('make no reader throw', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: mutated }, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const { length } = bytes;
        parseBytes(sniff(length), bytes);
        const graph = parseBytes(readTensorflow(length), bytes);
        expect(graph.kinds.length > 0 || graph.fault !== undefined).toBe(true);
        parseBytes(readTable(length), bytes);
        parseBytes(readRecords(length), bytes);
        const { end } = parseBytes(readTflite(length), bytes);
        expect(end).toBeLessThanOrEqual(length);
      }),
    );
  });

  it('make no text reader throw', () => {
    const token = fc.constantFrom(
      'node',
      ' {',
      '}',
      ':',
      '"',
      "'",
      '\\',
      '<',
      '>',
      '[',
      ']',
      ',',
      '#',
      '\n',
      'op',
      '"x"',
      '1',
      '-',
      '\\x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(token, { maxLength: 40 }).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const graph = graphFromText(text);
          if (graph !== undefined) expect(graph.bytes).toBeInstanceOf(Uint8Array);
        },
      ),
    );
  });
});
