// Rules as data: reads rules.json, compiles its patterns and gives the whole file one digest, so that evidence can say
// which rules it was made with. The digest covers the tables (issuers, countries, ranges) too.
import type { JsonObject, JsonValue, Severity, Sha256 } from '@vallum/core';
import { digestJson, isJsonObject, SEVERITIES, VallumError } from '@vallum/core';
import { CHECKS } from './checks.js';
import type { CheckName } from './checks.js';
import { MASKS } from './mask.js';
import type { MaskName } from './mask.js';
import type { Tables } from './tables.js';
import packaged from './rules.json' with { type: 'json' };

export interface Rule {
  /** Stable: `card.grouped`. */
  readonly id: string;
  /** What a project approves: `email`. */
  readonly class: string;
  readonly kind: 'personal' | 'secret';
  readonly severity: Severity;
  readonly title: string;
  readonly pattern: RegExp;
  /**
   * The same in bytes that are no text, where the length of the next string or an opcode stands directly beside a value and
   * may look like a letter: without the edges of a word. None: what the rule sees means nothing in bytes.
   */
  readonly inBytes?: RegExp;
  /** Of secrets: what stands in every match, for a quick look at large texts. */
  readonly begins?: string;
  /** Of secrets: only a word beside the value says that it is one; it may be a setting of an example. */
  readonly announced: boolean;
  readonly check: CheckName;
  readonly mask: MaskName;
  /**
   * Every match, with its context, holds one of these: ASCII; compared without case, and with `_`, `-` and a
   * space for one another. None: the rule is run
   * over every text.
   */
  readonly anchors?: readonly string[];
  /** Every match begins within four characters before, or inside, a region (`digitRegions`) of so many digits, and ends within 60 after. */
  readonly digits?: number;
  /** The match counts only with one of the words within so many characters. */
  readonly context?: { readonly words: RegExp; readonly before: number; readonly after: number };
}

export interface RuleSet {
  readonly digest: Sha256;
  readonly rules: readonly Rule[];
  readonly tables: Tables;
  /** Sorted. */
  readonly classes: readonly string[];
}

let packagedRules: RuleSet | undefined;

/** The rules that come with Vallum. */
export function defaultRules(): RuleSet {
  packagedRules ??= readRules(packaged);
  return packagedRules;
}

/** The rules that hold in bytes that are no text, each in its form for them. */
export function forBytes(set: RuleSet): RuleSet {
  const rules = set.rules.flatMap((rule) => (rule.inBytes === undefined ? [] : [{ ...rule, pattern: rule.inBytes }]));
  return { ...set, rules };
}

/** SHA-256 of the canonical JSON of the packaged rules. */
export function rulesDigest(): Sha256 {
  return defaultRules().digest;
}

/** @throws VallumError `DETECT_RULES`, naming the rule and the key */
export function readRules(json: JsonValue): RuleSet {
  if (!isJsonObject(json) || !Array.isArray(json['rules']) || !isJsonObject(json['tables']))
    throw bad('the file', 'it needs `rules` and `tables`');
  const rules = (json['rules'] as readonly JsonValue[]).map(readRule);
  const ids = new Set(rules.map((rule) => rule.id));
  if (ids.size !== rules.length) throw bad('the file', 'two rules have one id');
  return {
    digest: digestJson(json),
    rules,
    tables: readTables(json['tables']),
    classes: [...new Set(rules.map((rule) => rule.class))].sort(),
  };
}

function bad(where: string, why: string): VallumError {
  return new VallumError('DETECT_RULES', `the detection rules are broken: ${where}: ${why}`, {}, 'internal');
}

function text(object: JsonObject, key: string, where: string): string {
  const value = object[key];
  if (typeof value !== 'string' || value === '') throw bad(where, `\`${key}\` is missing`);
  return value;
}

function oneOf<T extends string>(object: JsonObject, key: string, allowed: readonly T[], where: string): T {
  const value = text(object, key, where);
  const found = allowed.find((entry) => entry === value);
  if (found === undefined) throw bad(where, `\`${key}\` is ${JSON.stringify(value)}`);
  return found;
}

/** A token with a form of its own: a fixed beginning, the rest, and the characters that go on where it does not end. */
interface Token {
  readonly prefix: string;
  readonly body: string;
  readonly before: string;
  readonly after: string;
  /** What, directly before the beginning, says that it is none in bytes either. */
  readonly bytesBefore: string;
}

const WORD = '[A-Za-z0-9]';
/** Inside a long run of base64 every short beginning turns up by chance: 148 times in 50 MB of it, before this was looked at. */
const RUN = '[A-Za-z0-9+/_-]{24}';

function readToken(json: JsonObject, id: string): Token {
  const { before = WORD, after = WORD, bytesBefore = RUN } = json;
  if (typeof before !== 'string' || typeof after !== 'string' || typeof bytesBefore !== 'string')
    throw bad(id, '`before`, `after` and `bytesBefore` are texts');
  return {
    prefix: text(json, 'prefix', id),
    body: text(json, 'body', id),
    before,
    after,
    bytesBefore,
  };
}

type Forms = Pick<Rule, 'pattern' | 'inBytes' | 'begins' | 'announced'>;

