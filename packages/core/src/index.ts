// The door of `core`: the words that every other room speaks.
export { canonicalJson } from './canonical-json.js';
export { inconclusive, isBlocked } from './control.js';
export type { Blocked, ControlResult, Planned, RunContext, Task, TaskIdentity } from './control.js';
export { asSha256, digestDirectory, digestJson, isSha256, sha256 } from './digest.js';
export type { FileDigest, Sha256 } from './digest.js';
export { halfWritten, parent, readInto, writeDurably } from './disk.js';
export type { AppendFile, Disk, FileStat, HeldFile, HowHeld, OpenFile } from './disk.js';
export { nodeDisk } from './edge/node-disk.js';
export { messageOf, VallumError } from './errors.js';
export type { ErrorClass, ErrorDetails } from './errors.js';
export type { EventSink, SecurityEvent } from './event.js';
export { diskHasher } from './hashing/disk-hasher.js';
export type { FileHasher, HashedFile, HashOptions, HashRequest } from './hashing/file-hasher.js';
export { threadHasher } from './hashing/edge/thread-hasher.js';
export { isJsonObject, parseJsonStrict } from './json.js';
export type { JsonLimits, JsonObject, JsonValue } from './json.js';
export { readKinds } from './kinds.js';
export type { EvidenceKind, KindCatalog } from './kinds.js';
export { assertRealFolders } from './own-folders.js';
export { pause } from './pause.js';
export {
  atOrAbove,
  EVIDENCE_PREFIX,
  evidenceType,
  INLINE_FINDINGS,
  kindOf,
  SEVERITIES,
  STATEMENT_TYPE,
} from './statement.js';
export type {
  Coverage,
  Evidence,
  EvidencePredicate,
  Finding,
  Input,
  Interval,
  Location,
  Metric,
  Outcome,
  Reason,
  Severity,
  Statement,
  Subject,
} from './statement.js';
export { durationMs, parseTime } from './time.js';
export type { Clock } from './time.js';
export { digestFile, digestTree, listFiles } from './tree.js';
export type { TreeLimits } from './tree.js';
