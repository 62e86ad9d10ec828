// Where things lie in a C2SP tlog-tiles directory: `tile/<L>/<N>[.p/<W>]` for hashes, `tile/entries/<N>[.p/<W>]` for
// entries. N is written in groups of three digits, all but the last with an `x`: 1234067 -> x001/x234/067.

/** Levels of the tree that one level of tiles holds. */
export const TILE_HEIGHT = 8;
/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

export interface Tile {
  /** 0 holds leaf hashes, level L + 1 the roots of the full tiles of level L. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9]|[1-5][0-9])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** The tile of a path below the ledger's folder; undefined for anything that `tilePath` would not write. */
export function parseTilePath(path: string): Tile | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [, level = '', name = '', width] = match;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(name.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  return tile.width <= TILE_WIDTH && tilePath(tile) === path ? tile : undefined;
}

/**
 * Bundles and tiles that differ between a log of `oldSize` entries and one of `newSize`: bundles first, then upwards.
 * Lazy, because a size may come from a checkpoint that nobody has vouched for yet.
 */
export function* tilesBetween(oldSize: number, newSize: number): Generator<Tile> {
  yield* changed('entries', oldSize, newSize);
  for (let level = 0, [from, to] = [oldSize, newSize]; to > 0; level += 1) {
    yield* changed(level, from, to);
    [from, to] = [Math.floor(from / TILE_WIDTH), Math.floor(to / TILE_WIDTH)];
  }
}

/** The bundles of a log of `size` entries. */
export function bundlesOf(size: number): Iterable<Tile> {
  return changed('entries', 0, size);
}

/** The tiles of hashes of a log of `size` entries, from level 0 upwards. */
export function* hashTilesOf(size: number): Generator<Tile> {
  for (const tile of tilesBetween(0, size)) if (tile.level !== 'entries') yield tile;
}

/** True for a bundle or tile that a log of `size` entries has. */
export function belongsTo({ level, index, width }: Tile, size: number): boolean {
  return width === Math.min(TILE_WIDTH, countAt(level, size) - index * TILE_WIDTH);
}

/** Entries, or hashes of a level of tiles, that a log of `size` entries has. */
export function countAt(level: Tile['level'], size: number): number {
  return level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
}

function* changed(level: Tile['level'], from: number, to: number): Generator<Tile> {
  if (from === to) return;
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1)
    yield { level, index, width: Math.min(TILE_WIDTH, to - index * TILE_WIDTH) };
}
