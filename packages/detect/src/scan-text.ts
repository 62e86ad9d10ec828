// Runs the rules over one text. The text is hostile: it may be megabytes of almost-matches. Every pattern in rules.json
// has bounded repeats and cannot start inside its own match, so the work is linear in the text; the number of matches
// per rule is bounded too. Values leave this module only masked.
import type { Severity } from '@vallum/core';
import { AnchorSearch } from './anchors.js';
import { CHECKS } from './checks.js';
import { digitRegions } from './digit-regions.js';
import type { DigitRegion } from './digit-regions.js';
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
  const regions = digitRegions(text);
  const most = regions.reduce((sum, { digits }) => Math.max(sum, digits), 0);
  for (const rule of rulesFor(text, rules)) {
    if (rule.digits !== undefined && rule.digits > most) continue;
    const found = runRule(text, rule.digits === undefined ? undefined : regions, rule, rules);
    if (found.length >= MAX_MATCHES) stopped.push(rule.id);
    if (found.length === 0) continue;
    const earlier = matches.filter((match) => match.class === rule.class);
    matches.push(...withoutOverlap(found, earlier));
  }
  return { matches: matches.sort((a, b) => a.start - b.start), stopped };
}

/** Between texts that are looked at together: no rule's pattern begins before it and depends on what stands behind it. */
const BETWEEN = '\n\u0000\n';
/** UTF-16 units looked at together. */
const TOGETHER = 8192;
/** Kinds of rules that are remembered; a hostile table could make many. */
const MAX_SUBSETS = 256;

/**
 * `scanBounded` of many texts, faster where they are short: a rule whose pattern is nowhere in some of them together is in none
 * of them, and is not run over each.
 */
export function scanMany(texts: readonly string[], set: RuleSet): readonly Scanned[] {
  const scanned: Scanned[] = [];
  const subsets = new Map<string, RuleSet>();
  for (let from = 0; from < texts.length;) {
    let to = from;
    let length = 0;
    do length += texts[to++]?.length ?? 0;
    while (to < texts.length && length + (texts[to]?.length ?? 0) <= TOGETHER);
    const part = texts.slice(from, to);
    const rules = part.length === 1 ? set : subsetFor(part.join(BETWEEN), set, subsets);
    for (const text of part)
      scanned.push(rules.rules.length === 0 ? { matches: [], stopped: [] } : scanBounded(text, rules));
    from = to;
  }
  return scanned;
}

function subsetFor(text: string, set: RuleSet, subsets: Map<string, RuleSet>): RuleSet {
  const most = digitRegions(text).reduce((sum, { digits }) => Math.max(sum, digits), 0);
  const rules = rulesFor(text, set).filter(({ digits, pattern }) => {
    if (digits !== undefined && digits > most) return false;
    pattern.lastIndex = 0;
    return pattern.test(text);
  });
  if (rules.length === 0) return { ...set, rules };
  const key = rules.map(({ id }) => id).join('\n');
  const known = subsets.get(key) ?? (subsets.size < MAX_SUBSETS ? { ...set, rules } : set);
  if (known !== set) subsets.set(key, known);
  return known;
}

const searches = new WeakMap<readonly Rule[], AnchorSearch>();

/** Rules that may match, in their order. */
function rulesFor(text: string, { rules }: RuleSet): readonly Rule[] {
  let search = searches.get(rules);
  if (search === undefined) {
    search = new AnchorSearch(rules.map(({ anchors }) => anchors ?? []));
    searches.set(rules, search);
  }
  const found = search.look(text);
  return rules.filter(({ anchors }, index) => anchors === undefined || found.has(index));
}

/** Where a rule is run: its matches begin from `start` on and before `end`. */
interface Place {
  readonly start: number;
  readonly end: number;
}

const AROUND = 64;
/** What stands before the first digit of a number: `+`, `(`, two letters and a space. */
const LEAD = 4;

function runRule(
  text: string,
  regions: readonly DigitRegion[] | undefined,
  rule: Rule,
  rules: RuleSet,
): readonly Match[] {
  const found: Match[] = [];
  if (regions === undefined) {
    runIn(text, 0, { start: 0, end: text.length }, rule, rules, found);
    return found;
  }
  const { digits = 0 } = rule;
  for (const region of regions) {
    if (region.digits < digits || found.length >= MAX_MATCHES) continue;
    const offset = Math.max(0, region.start - AROUND);
    const start = Math.max(region.start - LEAD, found.at(-1)?.end ?? 0);
    runIn(text.slice(offset, region.end + AROUND), offset, { start, end: region.end }, rule, rules, found, text);
  }
  return found;
}

/** Adds the matches of one rule in a part of the text, which begins at `offset` and holds what the rule looks at around. */
function runIn(
  part: string,
  offset: number,
  place: Place,
  rule: Rule,
  rules: RuleSet,
  found: Match[],
  text = part,
): void {
  const { pattern } = rule;
  pattern.lastIndex = Math.max(0, place.start - offset);
  for (let match = pattern.exec(part); match !== null; match = pattern.exec(part)) {
    const at = offset + match.index;
    if (at >= place.end) return;
    const accepted = CHECKS[rule.check](match, rules.tables);
    const length = accepted === true ? match[0].length : Number(accepted);
    if (length === 0 || !hasContext(text, at, at + match[0].length, rule)) continue;
    // A pattern may start at its rarest character, which is faster; `lead` then holds what stands before it.
    const start = at - (match.groups?.['lead']?.length ?? 0);
    const end = at + length;
    const shown = match.groups?.['value'] ?? text.slice(start, end);
    const { id, class: name, kind, severity } = rule;
    found.push({ rule: id, class: name, kind, severity, start, end, masked: MASKS[rule.mask](shown) });
    if (found.length >= MAX_MATCHES) return;
  }
}

function hasContext(text: string, start: number, end: number, { context }: Rule): boolean {
  if (context === undefined) return true;
  const before = text.slice(Math.max(0, start - context.before), start);
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
