// Hashes in this thread, through the disk port: for small trees, for disks that are not the real one, and where no
// thread can be had. Every block is awaited, so that nothing else waits for more than one.
import type { Disk, OpenFile } from '../disk.js';
import { readInto } from '../disk.js';
import type { FileHasher, HashedFile, HashOptions } from './file-hasher.js';
import type { HashJob } from './job.js';
import { BLOCK, changedMeanwhile, newHash, planJobs, sameFile, totalOf } from './job.js';
import { reporting } from './report-bytes.js';

export function diskHasher(disk: Disk): FileHasher {
  return {
    hash: async (requests, options = {}) => hashHere(await planJobs(disk, requests), options, throughPort(disk)),
    close: () => Promise.resolve(),
  };
}

/** Hashes one job in a buffer that it may use; tells the bytes of every block to `count`, whose throw ends the work. */
export type HashOne = (job: HashJob, buffer: Uint8Array, count: (bytes: number) => void) => Promise<HashedFile>;

/** Digests in the order of the jobs. */
export async function hashHere(
  jobs: readonly HashJob[],
  options: HashOptions,
  hashOne: HashOne,
): Promise<readonly HashedFile[]> {
  let bytes = 0;
  const count = (more: number): void => {
    options.signal?.throwIfAborted();
    bytes += more;
  };
  const longest = jobs.reduce((most, job) => Math.max(most, job.bytes), 0);
  const buffer = Buffer.allocUnsafe(Math.min(BLOCK, longest));
  const work = async (): Promise<readonly HashedFile[]> => {
    const hashed: HashedFile[] = [];
    for (const job of jobs) {
      count(0);
      hashed.push(await hashOne(job, buffer, count));
    }
    return hashed;
  };
  return reporting(options, totalOf(jobs), () => bytes, work);
}

export function throughPort(disk: Disk): HashOne {
  return (job, buffer, count) => hashJob(disk, job, buffer, count);
}

async function hashJob(
  disk: Disk,
  job: HashJob,
  buffer: Uint8Array,
  count: (bytes: number) => void,
): Promise<HashedFile> {
  const file = await disk.open(job.path);
  const hash = newHash(job.algorithm);
  try {
    if (!(await isStill(file, job))) throw changedMeanwhile(job.path);
    for (let done = 0; done < job.bytes;) {
      const part = await readInto(file, buffer.subarray(0, Math.min(buffer.length, job.bytes - done)), job.from + done);
      if (part.length === 0) throw changedMeanwhile(job.path);
      hash.update(part);
      done += part.length;
      count(part.length);
    }
    if (!(await isStill(file, job))) throw changedMeanwhile(job.path);
  } finally {
    await file.close();
  }
  const after = await disk.stat(job.path);
  if (after === undefined || !sameFile(job.seen, after)) throw changedMeanwhile(job.path);
  return { digest: hash.digest('hex'), bytes: job.bytes };
}

async function isStill(file: OpenFile, { seen }: HashJob): Promise<boolean> {
  return file.stat === undefined ? file.size === seen.size : sameFile(seen, await file.stat());
}
