// Which policies permit an action to everybody: a scope of any principal, and no condition that takes a certain principal or
// role. Read from Cedar's own syntax tree, and on the careful side: a policy that asks for somebody in a way that is not known
// here counts as one for everybody. Asking as nobody sees what a set of policies does together, so whoever judges does both.
import { VallumError } from '@vallum/core';
import type { CedarPolicies } from '../bundle.js';
import type { CedarAction } from './authorise.js';
import { demandsSomebody } from './demands.js';
import { loadCedar } from './engine.js';

interface Permit {
  readonly name: string;
  readonly action: string;
}

/** @throws VallumError `POLICY_CEDAR` when a policy cannot be read */
export async function wildcardPermits(
  policies: CedarPolicies,
  actions: readonly CedarAction[],
): Promise<readonly Permit[]> {
  const cedar = await loadCedar();
  const found: Permit[] = [];
  for (const [name, text] of Object.entries(policies)) {
    const answer = cedar.policyToJson(text);
    if (answer.type === 'failure')
      throw new VallumError(
        'POLICY_CEDAR',
        `the policy ${name} cannot be read: ${answer.errors.map(({ message }) => message).join('; ')}`,
      );
    const { effect, principal, action, conditions } = answer.json;
    if (effect !== 'permit' || !isAnybody(principal)) continue;
    // All conditions have to hold, so one that asks for somebody is enough.
    if (conditions.some(({ kind, body }) => demandsSomebody(body, kind === 'unless'))) continue;
    for (const one of actions) if (covers(action, one)) found.push({ name, action: one });
  }
  return found;
}

function covers(scope: unknown, action: CedarAction): boolean {
  // Anything but a list of actions counts as all of them: `All`, and groups, which the schema does not have.
  const named = [...JSON.stringify(scope).matchAll(/"id":"([^"]*)"/g)].map(([, id]) => id);
  return named.length === 0 || named.includes(action);
}

/** `principal`, or `principal is Vallum::Principal`, which all of them are. */
function isAnybody(scope: { readonly op: string }): boolean {
  return scope.op === 'All' || (scope.op === 'is' && !('in' in scope));
}
