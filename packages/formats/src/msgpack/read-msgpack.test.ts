// What MessagePack holds besides plain values, by its place.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { Extension, flaxArray, msgpack, numpyArray, Pairs } from '../testing/index.js';
import type { MsgpackReport } from './read-msgpack.js';
import { looksLikeMsgpack, readMsgpack } from './read-msgpack.js';

const read = (bytes: Uint8Array): MsgpackReport => parseBytes(readMsgpack(bytes.length), bytes);
const looks = (bytes: Uint8Array): boolean => parseBytes(looksLikeMsgpack(bytes.length), bytes);

describe('readMsgpack', () => {
  it('counts arrays, and tells those that are not what they say', () => {
    const report = read(
      msgpack({
        a: flaxArray([2, 3], 'bfloat16', new Uint8Array(12)),
        b: flaxArray([], 'float8_e4m3fn', new Uint8Array(1), 3),
        c: numpyArray('', '<f8', [2], new Uint8Array(16)),
        scalar: numpyArray('', '<f8', [], new Uint8Array(8)),
        d: flaxArray([2], 'float32', new Uint8Array(4)),
        e: numpyArray('O', [['', '|O']], [1], new Uint8Array(5)),
      }),
    );
    expect(report.arrays).toBe(4);
    expect(report.odd.map(({ writer, objects, dataLength }) => [writer, objects, dataLength])).toEqual([
      ['flax', false, 4],
      ['msgpack-numpy', true, 5],
    ]);
    expect(report.odd[0]?.problem).toBe('its shape and type need 8 bytes and it has 4');
  });

  it('tells keys that stand twice, unknown extensions and where it ends', () => {
    const twice = read(msgpack(new Pairs(['a', 1], [1, 2], ['a', 3], [1, 4], ['b', new Pairs(['a', 1])])));
    expect(twice.problems.map(({ code }) => code)).toEqual(['duplicate-key', 'duplicate-key']);
    expect([...read(msgpack([new Extension(7, new Uint8Array(3))])).extensions.keys()]).toEqual([7]);
    const two = Buffer.concat([msgpack([1]), msgpack({ a: 2 }), Buffer.from('cos\n')]);
    expect(read(two)).toMatchObject({ documents: 2, end: 6 });
  });

  it('asks for a few bytes of a large array only', () => {
    const bytes = msgpack({ a: flaxArray([8_000_000], 'uint8', new Uint8Array(8_000_000)), b: 1 });
    let asked = 0;
    const parser = readMsgpack(bytes.length);
    let step = parser.next();
    while (step.done !== true) {
      asked += step.value.length;
      step = parser.next(bytes.subarray(step.value.offset, step.value.offset + step.value.length));
    }
    expect(step.value.arrays).toBe(1);
    expect(asked).toBeLessThan(300_000);
  });
});

describe('looksLikeMsgpack', () => {
  it('knows documents, a lone array, and one that breaks off', () => {
    expect(looks(msgpack([1, 2, 3]))).toBe(true);
    expect(looks(msgpack(flaxArray([1], 'int8', new Uint8Array(1))))).toBe(true);
    const broken = Buffer.concat([msgpack({ a: 1, b: 2, c: 3, d: 4, e: 'x' }).subarray(0, -1), Uint8Array.of(0xc1)]);
    expect(looks(broken)).toBe(true);
  });

  it.each(['', '80', 'c0', '05', '9301', 'ffd8ffe0', '81c1', 'dc'])('does not know %s', (hex) => {
    expect(looks(Buffer.from(hex, 'hex'))).toBe(false);
  });
});
