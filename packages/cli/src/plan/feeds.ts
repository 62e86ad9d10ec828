// Feeds of the declaration as the data room takes them.
import { VallumError } from '@vallum/core';
import type { FeedRef } from '@vallum/data';
import type { Session } from '../project/session.js';

/** @throws VallumError `PROJECT_KEY` for a feed that is not declared */
export function feedRefs(
  { paths, declaration }: Pick<Session, 'paths' | 'declaration'>,
  names: readonly string[],
): readonly FeedRef[] {
  return names.map((name) => {
    const path = declaration.feeds[name];
    if (path !== undefined) return { name, path: `${paths.root}/${path}` };
    throw new VallumError('PROJECT_KEY', `the feed ${JSON.stringify(name)} is not declared in vallum.yaml`, {
      fix: 'add it under feeds',
    });
  });
}
