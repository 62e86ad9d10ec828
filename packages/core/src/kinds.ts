// The catalog of evidence kinds as code reads it: freshness, roles and waivable reasons are data, never code.
import type { JsonValue } from './json.js';
import { isJsonObject } from './json.js';
import { VallumError } from './errors.js';

export interface EvidenceKind {
  readonly id: string;
  /** `version`: valid for that subject digest; else an ISO 8601 duration counted from finishedAt. */
  readonly freshness: string;
  /** Limit on top of `version`. */
  readonly maxAge?: string;
  /** A statement turns stale when the rules of its detector change. */
  readonly rulesetChange: boolean;
  /** The role that may say it; default `produce:<id>`. */
  readonly role: string;
  /** Reason codes of an inconclusive outcome that a waiver may accept. */
  readonly waivable: readonly string[];
  /** The newest statement about the subject's *name* decides: another digest under it is a refusal. */
  readonly bindsName: boolean;
}

export type KindCatalog = ReadonlyMap<string, EvidenceKind>;

/** Reads `catalog/evidence-kinds.json`. */
export function readKinds(json: JsonValue): KindCatalog {
  if (!isJsonObject(json) || !Array.isArray(json['kinds']))
    throw new VallumError('CATALOG_KINDS', 'the catalog of evidence kinds has no list `kinds`', {}, 'internal');
  const kinds = new Map<string, EvidenceKind>();
  for (const entry of json['kinds'] as readonly JsonValue[]) {
    if (!isJsonObject(entry) || typeof entry['id'] !== 'string' || typeof entry['freshness'] !== 'string')
      throw new VallumError('CATALOG_KINDS', 'an evidence kind lacks id or freshness', {}, 'internal');
    const id = entry['id'];
    kinds.set(id, {
      id,
      freshness: entry['freshness'],
      ...(typeof entry['maxAge'] === 'string' ? { maxAge: entry['maxAge'] } : {}),
      rulesetChange: entry['rulesetChange'] === true,
      role: typeof entry['role'] === 'string' ? entry['role'] : `produce:${id}`,
      waivable: Array.isArray(entry['waivable']) ? (entry['waivable'] as string[]) : [],
      bindsName: entry['bindsName'] === true,
    });
  }
  return kinds;
}
