// The door of `trust`: keys, principals, roles, envelopes, and the statements by which people act.
export { envelopeOf, MAX_ENVELOPE_BYTES, readEnvelope, signStatement, verifySignature } from './envelope.js';
export type { Signed } from './envelope.js';
export { decodeKeyFile, encodeKeyFile } from './key-file.js';
export { readKeyFolder, writeKeyFile } from './key-folder.js';
export { generateKey, publicKeyOf, publicRecord } from './keys.js';
export type { KeyAlgorithm, PublicKeyRecord, SigningKey } from './keys.js';
export type { CiIdentity } from './oidc/claims.js';
export { DIALECT_NAMES, fullRef, isDialect, refOfJob, shortRef, splitWorkflow } from './oidc/claims.js';
export { creditIdentity } from './oidc/credit.js';
export { addIssuer, enrolIdentity } from './oidc/enrol.js';
export { doubtAboutStatement, IdentityBook, withIdentities } from './oidc/identity-book.js';
export type { IdentityEntry } from './oidc/identity-book.js';
export type { Issuer } from './oidc/issuer.js';
export { readJwks } from './oidc/jwks.js';
export { MAX_TOKEN_LENGTH, readToken } from './oidc/jwt.js';
export type { ReadToken } from './oidc/jwt.js';
export { hasSubject, isSubjectPattern, SUBJECT_FIX } from './oidc/pattern.js';
export type { IdentityPattern } from './oidc/pattern.js';
export { buildIdentity, identityAudience } from './oidc/statement.js';
export { PAYLOAD_TYPE, preAuthEncoding, statementId } from './pae.js';
export { comparePin, isPinned, pinsPath, readPins, writePin } from './pins.js';
export type { PinAnswer, PinnedProject, Pins } from './pins.js';
export { buildMonitorAct, readMonitorAct } from './monitor-act.js';
export type { MonitorAct, MonitorActName } from './monitor-act.js';
export { buildRevocation, readRevocation } from './revocation.js';
export type { Revocation, RevocationTarget } from './revocation.js';
export { holdsRole } from './roles.js';
export { buildTrust, enrol, readTrust } from './trust-file.js';
export type { Enrolment, TrustDraft } from './trust-file.js';
export { localTrust } from './trust.js';
export { rotateLedgerKey } from './rotate-ledger.js';
export type { LedgerRotation } from './rotate-ledger.js';
export type { EnrolledKey, FormerLedgerKey, LedgerOrigin, Principal, Trust } from './trust.js';
export {
  IDENTITY_TYPE,
  MONITOR_TYPE,
  POLICY_TYPE,
  REVOCATION_TYPE,
  TRUST_TYPE,
  VAULT_TYPE,
  VERDICT_TYPE,
  WAIVER_APPROVAL_TYPE,
  WAIVER_TYPE,
} from './types.js';
export { buildVaultAct, readVaultAct } from './vault-act.js';
export type { VaultAct, VaultActName, VaultKind } from './vault-act.js';
export { buildWaiver, buildWaiverApproval, readWaiver, readWaiverApproval } from './waiver.js';
export type { Accepted, Waiver, WaiverApproval } from './waiver.js';
