// Which policies permit an action to everybody: a scope of any principal, and no condition that looks at who asks. Read from
// Cedar's own syntax tree. A condition that mentions the principal and holds for everybody is not seen here; asking as
// nobody finds it, so whoever judges a set of policies does both.
import { messageOf, VallumError } from '@vallum/core';
import type { CedarPolicies } from '../bundle.js';
import type { CedarAction } from './authorise.js';
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
        `the policy ${name} cannot be read: ${answer.errors.map(messageOf).join('; ')}`,
      );
    const { effect, principal, action, conditions } = answer.json;
    if (effect !== 'permit' || principal.op !== 'All' || mentionsPrincipal(conditions)) continue;
    for (const one of actions) if (covers(action, one)) found.push({ name, action: one });
  }
  return found;
}

function covers(scope: unknown, action: CedarAction): boolean {
  // Anything but a list of actions counts as all of them: `All`, and groups, which the schema does not have.
  const named = [...JSON.stringify(scope).matchAll(/"id":"([^"]*)"/g)].map(([, id]) => id);
  return named.length === 0 || named.includes(action);
}

/** In Cedar's JSON form a use of the principal is `{"Var": "principal"}`. */
function mentionsPrincipal(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(mentionsPrincipal);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(
    ([key, value]) => (key === 'Var' && value === 'principal') || mentionsPrincipal(value),
  );
}
