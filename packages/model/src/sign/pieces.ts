// From files to what is hashed: a file is one piece, or one for every shard that it is long. Which pieces a file must
// have follows from its size, so a signature can neither skip a range nor name one twice.
import type { FileHasher, HashOptions, HashRequest } from '@vallum/core';
import type { Range, Resource } from './resources.js';
import type { Serialization } from './serialization.js';
import type { ModelFile } from './walk.js';

export interface Piece {
  readonly path: string;
  readonly source: string;
  readonly range?: Range;
}

/** An empty file has no shards at all: nothing of it is signed. */
export function piecesOf({ path, source, stat }: ModelFile, { shardSize }: Pick<Serialization, 'shardSize'>): Piece[] {
  if (shardSize === undefined) return [{ path, source }];
  const pieces: Piece[] = [];
  for (let from = 0; from < stat.size; from += shardSize)
    pieces.push({ path, source, range: { from, to: Math.min(from + shardSize, stat.size) } });
  return pieces;
}

/** Digests of the pieces, in their order. @throws VallumError naming a file that changed meanwhile */
export async function hashPieces(
  hasher: FileHasher,
  dir: string,
  pieces: readonly Piece[],
  hash: Serialization['hash'],
  options: HashOptions,
): Promise<readonly Resource[]> {
  const requests = pieces.map(({ source, range }): HashRequest => ({
    path: `${dir}/${source}`,
    ...range,
    algorithm: hash === 'sha256' ? 'sha256' : 'blake2b-512',
  }));
  const hashed = await hasher.hash(requests, options);
  return pieces.map(({ path, range }, index) => ({
    path,
    ...(range === undefined ? {} : { range }),
    digest: hashed[index]?.digest ?? '',
  }));
}
