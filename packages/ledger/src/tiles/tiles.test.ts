// The layout of C2SP tlog-tiles, by its published examples and by a brute-force look at which tiles a size needs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from './bundle.js';
import { belongsTo, bundlesOf, hashTilesOf, parseTilePath, tilePath, tilesBetween, type Tile } from './layout.js';

describe('paths', () => {
  test.each<[Tile, string]>([
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 999, width: 1 }, 'tile/1/999.p/1'],
    [{ level: 2, index: 1000, width: 255 }, 'tile/2/x001/000.p/255'],
    [{ level: 'entries', index: 273, width: 112 }, 'tile/entries/273.p/112'],
  ])('%j is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  test.each(['tile/0/0', 'tile/0/x000/001', 'tile/00/000', 'tile/0/000.p/256', 'tile/0/000.p/0', 'tile/0/000.p/01'])(
    '%s is no tile',
    (path) => expect(parseTilePath(path)).toBeUndefined(),
  );

  test('property: paths are read back, and nothing else is read', () => {
    const tiles = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 59 })),
      index: fc.integer({ min: 0, max: 1e12 }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tiles, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
    const near = fc.stringMatching(/^tile\/[0-9entris]{1,7}\/[x0-9/.p]{1,20}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (path) => {
        const tile = parseTilePath(path);
        expect(tile === undefined || tilePath(tile) === path).toBe(true);
      }),
    );
  });
});

describe('which tiles', () => {
  const key = (tile: Tile): string => tilePath(tile);

  test('a log of 70,000 entries has its levels', () => {
    const tiles = [...hashTilesOf(70_000)];
    const last = (level: number): Tile | undefined => tiles.filter((tile) => tile.level === level).at(-1);
    expect(last(0)).toEqual({ level: 0, index: 273, width: 112 });
    expect(last(1)).toEqual({ level: 1, index: 1, width: 17 });
    expect(last(2)).toEqual({ level: 2, index: 0, width: 1 });
    expect(last(3)).toBeUndefined();
    expect([...bundlesOf(70_000)].at(-1)).toEqual({ level: 'entries', index: 273, width: 112 });
  });

  test('property: the tiles between two sizes are those of the new one that the old one does not have', () => {
    const size = fc.integer({ min: 0, max: 140_000 });
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const all = [...tilesBetween(0, to)];
        expect(all.every((tile) => belongsTo(tile, to))).toBe(true);
        const fresh = all.filter((tile) => !belongsTo(tile, from)).map(key);
        expect([...tilesBetween(from, to)].map(key)).toEqual(fresh);
      }),
      { numRuns: 30 },
    );
  });
});

describe('bundles', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 });

  test('a length is two bytes, the higher first', () => {
    expect(encodeBundle([new Uint8Array(258).fill(7)]).subarray(0, 3)).toEqual(Buffer.from([1, 2, 7]));
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });

  test('property: entries come back, and a cut bundle gives a prefix', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, cut) => {
        const bytes = encodeBundle(list);
        expect(decodeBundle(bytes)).toEqual({ entries: list.map((entry) => Buffer.from(entry)), rest: 0 });
        const part = decodeBundle(bytes.subarray(0, cut % (bytes.length + 1)));
        expect(part.entries).toEqual(list.slice(0, part.entries.length).map((entry) => Buffer.from(entry)));
      }),
    );
  });

  test('property: any bytes are framed without loss', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const { entries: found, rest } = decodeBundle(bytes);
        expect(Buffer.concat([encodeBundle(found), bytes.subarray(bytes.length - rest)])).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
