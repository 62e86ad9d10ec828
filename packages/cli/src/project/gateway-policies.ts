// The Cedar policies that a gateway asks: Vallum's own, or those of a signed bundle whose signer the pinned trust file enrols.
// A set that does not validate is refused as a whole, for Cedar skips a `forbid` that errs.
import { asSha256, VallumError } from '@vallum/core';
import type { Disk } from '@vallum/core';
import type { GatewayConfig, PolicySet } from '@vallum/gateway';
import { checkCedarPolicies, defaultPolicy, readPolicyBundle } from '@vallum/policy';
import { readTrust } from '@vallum/trust';
import { resolve } from 'node:path';
import { shippedKinds } from '../catalog.js';

const MAX_BYTES = 4 * 1024 * 1024;

/** @throws VallumError `GATEWAY_TRUST` (not proven), `GATEWAY_POLICIES`, `POLICY_*`, `TRUST_*`, `DISK_*` */
export async function gatewayPolicies(disk: Disk, { settings, folder }: GatewayConfig, now: Date): Promise<PolicySet> {
  const kinds = shippedKinds();
  const { policy } = settings;
  if (policy === undefined) return checked(defaultPolicy(kinds));
  const trust = readTrust(await disk.read(resolve(folder, policy.trust), MAX_BYTES));
  if (trust.rootFingerprint !== asSha256(policy.root))
    throw new VallumError(
      'GATEWAY_TRUST',
      `${policy.trust} is signed by another root than policy.root names`,
      { fix: 'restore the trust file; write another root into gateway.yaml only when its holder told you' },
      'unproven',
    );
  const bundle = await disk.read(resolve(folder, policy.bundle), MAX_BYTES);
  return checked(readPolicyBundle(bundle, trust, kinds, now));
}

async function checked({ digest, cedar }: PolicySet): Promise<PolicySet> {
  const [problem, ...others] = await checkCedarPolicies(cedar);
  if (problem === undefined) return { digest, cedar };
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new VallumError('GATEWAY_POLICIES', `the policies do not validate: ${problem}${more}`, {
    fix: 'correct them, and have them signed again with vallum policy sign',
  });
}
