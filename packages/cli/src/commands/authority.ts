// Asks Cedar whether the acting person may do something; a denial is an error that names the deciding policies.
import { VallumError } from '@vallum/core';
import type { AuthoriseRequest } from '@vallum/policy';
import { authorise } from '@vallum/policy';
import type { SigningKey } from '@vallum/trust';
import type { Rules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';

export interface Actor {
  readonly id: string;
  readonly key: SigningKey;
}

/** The enrolled principal whose key signs now. @throws VallumError `ACT_UNKNOWN` */
export function actorOf(session: Session, key: SigningKey): Actor {
  const principal = trustOf(session).signer(key.keyid, session.clock());
  if (principal !== undefined) return { id: principal.id, key };
  throw new VallumError('ACT_UNKNOWN', `the key ${key.name} is not enrolled now`, { fix: 'ask for enrolment' });
}

type Question = Pick<AuthoriseRequest, 'action' | 'resource' | 'context'>;

/** @returns names of the permitting policies. @throws VallumError `ACT_DENIED` */
export async function requirePermission(
  session: Session,
  rules: Rules,
  actor: Actor,
  question: Question,
): Promise<readonly string[]> {
  const roles = trustOf(session).rolesOf(actor.id, session.clock());
  const answer = await authorise({ principal: actor.id, roles, policies: rules.cedar, ...question });
  if (answer.allow) return answer.policies;
  const why =
    [...answer.policies.map((name) => `policy ${name}`), ...answer.problems].join('; ') || 'no policy permits it';
  throw new VallumError('ACT_DENIED', `${actor.id} may not ${question.action} this: ${why}`, {
    fix: 'act as somebody who may: set VALLUM_KEYS to the folder of their keys',
  });
}