function readForms(json: JsonObject, id: string): Forms {
  const { token, patternInBytes, begins } = json;
  const announced = json['announced'] === true;
  if (isJsonObject(token)) {
    // The beginning comes first and what must not precede it second, so that the search runs for fixed characters.
    const { prefix, body, before, after, bytesBefore } = readToken(token, id);
    const notAfter = (edge: string): string => `(?<!${edge}${prefix})`;
    return {
      pattern: new RegExp(`${prefix}${notAfter(before)}${body}(?!${after})`, 'g'),
      inBytes: new RegExp(`${prefix}${notAfter(bytesBefore)}${body}`, 'g'),
      begins: typeof begins === 'string' ? begins : prefix,
      announced,
    };
  }
  const pattern = text(json, 'pattern', id);
  const inBytes = typeof patternInBytes === 'string' ? patternInBytes : pattern;
  return {
    pattern: new RegExp(pattern, 'g'),
    ...(announced ? {} : { inBytes: new RegExp(inBytes, 'g') }),
    ...(typeof begins === 'string' ? { begins } : {}),
    announced,
  };
}

function readRule(json: JsonValue, index: number): Rule {
  if (!isJsonObject(json)) throw bad(`rule ${index}`, 'it is not an object');
  const id = text(json, 'id', `rule ${index}`);
  const { context, digits } = json;
  const anchors = readAnchors(json, id);
  return {
    id,
    class: text(json, 'class', id),
    kind: oneOf(json, 'kind', ['personal', 'secret'], id),
    severity: oneOf(json, 'severity', SEVERITIES, id),
    title: text(json, 'title', id),
    ...readForms(json, id),
    check: oneOf(json, 'check', Object.keys(CHECKS) as CheckName[], id),
    mask: oneOf(json, 'mask', Object.keys(MASKS) as MaskName[], id),
    ...(anchors === undefined ? {} : { anchors }),
    ...(typeof digits === 'number' ? { digits } : {}),
    ...(isJsonObject(context) ? { context: readContext(context, id) } : {}),
  };
}

/** Those that the rule names; else the spellings of its fixed beginning; else what its words of context have in any case. */
function readAnchors(json: JsonObject, id: string): readonly string[] | undefined {
  const { anchors, token, context } = json;
  if (anchors !== undefined) return strings(anchors, `${id}: anchors`).map((anchor) => anchor.toLowerCase());
  if (isJsonObject(token)) return spellings(text(token, 'prefix', id), id);
  if (!isJsonObject(context)) return undefined;
  return strings(context['words'], `${id}: context.words`).map((word) => longestPiece(word, id));
}

/** The ASCII part of a word of context, where its letters with accents stand aside. */
function longestPiece(word: string, id: string): string {
  const pieces = word.replace(/[^\p{L}\p{N}]/gu, ' ').match(/[a-z0-9 ]+/g) ?? [];
  const piece = pieces.reduce((best, next) => (next.length > best.length ? next : best), '');
  if (piece.trim().length < 2) throw bad(id, `the word ${JSON.stringify(word)} has nothing to look for`);
  return piece;
}

/** All texts that a beginning of literals, `\\.`, `[ab]` and `(?:a|b)` stands for. */
function spellings(prefix: string, id: string): readonly string[] {
  const parts = prefix.match(/\\.|\[[A-Za-z]+\]|\(\?:[a-z|]+\)|[A-Za-z0-9_/-]/g) ?? [];
  if (parts.join('') !== prefix) throw bad(id, 'its `prefix` is not plain: name its `anchors`');
  return parts
    .map((part) => {
      if (part.startsWith('[')) return [...part.slice(1, -1)];
      if (part.startsWith('(')) return part.slice(3, -1).split('|');
      return [part.replace('\\', '')];
    })
    .reduce((texts, choices) => texts.flatMap((start) => choices.map((choice) => start + choice)), [''])
    .map((spelling) => spelling.toLowerCase());
}

function readContext(json: JsonObject, id: string): NonNullable<Rule['context']> {
  const words = strings(json['words'], `${id}: context.words`);
  const { before, after } = json;
  if (typeof before !== 'number' || typeof after !== 'number') throw bad(id, '`context` needs `before` and `after`');
  const escaped = words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '[ _-]'));
  return { words: new RegExp(`(?<!\\p{L})(?:${escaped.join('|')})(?!\\p{L})`, 'u'), before, after };
}

function strings(json: JsonValue | undefined, where: string): readonly string[] {
  if (!Array.isArray(json) || !json.every((entry) => typeof entry === 'string')) throw bad(where, 'a list of texts');
  return json;
}

function readTables(json: JsonObject): Tables {
  return {
    cardIssuers: json['cardIssuers'] as unknown as Tables['cardIssuers'],
    ibanLengths: json['ibanLengths'] as unknown as Tables['ibanLengths'],
    ssnNeverIssued: strings(json['ssnNeverIssued'], 'ssnNeverIssued'),
    ipv4NotPublic: strings(json['ipv4NotPublic'], 'ipv4NotPublic').map(readCidr),
    callingCodes: new Set(strings(json['callingCodes'], 'callingCodes').flatMap(expandRange)),
    placeholders: strings(json['placeholders'], 'placeholders'),
  };
}

function readCidr(cidr: string): { low: number; high: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const low = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { low, high: low + 2 ** (32 - Number(bits)) - 1 };
}

function expandRange(entry: string): string[] {
  const [first = '', last = first] = entry.split('-');
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, step) => String(Number(first) + step));
}
