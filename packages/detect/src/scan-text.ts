// Runs the rules over one text. The text is hostile: it may be megabytes of almost-matches. Every pattern in rules.json
// has bounded repeats and cannot start inside its own match, so the work is linear in the text; the number of matches
// per rule is bounded too. Values leave this module only masked.
import type { Severity } from '@vallum/core';
import { CHECKS } from './checks.js';
import { MASKS } from './mask.js';
import type { Rule, RuleSet } from './rules.js';

export interface Match {
  readonly rule: string;
  readonly class: string;
  readonly kind: 'personal' | 'secret';
  readonly severity: Severity;
  /** UTF-16 offsets into the text. */
  readonly start: number;
  readonly end: number;
  /** Safe to print and to sign. */
  readonly masked: string;
}

/** Most matches of one rule in one text; the rest is not reported. */
export const MAX_MATCHES = 10_000;

export interface Scanned {
  readonly matches: readonly Match[];
  /** Rules that stopped at `MAX_MATCHES`: there may be more. */
  readonly stopped: readonly string[];
}

/** Matches sorted by start; where two rules of one class overlap, the first rule in the file counts. */
export function scanText(text: string, rules: RuleSet): readonly Match[] {
  return scanBounded(text, rules).matches;
}

/** The same, and says where it stopped. */
export function scanBounded(text: string, rules: RuleSet): Scanned {
  const matches: Match[] = [];
  const stopped: string[] = [];
  for (const rule of rules.rules) {
    const found = runRule(text, rule, rules);
    if (found.length >= MAX_MATCHES) stopped.push(rule.id);
    if (found.length === 0) continue;
    const earlier = matches.filter((match) => match.class === rule.class);
    matches.push(...withoutOverlap(found, earlier));
  }
  return { matches: matches.sort((a, b) => a.start - b.start), stopped };
}

function runRule(text: string, rule: Rule, rules: RuleSet): readonly Match[] {
  const found: Match[] = [];
  const { pattern } = rule;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const accepted = CHECKS[rule.check](match, rules.tables);
    const length = accepted === true ? match[0].length : Number(accepted);
    if (length === 0 || !hasContext(text, match, rule)) continue;
    // A pattern may start at its rarest character, which is faster; `lead` then holds what stands before it.
    const start = match.index - (match.groups?.['lead']?.length ?? 0);
    const end = match.index + length;
    const shown = match.groups?.['value'] ?? text.slice(start, end);
    const { id, class: name, kind, severity } = rule;
    found.push({ rule: id, class: name, kind, severity, start, end, masked: MASKS[rule.mask](shown) });
    if (found.length >= MAX_MATCHES) break;
  }
  return found;
}

function hasContext(text: string, match: RegExpExecArray, { context }: Rule): boolean {
  if (context === undefined) return true;
  const end = match.index + match[0].length;
  const before = text.slice(Math.max(0, match.index - context.before), match.index);
  return context.words.test(`${before} ${text.slice(end, end + context.after)}`.toLowerCase());
}

/** Both lists are sorted by start. */
function withoutOverlap(found: readonly Match[], earlier: readonly Match[]): readonly Match[] {
  if (earlier.length === 0) return found;
  const sorted = [...earlier].sort((a, b) => a.start - b.start);
  let index = 0;
  return found.filter((match) => {
    while (index < sorted.length && (sorted[index]?.end ?? 0) <= match.start) index += 1;
    const next = sorted[index];
    return next === undefined || next.start >= match.end;
  });
}
