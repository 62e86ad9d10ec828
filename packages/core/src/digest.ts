// Digests: of bytes, of a directory (Go's dirhash Hash1, anyone can redo it with `sha256sum`), of a JSON value (RFC 8785).
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { VallumError } from './errors.js';
import type { JsonValue } from './json.js';

/** 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly __brand: 'Sha256' };

const HEX = /^[0-9a-f]{64}$/;

export function isSha256(value: unknown): value is Sha256 {
  return typeof value === 'string' && HEX.test(value);
}

export function asSha256(value: string): Sha256 {
  if (!isSha256(value))
    throw new VallumError('CORE_DIGEST', `not a SHA-256 digest: ${JSON.stringify(value.slice(0, 80))}`, {
      fix: 'give 64 lower-case hexadecimal digits',
    });
  return value;
}

export function sha256(bytes: Uint8Array | string): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}

export function digestJson(value: JsonValue): Sha256 {
  return sha256(canonicalJson(value));
}

export interface FileDigest {
  /** Relative to the directory, with `/` between parts. */
  readonly path: string;
  readonly sha256: Sha256;
}

/**
 * SHA-256 of the text that has one line per file, `<hex>  <path>\n`, sorted by path in byte order.
 * A path with a line break could forge a line, so it is refused (as Go's dirhash does).
 */
export function digestDirectory(files: readonly FileDigest[]): Sha256 {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const hash = createHash('sha256');
  let previous: string | undefined;
  for (const file of sorted) {
    if (/[\n\r\0]/.test(file.path))
      throw new VallumError('CORE_PATH', `a file name holds a line break: ${JSON.stringify(file.path)}`, {
        fix: 'rename the file',
      });
    if (file.path === previous)
      throw new VallumError('CORE_PATH', `the path ${JSON.stringify(file.path)} is listed twice`);
    previous = file.path;
    hash.update(`${file.sha256}  ${file.path}\n`);
  }
  return hash.digest('hex') as Sha256;
}
