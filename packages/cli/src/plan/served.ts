// What evidence of a running gateway has to speak about to count for a version. `check` and `gate` only compare: nobody but the
// gateway sees what serves. Its code is loaded only where a requirement asks for it, for every check would wait for it else.
import type { Subject, TaskIdentity } from '@vallum/core';
import type { Session } from '../project/session.js';
import { requiredKinds } from './environment.js';

export async function servedIdentities(session: Session, subject: Subject): Promise<readonly TaskIdentity[]> {
  if (!(await requiredKinds(session)).has('integrity.check')) return [];
  const { integrityIdentity } = await import('@vallum/gateway');
  return [integrityIdentity(subject)];
}
