// The parts of Sigstore's library that are used, as one module to load when asked: imported one by one from inside a
// bundle, CommonJS packages show a default export only.
export { bundleFromJSON } from '@sigstore/bundle';
export { TrustedRoot } from '@sigstore/protobuf-specs';
export { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
