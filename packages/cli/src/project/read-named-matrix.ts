// A matrix that a person names: an .npy file, or an .npz file with one array. Object arrays hold pickles and are refused, not run.
import type { Disk } from '@vallum/core';
import type { Matrix } from '@vallum/formats';
import { readMatrix } from '@vallum/formats';
import { named } from './read-named.js';

/** Of one matrix in memory. */
const MAX_BYTES = 1024 ** 3;

/** @throws VallumError `TABLE_NPY`, `TABLE_NPZ`, `TABLE_LIMIT` with the name in its sentence */
export function readNamedMatrix(disk: Disk, path: string): Promise<Matrix> {
  return named({ name: path, fix: 'save the matrix with numpy.save, as floats' }, async () => {
    const file = await disk.open(path);
    try {
      return await readMatrix(file, { maxBytes: MAX_BYTES });
    } finally {
      await file.close();
    }
  });
}
