// Reads every file once, however often its digest is asked for: half the work, and all answers are about the same bytes.
import type { FileHasher, HashedFile, HashRequest } from '@vallum/core';

const keyOf = ({ path, from = 0, to, algorithm = 'sha256' }: HashRequest): string =>
  `${algorithm} ${from} ${to ?? 'end'} ${path}`;

/** Takes the inner hasher over: `close` closes it. */
export function readingOnce(inner: FileHasher): FileHasher {
  const known = new Map<string, HashedFile>();
  return {
    hash: async (requests, options) => {
      const unread = requests.filter((request) => !known.has(keyOf(request)));
      const hashed = unread.length === 0 ? [] : await inner.hash(unread, options);
      for (const [at, file] of hashed.entries()) known.set(keyOf(unread[at] as HashRequest), file);
      return requests.map((request) => known.get(keyOf(request)) as HashedFile);
    },
    close: () => inner.close(),
  };
}
