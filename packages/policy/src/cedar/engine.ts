// Cedar as WebAssembly, loaded on first use (about 40 ms) and fed each set of policies once. Cedar fails open in two
// places, measured on 4.13.0, and both are closed here: `validate` answers "success" beside validation errors, and a
// policy that errs while it is evaluated is skipped, so a broken `forbid` would allow.
import { digestJson } from '@vallum/core';
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarPolicies } from '../bundle.js';
import schema from './schema.json' with { type: 'json' };

type Cedar = typeof CedarModule;

export const SCHEMA_NAME = 'vallum';

let engine: Promise<Cedar> | undefined;
/** Problems of each set of policies, by digest; none means that it is loaded. */
const loaded = new Map<string, readonly string[]>();

export async function loadCedar(): Promise<Cedar> {
  engine ??= import('@cedar-policy/cedar-wasm/nodejs').then((cedar) => {
    const answer = cedar.preparseSchema(SCHEMA_NAME, schema);
    if (answer.type === 'failure')
      throw new Error(`the Cedar schema is broken: ${answer.errors.map((e) => e.message).join('; ')}`);
    return cedar;
  });
  return engine;
}

/** A set of policies is not changed once it is made, so its digest is worked out once. */
const ids = new WeakMap<CedarPolicies, string>();

function idOf(policies: CedarPolicies): string {
  const id = ids.get(policies) ?? digestJson(policies);
  ids.set(policies, id);
  return id;
}

/** Validates strictly against the schema and parses, once for each digest. */
export function preparePolicies(
  cedar: Cedar,
  policies: CedarPolicies,
): { readonly id: string; readonly problems: readonly string[] } {
  const id = idOf(policies);
  let problems = loaded.get(id);
  if (problems === undefined) {
    problems = checkPolicies(cedar, policies);
    if (problems.length === 0) {
      const answer = cedar.preparsePolicySet(id, { staticPolicies: { ...policies } });
      if (answer.type === 'failure') problems = answer.errors.map((error) => error.message);
    }
    loaded.set(id, problems);
  }
  return { id, problems };
}

function checkPolicies(cedar: Cedar, policies: CedarPolicies): readonly string[] {
  const answer = cedar.validate({
    validationSettings: { mode: 'strict' },
    schema: schema,
    policies: { staticPolicies: { ...policies } },
  });
  if (answer.type === 'failure') return answer.errors.map((error) => error.message);
  // A warning (a policy that can never apply, look-alike letters) is a mistake in a rule, so it counts as well.
  const found = [...answer.validationErrors, ...answer.validationWarnings];
  return [
    ...found.map(({ policyId, error }) => `${policyId}: ${error.message}`),
    ...answer.otherWarnings.map((w) => w.message),
  ];
}
