// The requirements in force: the organisation's signed bundle as a floor, tightened by vallum.yaml. Where trust.json enrols
// a policy owner the bundle must be there: deleting it would be a way to ask for less.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { CedarPolicies, Requirement } from '@vallum/policy';
import { defaultPolicy, effectiveRequirements, readPolicyBundle } from '@vallum/policy';
import declaredRequirements from './declared-requirements.json' with { type: 'json' };
import type { Declaration } from './declaration.js';
import type { Session } from './session.js';
import { readNamed } from './read-named.js';
import { refuseOlder } from './seen-signed.js';
import { trustOf } from './session.js';

export interface Rules {
  readonly requirements: readonly Requirement[];
  readonly cedar: CedarPolicies;
  /** Id of the signed bundle, or digest of the default policy. */
  readonly digest: Sha256;
  readonly bundle?: { readonly id: Sha256; readonly keyid: Sha256 };
}

const MAX_POLICY_BYTES = 2 * 1024 * 1024;

/** @throws VallumError `POLICY_MISSING`, `POLICY_LOOSENED`, `POLICY_KEY`, and those of the bundle */
export async function loadRules(session: Session): Promise<Rules> {
  const { disk, paths, kinds, clock } = session;
  const trust = trustOf(session);
  const hasOwner = trust.principals.some(({ keys }) => keys.some(({ roles }) => roles.includes('policy')));
  if (!hasOwner) {
    const { requirements, cedar, digest } = defaultPolicy(kinds);
    return { requirements: effectiveRequirements(requirements, asked(session, requirements), kinds), cedar, digest };
  }
  if ((await disk.stat(paths.policy)) === undefined)
    throw new VallumError(
      'POLICY_MISSING',
      'policy.json is missing, and trust.json enrols a policy owner',
      { fix: 'restore it, or have the owner run vallum policy sign' },
      'unproven',
    );
  const bundle = await readNamed(
    disk,
    { path: paths.policy, name: 'policy.json', limit: MAX_POLICY_BYTES, fix: 'restore policy.json' },
    (bytes) => readPolicyBundle(bytes, trust, kinds, clock()),
  );
  const { digest, createdAt: at } = bundle;
  await refuseOlder(disk, session.keysFolder, { path: paths.policy, root: trust.rootFingerprint, at, digest });
  return {
    requirements: effectiveRequirements(bundle.requirements, asked(session, bundle.requirements), kinds),
    cedar: bundle.cedar,
    digest: bundle.digest,
    bundle: { id: bundle.digest, keyid: bundle.keyid },
  };
}

/**
 * What vallum.yaml asks for: its own lines, and one for each part that it declares and nobody speaks about. A declaration
 * that no verdict looks at would only seem to protect.
 */
function asked({ declaration }: Session, floor: readonly Requirement[]): JsonValue {
  const own = declaration.requirements as unknown as readonly JsonObject[];
  const spoken = new Set([...floor.map(({ kind }) => kind), ...own.map(({ kind }) => kind)]);
  const implied = Object.entries(declaredRequirements)
    .filter(([key]) => isDeclared(declaration, key))
    .flatMap(([, requirements]): readonly JsonObject[] => requirements);
  return [...own, ...implied.filter(({ kind }) => !spoken.has(kind))];
}

/** An environment is declared for each version; where one has it, all need it. */
function isDeclared(declaration: Declaration, key: string): boolean {
  if (key === 'environment')
    return Object.values(declaration.versions).some(({ environment }) => environment !== undefined);
  return declaration[key as keyof Declaration] !== undefined;
}
