// The inner door of the vault: sealed objects, where their keys come from, and the way out to age files.
export { isKekId, readKeyRecord } from './format/key-record.js';
export type { KeyRecord } from './format/key-record.js';
export { sourceOf } from './format/batches.js';
export type { ByteSource } from './format/batches.js';
export type { SealedHeader } from './format/header.js';
export { KEY_SUFFIX, SEALED_SUFFIX, sealObject } from './format/seal.js';
export type { SealedObject, SealRequest } from './format/seal.js';
export { openObject, readStart } from './format/open.js';
export type { Expected, OpenRequest, SealedReader, SealedStart } from './format/open.js';
export { openToFile } from './format/open-to-file.js';
export type { ToFileRequest } from './format/open-to-file.js';
export { rewrapObject, tryUnwrap } from './format/rewrap.js';
export type { Rewrapped, RewrapRequest } from './format/rewrap.js';
export { shredObject } from './format/shred.js';
export type { Shredded, ShredRequest } from './format/shred.js';
export { overwriteFile } from './format/edge/overwrite-file.js';
export type { KeyProvider, ProviderStatus, WrappedKey } from './keys/provider.js';
export {
  assertChangeable,
  changePassphrase,
  createKeyring,
  destroyKek,
  listKeyring,
  openKeyring,
  rotateKeyring,
} from './keys/keyring-file.js';
export type { KeyringPlace } from './keys/keyring-file.js';
export type { KekInfo, KekState } from './keys/keyring.js';
export { execProvider } from './keys/exec-provider.js';
export type { ExecOptions } from './keys/exec-provider.js';
export { decryptAge, encryptAge, exportAge } from './age/age-file.js';
export type { AgeIdentity, AgeRecipient, ExportRequest } from './age/age-file.js';
export { newIdentity, parseIdentity, parseRecipient } from './age/x25519.js';
export { surveyVault } from './store/survey.js';
export type { StoredObject, Survey } from './store/survey.js';
export { lostWithout, rotatable } from './store/rotation.js';
export type { LeftOut, Rotatable } from './store/rotation.js';
export { discardObject, sealTree } from './store/seal-tree.js';
export type { SealedTree, SealTreeRequest } from './store/seal-tree.js';
export { assertPrivateTarget, readTree, writeTree } from './store/open-tree.js';
export type { OpenedTree } from './store/open-tree.js';
export { headerName, isObjectId, newObjectId } from './store/object-name.js';
export type { ObjectKind, ObjectName } from './store/object-name.js';
export { withVaultLock } from './store/lock.js';
export { bulkEvent } from './store/bulk.js';
export type { BulkEvent, BulkLimits } from './store/bulk.js';
export { VaultLog } from './store/vault-log.js';
export type { LoggedAct, RecordedObject } from './store/vault-log.js';
export { removeFolder } from './store/edge/remove-folder.js';
export { planDataEncryption } from './controls/plan-data-encryption.js';
export type { DataEncryptionOptions, DeclaredContent } from './controls/plan-data-encryption.js';
export { planAccessPolicy } from './controls/plan-access-policy.js';
export type { AccessPolicyOptions, Attempt, NobodyAsks } from './controls/plan-access-policy.js';
