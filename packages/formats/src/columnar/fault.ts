// The errors of the columnar readers.
import type { VallumError } from '@vallum/core';
import { tableError } from '../table/errors.js';

/** The bytes contradict each other, or end early. */
export function brokenTable(message: string, cause?: unknown): VallumError {
  return tableError('TABLE_BROKEN', message, 'fetch the file again, or write it again with another tool', cause);
}

/** It may be whole, and is not read here. */
export function unsupportedTable(message: string, fix: string): VallumError {
  return tableError('TABLE_UNSUPPORTED', message, fix);
}

/** Reading it would take more memory than is given to one table. */
export function largeTable(message: string): VallumError {
  return tableError('TABLE_LIMIT', message, 'write it with smaller groups of rows and pages, or name fewer columns');
}
