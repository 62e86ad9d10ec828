// Control `access.policy`: nobody gets at the vault by default. Three looks, because each misses what another sees: no policy
// permits to everybody by its form; the real authoriser, asked as nobody about all that there is, denies; and the real way to
// plaintext, walked with a key that nobody enrolled, ends before anything is recorded or released. The last two are live: what
// is asked is what the commands ask, handed in as functions.
import type { ControlResult, Finding, JsonObject, Planned } from '@vallum/core';
import { digestJson } from '@vallum/core';
import { finding, outcomeOf, RULES_DIGEST } from './findings.js';

const KIND = 'access.policy';

/** How far somebody without a right came. */
export type Attempt =
  { readonly reached: 'nothing'; readonly code: string } | { readonly reached: 'record' | 'release' };

/** May somebody who does not exist, under a name that no policy can know, do this? */
export interface NobodyAsks {
  readonly action: string;
  /** What it is done to, for people. */
  readonly about: string;
  readonly ask: () => Promise<{ readonly allow: boolean; readonly policies: readonly string[] }>;
}

export interface AccessPolicyOptions {
  readonly project: string;
  /** What decides: digests of policy and trust file, and what is asked about. */
  readonly basis: JsonObject;
  readonly actions: readonly string[];
  /** Policies that permit an action and ask for no certain principal or role, by their form. */
  readonly wildcards: () => Promise<readonly { readonly name: string; readonly action: string }[]>;
  /** Every action, with every kind of thing and every one that there is: a policy may single one out. */
  readonly questions: readonly NobodyAsks[];
  /** Tries to open an object with a key that nobody enrolled. */
  readonly openAsStranger: () => Promise<Attempt>;
}

export async function planAccessPolicy(options: AccessPolicyOptions): Promise<Planned> {
  const { project, basis, actions } = options;
  return {
    kind: KIND,
    version: '2',
    rules: RULES_DIGEST,
    subject: { name: `${project}-access`, digest: { sha256: digestJson(basis) } },
    inputs: [],
    parameters: { actions: [...actions], probes: ['nobody', 'stranger'] },
    run: () => probe(options),
  };
}

async function probe({ questions, wildcards, openAsStranger }: AccessPolicyOptions): Promise<ControlResult> {
  const findings: Finding[] = (await wildcards()).map(({ name, action }) =>
    finding('VLM-ACC-001', `the policy ${name} permits ${action} to no principal or role in particular`, {
      entry: name,
    }),
  );
  let refused = 0;
  for (const { action, about, ask } of questions) {
    const { allow, policies } = await ask();
    if (!allow) refused += 1;
    else
      findings.push(
        finding('VLM-ACC-002', `nobody at all may ${action} ${about}: ${policies.join(', ')}`, { entry: action }),
      );
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
      { id: 'probes', value: questions.length + 1, unit: 'questions' },
      { id: 'probes-refused', value: refused, unit: 'questions' },
    ],
    coverage: { examined: {}, notExamined: [] },
  };
}
