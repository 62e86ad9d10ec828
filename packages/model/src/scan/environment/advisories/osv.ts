// Advisories in the OSV format (https://ossf.github.io/osv-schema/), as the team supplies them: nothing is fetched. Only the
// PyPI ecosystem is read. The list comes from outside: its entries are bounded, and one that cannot be read is counted,
// since an attacker who can break one line would otherwise silence it.
import type { JsonObject, JsonValue, Severity } from '@vallum/core';
import { isJsonObject, SEVERITIES } from '@vallum/core';
import { normalName } from '@vallum/formats';
import { baseScore, severityOfScore } from './cvss.js';

export interface AdvisoryEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  readonly version: string;
}

export interface Affected {
  /** As PEP 503 normalises it. */
  readonly name: string;
  readonly versions: readonly string[];
  readonly ranges: readonly (readonly AdvisoryEvent[])[];
}

export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Undefined where the advisory does not say. */
  readonly severity?: Severity;
  readonly exploited: boolean;
  readonly affected: readonly Affected[];
}

export type ReadAdvisory =
  | { readonly kind: 'advisory'; readonly advisory: Advisory }
  | { readonly kind: 'withdrawn' | 'other-ecosystem' }
  | { readonly kind: 'unread'; readonly why: string };

const MAX_EVENTS = 1_000;
const MAX_VERSIONS = 20_000;
const MAX_AFFECTED = 1_000;

export function readAdvisory(value: JsonValue): ReadAdvisory {
  if (!isJsonObject(value)) return { kind: 'unread', why: 'it is no object' };
  const id = text(value['id']);
  if (!/^[A-Za-z0-9][A-Za-z0-9:._-]{0,99}$/.test(id)) return { kind: 'unread', why: 'it has no id' };
  if (text(value['withdrawn']) !== '') return { kind: 'withdrawn' };
  const affected = objects(value['affected']);
  const own = affected.filter((entry) => /^pypi$/i.test(ecosystemOf(entry)));
  if (own.length === 0)
    return affected.length === 0 ? { kind: 'unread', why: 'it affects nothing' } : { kind: 'other-ecosystem' };
  if (own.length > MAX_AFFECTED) return { kind: 'unread', why: `it affects more than ${MAX_AFFECTED} packages` };
  const read = own.map(readAffected);
  const broken = read.find((one) => typeof one === 'string');
  if (typeof broken === 'string') return { kind: 'unread', why: broken };
  const severity = severityOf(value, own);
  return {
    kind: 'advisory',
    advisory: {
      id,
      aliases: list(value['aliases'])
        .map(text)
        .filter((alias) => alias !== '')
        .slice(0, 50),
      summary: text(value['summary']).slice(0, 200),
      ...(severity === undefined ? {} : { severity }),
      exploited: isExploited(value) || own.some(isExploited),
      affected: read.filter((one) => typeof one !== 'string'),
    },
  };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
const objects = (value: JsonValue | undefined): readonly JsonObject[] => list(value).filter(isJsonObject);
const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** `PyPI`, or with a suffix for a part of it. */
function ecosystemOf(entry: JsonObject): string {
  return text(object(entry['package'])['ecosystem']).split(':')[0] ?? '';
}

function readAffected(entry: JsonObject): Affected | string {
  const name = text(object(entry['package'])['name']);
  const versions = list(entry['versions']).map(text);
  if (name === '') return 'a package in it has no name';
  if (versions.length > MAX_VERSIONS) return `it lists more than ${MAX_VERSIONS} versions`;
  const ranges: (readonly AdvisoryEvent[])[] = [];
  for (const range of objects(entry['ranges'])) {
    // Commits say nothing about an installed version; OSV then lists the versions too.
    if (!/^(?:ECOSYSTEM|SEMVER)$/.test(text(range['type']))) continue;
    const events = objects(range['events']).flatMap(readEvent);
    if (events.length > MAX_EVENTS) return `a range in it has more than ${MAX_EVENTS} events`;
    if (events.length !== objects(range['events']).length) return 'an event in it has another form';
    ranges.push(events);
  }
  if (ranges.length === 0 && versions.length === 0) return `it says no versions of ${name.slice(0, 100)}`;
  return { name: normalName(name), versions, ranges };
}

function readEvent(event: JsonObject): readonly AdvisoryEvent[] {
  for (const kind of ['introduced', 'fixed', 'last_affected', 'limit'] as const)
    if (typeof event[kind] === 'string') return [{ kind, version: event[kind] }];
  return [];
}

const WORDS: Readonly<Record<string, Severity>> = { moderate: 'medium', important: 'high' };

/** The worst of what the advisory says: CVSS v3 vectors, and the words of its database. */
function severityOf(value: JsonObject, own: readonly JsonObject[]): Severity | undefined {
  const said: Severity[] = [];
  for (const place of [value, ...own]) {
    for (const entry of objects(place['severity'])) {
      const score = baseScore(text(entry['score']));
      if (score !== undefined) said.push(severityOfScore(score));
    }
    for (const key of ['database_specific', 'ecosystem_specific']) {
      const word = text(object(place[key])['severity']).toLowerCase();
      const severity = WORDS[word] ?? SEVERITIES.find((known) => known === word);
      if (severity !== undefined) said.push(severity);
    }
  }
  return SEVERITIES.find((severity) => said.includes(severity));
}

/** Databases mark what is exploited in the wild in fields of their own. */
function isExploited(place: JsonObject): boolean {
  return ['database_specific', 'ecosystem_specific'].some((key) => {
    const fields = object(place[key]);
    return ['known_exploited', 'known-exploited', 'exploited', 'kev', 'cisa_kev'].some((name) => {
      const said = fields[name];
      return said === true || isJsonObject(said) || /^(?:true|yes|\d{4}-\d\d-\d\d)/i.test(text(said));
    });
  });
}
