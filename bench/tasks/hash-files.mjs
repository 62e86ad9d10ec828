// `node hash-files.mjs THREADS FILE...`: digests of the files with Vallum's hasher, start of its threads included.
import { nodeDisk, threadHasher } from '@vallum/core';
import { timed } from './timed.mjs';

const [threads, ...files] = process.argv.slice(2);
await timed(async () => {
  const hasher = threadHasher(nodeDisk, { threads: Number(threads) });
  const hashed = await hasher.hash(files.map((path) => ({ path })));
  await hasher.close();
  return hashed.reduce((sum, { bytes }) => sum + bytes, 0);
});
