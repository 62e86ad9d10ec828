import type { JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstDifference } from './compare-json.js';

const EXACT = { absolute: 0, relative: 0 };
const LOOSE = { absolute: 1e-6, relative: 1e-3 };

describe('firstDifference', () => {
  const rows: readonly (readonly [JsonValue, JsonValue, string | undefined])[] = [
    [{ outputs: [{ data: [0.5, 0.25] }] }, { outputs: [{ data: [0.5004, 0.25] }] }, undefined],
    [{ outputs: [{ data: [0.5, 0.25] }] }, { outputs: [{ data: [0.5, 0.3] }] }, '/outputs/0/data/1'],
    [[1, 2], [1, 2, 3], ''],
    [[], {}, ''],
    [{ a: null }, {}, '/a'],
    [{}, { 'a/b~c': 1 }, '/a~1b~0c'],
    [{ toString: 1 }, {}, '/toString'],
    [1, '1', ''],
    [0, 5e-7, undefined],
    [-100, -100.2, ''],
    ['spam', 'ham', ''],
    [null, false, ''],
  ];
  it.each(rows)('%j and %j', (approved, found, at) => {
    expect(firstDifference(approved, found, LOOSE)).toBe(at);
  });

  it('leaves out what is ignored, and nothing else', () => {
    const [a, b] = [
      { id: 'x', data: [1, { t: 1 }] },
      { id: 'y', data: [1, { t: 2 }] },
    ];
    expect(firstDifference(a, b, EXACT, ['/id'])).toBe('/data/1/t');
    expect(firstDifference(a, b, EXACT, ['/id', '/data/1/t'])).toBeUndefined();
  });

  it('finds nothing between equals, and every change of a leaf', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const value = fc.letrec<{ node: JsonValue }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).node;
    fc.assert(
      fc.property(value, fc.nat(), (json, pick) => {
        expect(firstDifference(json, structuredClone(json), EXACT)).toBeUndefined();
        const [changed, at] = changeLeaf(json, pick);
        expect(firstDifference(json, changed, EXACT)).toBe(at);
      }),
      { numRuns: 300 },
    );
  });
});

/** The value with one part replaced, and where. */
function changeLeaf(json: JsonValue, pick: number): readonly [JsonValue, string] {
  if (Array.isArray(json) && json.length > 0) {
    const list = json as readonly JsonValue[];
    const index = pick % list.length;
    const [inner, at] = changeLeaf(list[index]!, Math.floor(pick / 2));
    return [list.with(index, inner), `/${index}${at}`];
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    const entries = Object.entries(json);
    if (entries.length > 0) {
      const index = pick % entries.length;
      const [name, value] = entries[index]!;
      const [inner, at] = changeLeaf(value, Math.floor(pick / 2));
      const changed = Object.fromEntries(entries.with(index, [name, inner]));
      return [changed, `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}${at}`];
    }
  }
  return [['another thing', 1, null], ''];
}
