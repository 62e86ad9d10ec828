// The door of `data`: room 1, secure data management.
export { isUnreadable, openDataset } from './manifest/dataset.js';
export type { Dataset, DatasetFeed, DatasetOptions, Unreadable } from './manifest/dataset.js';
export { planDataManifest } from './manifest/plan-manifest.js';
export { planPiiScan } from './pii/plan-pii-scan.js';
export type { PiiOptions } from './pii/plan-pii-scan.js';
export type { Approval } from './pii/approvals.js';
export type { FeedFacts } from './rows/feed-json.js';
export type { MailRow } from './rows/mail-rows.js';
export { createRowSource, readFeed } from './rows/row-source.js';
export type { Feed, FeedDigests, FeedRef, RowSource } from './rows/row-source.js';
export { planDataValidation } from './validation/plan-validation.js';
export type { ValidationOptions } from './validation/plan-validation.js';
export { defaultValidationRules } from './validation/rules.js';
export type { ValidationRules } from './validation/rules.js';
export { planPoisonScan } from './poison/plan-poison-scan.js';
export type { Classifier, PoisonScanOptions, Predecessor, PredecessorFeed } from './poison/plan-poison-scan.js';
export * from './vault/index.js';
