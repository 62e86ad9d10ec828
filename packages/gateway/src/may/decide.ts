// May this caller do this? Cedar says so once for each kind of question under one set of policies; the answer is kept until
// the policies change. Everything but a clear "allow" is a denial, and a broken engine is one too.
import type { Sha256 } from '@vallum/core';
import type { CedarPolicies } from '@vallum/policy';
import { authorise } from '@vallum/policy';
import type { Caller } from '../door/caller.js';
import type { Operation } from '../door/operation.js';
import type { Refusal, Soon } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

export interface PolicySet {
  readonly digest: Sha256;
  readonly cedar: CedarPolicies;
}

/** What is asked for: the operation and the model that it reaches. */
export interface Asked {
  readonly route: string;
  readonly model: string;
  readonly protocol: string;
  readonly operation: Operation;
}

/** The names of the policies that allow it, or why not. */
export type Permission = { readonly policies: readonly string[] } | Refusal;

/** Questions that are remembered; a caller chooses some of what they are made of, so there is an end to them. */
const MOST_ANSWERS = 100_000;

export class Authoriser {
  readonly #answers = new Map<string, Permission>();
  #policies: PolicySet;

  constructor(policies: PolicySet) {
    this.#policies = policies;
  }

  get digest(): Sha256 {
    return this.#policies.digest;
  }

  /** From now on these decide; the caller has checked that they validate. */
  replace(policies: PolicySet): void {
    if (policies.digest === this.#policies.digest) return;
    this.#policies = policies;
    this.#answers.clear();
  }

  decide(caller: Caller, asked: Asked): Soon<Permission> {
    // Roles come sorted from nowhere in particular: the same roles in another order are another line here, which is only slower.
    const question = `${caller.principal}\0${caller.roles.join('\u0001')}\0${asked.route}\0${asked.operation.id}`;
    return this.#answers.get(question) ?? this.#ask(question, caller, asked);
  }

  async #ask(question: string, caller: Caller, { route, model, protocol, operation }: Asked): Promise<Permission> {
    const { cedar, digest } = this.#policies;
    const answer = await authorise({
      principal: caller.principal,
      roles: caller.roles,
      action: operation.action,
      resource: {
        type: 'Endpoint',
        id: `${route} ${operation.id}`,
        model,
        protocol,
        operation: operation.id,
        role: `infer:${model}`,
      },
      context: {},
      policies: cedar,
    });
    const permission: Permission = answer.allow
      ? { policies: answer.policies }
      : refuse('forbidden', denial(answer.policies, answer.problems), { policies: answer.policies });
    if (digest === this.#policies.digest) this.#remember(question, permission);
    return permission;
  }

  #remember(question: string, permission: Permission): void {
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(question, permission);
  }
}

function denial(policies: readonly string[], problems: readonly string[]): string {
  if (problems.length > 0) return `the policies could not be asked: ${problems.join('; ')}`;
  return policies.length > 0 ? `denied by ${policies.join(', ')}` : 'no policy permits it';
}
