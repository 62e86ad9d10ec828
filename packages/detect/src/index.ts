// The door of `detect`: personal data and secrets in text, masked.
export { maskText } from './mask-text.js';
export { defaultRules, forBytes, readRules, rulesDigest } from './rules.js';
export type { Rule, RuleSet } from './rules.js';
export { MAX_MATCHES, scanBounded, scanMany, scanText } from './scan-text.js';
export type { Match, Scanned } from './scan-text.js';
