// The policy of a project whose organisation has no bundle of its own. The lines stand in default-policy.json.
import type { JsonValue, KindCatalog } from '@vallum/core';
import { digestJson } from '@vallum/core';
import type { Policy } from './bundle.js';
import { readCedarPolicies } from './bundle.js';
import data from './default-policy.json' with { type: 'json' };
import { readRequirements } from './requirement.js';

/** The default as JSON, to start a bundle from. */
export const DEFAULT_POLICY: { readonly requirements: JsonValue; readonly cedar: JsonValue } = data;

export function defaultPolicy(kinds: KindCatalog): Policy {
  return {
    digest: digestJson({ requirements: DEFAULT_POLICY.requirements, cedar: DEFAULT_POLICY.cedar }),
    requirements: readRequirements(DEFAULT_POLICY.requirements, 'default-policy.json', kinds),
    cedar: readCedarPolicies(DEFAULT_POLICY.cedar),
  };
}
