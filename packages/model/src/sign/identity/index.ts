// Who signed, beyond bare keys: certificate chains to given roots, and Sigstore keyless signatures checked offline.
export { verifyCertificate } from './certificate.js';
export type { CertificateTrust } from './certificate.js';
export { readRoots } from './roots.js';
export { verifySigstore } from './sigstore.js';
export type { SigstoreTrust } from './sigstore.js';
export { packagedTrustedRoot, readTrustedRoot, TRUSTED_ROOT_DATE } from './trusted-root.js';
