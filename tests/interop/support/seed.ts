// Where the random cases of these comparisons come from. The default is fixed, so that a run can be repeated; another one,
// given as VALLUM_SEED, meets cases that nobody wrote the code against.
import { createHash } from 'node:crypto';
import { mulberry32 } from '@vallum/stats';

export const SEED = process.env['VALLUM_SEED'] ?? '1';

/** Numbers in [0, 1) that are the same for the same seed and the same name. */
export function randomFor(name: string): () => number {
  return mulberry32(createHash('sha256').update(`${SEED} ${name}`).digest().readUInt32BE(0));
}
