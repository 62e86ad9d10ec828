// Secrets in one text: tokens with a form of their own, private keys, passwords in addresses (`packages/detect` knows their
// forms). Values leave only masked. A quick look for the fixed beginnings of all tokens comes first, so that a vocabulary of
// 30 MB costs little; the passwords that only a word announces are looked for in small texts. A text may spell a token with
// escapes (`ghp\u005f...` in JSON), so it is read a second time without them.
import { sha256 } from '@vallum/core';
import type { Match, Rule, RuleSet } from '@vallum/detect';
import { defaultRules, forBytes, scanBounded } from '@vallum/detect';
import { withoutEscapes } from './escapes.js';

const SMALL = 256 * 1024;

interface Looks {
  readonly all: RuleSet;
  /** Without the rule that matches in every list of settings. */
  readonly forms: RuleSet;
  readonly bytes: RuleSet;
  /** What stands in every match of `forms`, and of `bytes`. */
  readonly quick: Readonly<Record<TextKind, RegExp>>;
  readonly announced: ReadonlySet<string>;
}

let made: Looks | undefined;

function looks(): Looks {
  if (made !== undefined) return made;
  const every = defaultRules();
  const rules = every.rules.filter(({ kind }) => kind === 'secret').map(withKey);
  const all = { ...every, rules };
  const forms = { ...every, rules: rules.filter(({ id }) => id !== 'password') };
  const bytes = forBytes(forms);
  made = {
    all,
    forms,
    bytes,
    quick: { text: beginningsOf(forms), bytes: beginningsOf(bytes) },
    announced: new Set(rules.filter(({ announced }) => announced).map(({ id }) => id)),
  };
  return made;
}

function beginningsOf({ rules }: RuleSet): RegExp {
  return new RegExp([...new Set(rules.map(({ begins, pattern }) => begins ?? pattern.source))].join('|'));
}

/** In a row of data the first line of a key is reason enough; in a folder with manuals a key must follow it. */
function withKey(rule: Rule): Rule {
  return rule.id === 'private_key' ? { ...rule, check: 'key_block' } : rule;
}

/** Which texts of a file are plain ones: in bytes that are no text, a word beside a value announces nothing. */
export type TextKind = 'text' | 'bytes';

export interface FoundSecret {
  /** Of `packages/detect`. */
  readonly rule: string;
  /** Of the scanner. */
  readonly finding: 'VLM-SEC-001' | 'VLM-SEC-002';
  readonly start: number;
  /** Class and masked value. */
  readonly what: string;
  /** SHA-256 of what matched: one value in two views of a text is one secret. */
  readonly value: string;
}

export interface FoundSecrets {
  /** By place. */
  readonly found: readonly FoundSecret[];
  /** There are more, none graver than the mildest of `found`. */
  readonly more: boolean;
}

/** Most that are told of one text: the gravest, and of those the first. */
export const TOLD = 200;

export function findSecrets(text: string, kind: TextKind = 'text'): FoundSecrets {
  const first = findIn(text, kind);
  // By chance alone bytes hold the shorter escapes.
  const plain = kind === 'bytes' && !text.includes('\\u00') ? undefined : withoutEscapes(text);
  if (plain === undefined) return cut(first.found, first.more);
  const second = findIn(plain.text, kind);
  const known = new Set(first.found.map(({ value }) => value));
  const added = second.found
    .filter(({ value }) => !known.has(value))
    .map((one) => ({ ...one, start: plain.origin(one.start) }));
  return cut([...first.found, ...added], first.more || second.more);
}

function findIn(text: string, kind: TextKind): FoundSecrets {
  const { all, forms, bytes, quick, announced } = looks();
  const small = text.length <= SMALL && kind === 'text';
  if (!small && !quick[kind].test(text)) return { found: [], more: false };
  const { matches, stopped } = scanBounded(text, kind === 'bytes' ? bytes : small ? all : forms);
  const told = (match: Match): FoundSecret => ({
    rule: match.rule,
    finding: announced.has(match.rule) ? 'VLM-SEC-002' : 'VLM-SEC-001',
    start: match.start,
    what: `${match.class.replaceAll('_', ' ')} ${match.masked}`,
    value: sha256(text.slice(match.start, match.end)),
  });
  return { found: matches.map(told), more: stopped.length > 0 };
}

function cut(found: readonly FoundSecret[], more: boolean): FoundSecrets {
  const byPlace = (a: FoundSecret, b: FoundSecret): number => a.start - b.start;
  if (found.length <= TOLD) return { found: [...found].sort(byPlace), more };
  // VLM-SEC-001 is the graver one.
  const gravest = [...found].sort((a, b) => a.finding.localeCompare(b.finding) || byPlace(a, b)).slice(0, TOLD);
  return { found: gravest.sort(byPlace), more: true };
}
