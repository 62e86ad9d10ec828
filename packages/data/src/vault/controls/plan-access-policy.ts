// Control `access.policy`: nobody gets at the vault by default. Three looks, because each misses what another sees: no policy
// permits to everybody by its form; the real authoriser, asked as nobody, denies each action; and the real way to plaintext,
// walked with a key that nobody enrolled, ends before anything is recorded or released. The last two are live: what is asked
// is what the commands ask, handed in as functions.
import type { ControlResult, Finding, JsonObject, Planned } from '@vallum/core';
import { digestJson } from '@vallum/core';
import { finding, outcomeOf, RULES_DIGEST } from './findings.js';

const KIND = 'access.policy';

/** How far somebody without a right came. */
export type Attempt =
  { readonly reached: 'nothing'; readonly code: string } | { readonly reached: 'record' | 'release' };

export interface AccessPolicyOptions {
  readonly project: string;
  /** What decides: digests of policy and trust file. */
  readonly basis: JsonObject;
  readonly actions: readonly string[];
  /** Policies that permit an action to any principal, by their form. */
  readonly wildcards: () => Promise<readonly { readonly name: string; readonly action: string }[]>;
  /** Asks as a principal that does not exist and has no role. */
  readonly askAsNobody: (action: string) => Promise<{ readonly allow: boolean; readonly policies: readonly string[] }>;
  /** Tries to open an object with a key that nobody enrolled. */
  readonly openAsStranger: () => Promise<Attempt>;
}

export async function planAccessPolicy(options: AccessPolicyOptions): Promise<Planned> {
  const { project, basis, actions } = options;
  return {
    kind: KIND,
    version: '1',
    rules: RULES_DIGEST,
    subject: { name: `${project}-access`, digest: { sha256: digestJson(basis) } },
    inputs: [],
    parameters: { actions: [...actions], probes: ['nobody', 'stranger'] },
    run: () => probe(options),
  };
}

async function probe({ actions, wildcards, askAsNobody, openAsStranger }: AccessPolicyOptions): Promise<ControlResult> {
  const findings: Finding[] = (await wildcards()).map(({ name, action }) =>
    finding('VLM-ACC-001', `the policy ${name} permits ${action} to everybody`, { entry: name }),
  );
  let refused = 0;
  for (const action of actions) {
    const { allow, policies } = await askAsNobody(action);
    if (!allow) refused += 1;
    else
      findings.push(finding('VLM-ACC-002', `nobody at all may ${action}: ${policies.join(', ')}`, { entry: action }));
  }
  const attempt = await openAsStranger();
  if (attempt.reached === 'nothing') refused += 1;
  else
    findings.push(
      finding('VLM-ACC-003', `a key that nobody enrolled got as far as the ${attempt.reached} of an opening`),
    );
  return {
    outcome: outcomeOf(findings),
    findings,
    metrics: [
      { id: 'probes', value: actions.length + 1, unit: 'questions' },
      { id: 'probes-refused', value: refused, unit: 'questions' },
    ],
    coverage: { examined: {}, notExamined: [] },
  };
}
