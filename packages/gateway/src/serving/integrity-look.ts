// How each way of knowing the model is looked at: the store is hashed, the canary replayed, a declaration believed.
import type { Sha256 } from '@vallum/core';
import { messageOf } from '@vallum/core';
import type { Canary } from './canary.js';
import type { IntegrityLook, VerdictPass } from './looks.js';
import type { Ask } from './replay.js';
import { replayCanary } from './replay.js';

export type ModelSource =
  | { readonly by: 'store'; readonly look: (expected: Sha256) => Promise<IntegrityLook> }
  /** The canary is read again for every look, so that a revoked one stops to count. */
  | { readonly by: 'canary'; readonly canary: () => Promise<Canary>; readonly ask: Ask }
  | { readonly by: 'declared' };

export async function lookAtModel(source: ModelSource, { subject }: VerdictPass): Promise<IntegrityLook> {
  switch (source.by) {
    case 'declared':
      return { kind: 'not-asked' };
    case 'store':
      return source.look(subject);
    case 'canary':
      try {
        return await replayCanary(await source.canary(), subject, source.ask);
      } catch (error) {
        return { kind: 'unreadable', reason: `the canary does not count: ${messageOf(error)}` };
      }
  }
}
