// Roles, and which of them one key may hold together. Evidence, approvals, policy, checkpoints, model signing and the vault
// have separate keys, so that a stolen build key can neither approve nor rewrite the log.
import type { KeyAlgorithm } from './keys.js';

const PURPOSES: readonly (readonly [RegExp, string])[] = [
  [/^(?:produce:(?:\*|[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+)|decide|attest)$/, 'evidence'],
  [/^(?:approve|revoke|review|monitor)$/, 'approvals'],
  [/^policy$/, 'policy'],
  [/^ledger$/, 'checkpoints'],
  [/^sign:model$/, 'model signing'],
  [/^vault$/, 'vault'],
];

/** How roles are written, for error sentences. */
export const ROLE_NAMES =
  'produce:<kind>, produce:*, decide, attest, approve, revoke, review, monitor, policy, ledger, sign:model, vault';

/** What a role is for; undefined for a word that is no role. */
export function purposeOf(role: string): string | undefined {
  return PURPOSES.find(([pattern]) => pattern.test(role))?.[1];
}

/** Only a model signature may be P-256 (OpenSSF Model Signing, key method); all else is Ed25519. */
export function fitsAlgorithm(role: string, algorithm: KeyAlgorithm): boolean {
  return algorithm === 'ed25519' || purposeOf(role) === 'model signing';
}

/** How the roles of a CI job are written, for error sentences. */
export const ROLE_NAMES_OF_JOBS = 'produce:<kind>, produce:* and attest';

/** A job says what it saw. It never decides: a changed workflow could else sign the verdict on its own work. */
export function mayBeOfJob(role: string): boolean {
  return purposeOf(role) === 'evidence' && role !== 'decide';
}

export function holdsRole(roles: readonly string[], role: string): boolean {
  return roles.includes(role) || (role.startsWith('produce:') && roles.includes('produce:*'));
}
