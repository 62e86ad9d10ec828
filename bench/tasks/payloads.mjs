// What the ledger tasks append, made before the clock starts: signed statements of about 1 KB, or entries of 200 bytes.
import { randomBytes } from 'node:crypto';
import { makeStatements } from './statements.mjs';

/** @param kind `statements` or `entries` */
export function makePayloads(kind, count) {
  return kind === 'statements' ? makeStatements(count) : Array.from({ length: count }, () => randomBytes(200));
}
