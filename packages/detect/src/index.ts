// The door of `detect`: personal data and secrets in text, masked.
export { defaultRules, readRules, rulesDigest } from './rules.js';
export type { Rule, RuleSet } from './rules.js';
export { MAX_MATCHES, scanText } from './scan-text.js';
export type { Match } from './scan-text.js';
