// Predicate types of the statements that are not evidence.
export const TRUST_TYPE = 'urn:vallum:trust:v1';
export const REVOCATION_TYPE = 'urn:vallum:revocation:v1';
export const WAIVER_TYPE = 'urn:vallum:waiver:v1';
export const WAIVER_APPROVAL_TYPE = 'urn:vallum:waiver-approval:v1';
export const VERDICT_TYPE = 'urn:vallum:verdict:v1';
export const POLICY_TYPE = 'urn:vallum:policy:v1';
export const IDENTITY_TYPE = 'urn:vallum:identity:v1';
export const VAULT_TYPE = 'urn:vallum:vault:v1';
export const MONITOR_TYPE = 'urn:vallum:monitor:v1';
