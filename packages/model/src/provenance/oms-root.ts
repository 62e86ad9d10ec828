// The root digest of OpenSSF Model Signing v1.0 (method `files`, SHA-256): SHA-256 over the raw digests of the files in
// code point order. It does not cover names, so it is never a model's identity here; it is carried beside the directory
// digest, so that statements by other tools can be matched.
import { createHash } from 'node:crypto';
import type { FileDigest, Sha256 } from '@vallum/core';
import { asSha256 } from '@vallum/core';
import { byCodePoint, GIT_PATHS, isIgnored } from '../sign/paths.js';

/** @param files all files of the model but its signature; what belongs to version control is left out, as signers do */
export function modelSigningRoot(files: readonly FileDigest[]): Sha256 {
  const git = new Set<string>(GIT_PATHS);
  const signed = files.filter(({ path }) => !isIgnored(path, git)).sort((a, b) => byCodePoint(a.path, b.path));
  const hash = createHash('sha256');
  for (const { sha256 } of signed) hash.update(Buffer.from(sha256, 'hex'));
  return asSha256(hash.digest('hex'));
}
