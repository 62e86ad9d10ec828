// Hashes where waiting for the disk holds nobody up: on a thread of its own, or for a small file. Reads that are not
// awaited cost a third less processor time than those that are. Same rules as in disk-hasher.ts: no link is followed, and the file is the one first seen.
import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { failure, fileStat, READ_FLAGS } from '../../edge/node-disk.js';
import { VallumError } from '../../errors.js';
import type { HashedFile } from '../file-hasher.js';
import type { HashJob } from '../job.js';
import { changedMeanwhile, newHash, sameFile } from '../job.js';

/** @param count is told the bytes of every block; what it throws ends the work */
export function hashFileSync(job: HashJob, buffer: Uint8Array, count: (bytes: number) => void): HashedFile {
  try {
    return hashOpened(job, buffer, count);
  } catch (error) {
    throw error instanceof VallumError ? error : failure('READ', job.path, error);
  }
}

function hashOpened(job: HashJob, buffer: Uint8Array, count: (bytes: number) => void): HashedFile {
  const hash = newHash(job.algorithm);
  const file = openSync(job.path, READ_FLAGS);
  try {
    requireStill(job, file);
    for (let done = 0; done < job.bytes;) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, job.bytes - done), job.from + done);
      if (read === 0) throw changedMeanwhile(job.path);
      hash.update(read === buffer.length ? buffer : buffer.subarray(0, read));
      done += read;
      count(read);
    }
    requireStill(job, file);
  } finally {
    closeSync(file);
  }
  const after = lstatSync(job.path, { bigint: true, throwIfNoEntry: false });
  if (after === undefined || !sameFile(job.seen, fileStat(after))) throw changedMeanwhile(job.path);
  return { digest: hash.digest('hex'), bytes: job.bytes };
}

function requireStill({ path, seen }: HashJob, file: number): void {
  if (!sameFile(seen, fileStat(fstatSync(file, { bigint: true })))) throw changedMeanwhile(path);
}
