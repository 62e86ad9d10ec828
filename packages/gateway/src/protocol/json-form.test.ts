// Plain JSON: what counts as a row, which tensors come out, and that depth costs no more than its bytes.
import { describe, expect, it } from 'vitest';
import { inspectBody } from './inspect-body.js';
import type { Inspected } from './inspected.js';
import { readAnswer } from './read-answer.js';
import { accepted, json, JSON_HEAD, refusal, SETTINGS } from './testing/bodies.js';

const inspect = (value: unknown, settings = SETTINGS): Inspected =>
  accepted(inspectBody('json', json(value), JSON_HEAD, settings));

describe('plain JSON', () => {
  it('reads one tensor a key, and records as columns', () => {
    const value = {
      features: [
        [1, 2],
        [3, 4],
      ],
      note: 'hi',
      rows: [
        { a: 1, b: 'x' },
        { a: null, b: 'y' },
      ],
    };
    expect(inspect(value).inputs).toEqual([
      { name: 'features', datatype: 'FP64', shape: [2, 2], numbers: Float64Array.of(1, 2, 3, 4) },
      { name: 'note', datatype: 'BYTES', shape: [], texts: ['hi'] },
      { name: 'rows.a', datatype: 'FP64', shape: [2], numbers: Float64Array.of(1, NaN) },
      { name: 'rows.b', datatype: 'BYTES', shape: [2], texts: ['x', 'y'] },
    ]);
  });

  it.each<[unknown, number]>([
    [{ features: [1, 2, 3] }, 1],
    [[1, 2, 3], 1],
    [{ x: [[1], [2], [3]] }, 3],
    [{ texts: ['a', 'b'] }, 2],
    [[{ a: 1 }, { a: 2 }], 2],
    ['hello', 1],
    [{}, 1],
    [
      {
        data: {
          ndarray: [
            [0, 0],
            [1, 1],
            [2, 2],
          ],
        },
      },
      3,
    ],
    [{ a: { b: [{ c: 1 }, { c: 2 }] } }, 2],
    [{ a: { b: { texts: ['x', 'y', 'z'] } } }, 3],
    [[{ a: [[1], [2], [3]] }], 3],
    [[[[1], [2], [3]]], 3],
    [{ data: { ndarray: [1, 2, 3] } }, 1],
    [{ a: [1, null, true] }, 3],
  ])('%j counts as %d', (value, rows) => {
    expect(inspect(value).rows).toBe(rows);
  });

  it('reads the deepest list that is allowed, and no deeper one', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 64; depth++) nested = [nested];
    expect(inspect(nested, { ...SETTINGS, maxDepth: 64 }).inputs[0]?.shape).toHaveLength(64);
    expect(accepted(readAnswer('json', json(nested), JSON_HEAD)).outputs[0]?.shape).toHaveLength(64);
    expect(refusal(inspectBody('json', json([nested]), JSON_HEAD, { ...SETTINGS, maxDepth: 64 }))).toMatch(
      /^too-large/,
    );
  });

  it('bounds elements, columns and names', () => {
    expect(refusal(inspectBody('json', json([1, 2, 3]), JSON_HEAD, { ...SETTINGS, maxElements: 2 }))).toMatch(
      /^too-large/,
    );
    const wide = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`c${i}`, 1]));
    expect(refusal(inspectBody('json', json(wide), JSON_HEAD, SETTINGS))).toContain('columns');
    expect(refusal(inspectBody('json', json({ ['k'.repeat(300)]: 1 }), JSON_HEAD, SETTINGS))).toContain(
      'a name is longer',
    );
  });
});
