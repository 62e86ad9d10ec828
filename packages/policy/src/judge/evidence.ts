// Reads an evidence predicate as far as judging needs it. Unknown fields are ignored; a malformed one counts as absent.
import type { EvidencePredicate, Input, JsonObject, JsonValue, KindCatalog, Metric } from '@vallum/core';
import { durationMs, isJsonObject, isSha256, parseTime } from '@vallum/core';

export interface ReadEvidence {
  readonly predicate: EvidencePredicate;
  readonly finishedAt: Date;
  readonly expiresAt: Date | undefined;
}

/** @returns undefined when a field that decides is missing or of the wrong type */
export function readEvidence(json: JsonObject): ReadEvidence | undefined {
  const { tool, parameters, inputs, outcome, reason, findings, metrics } = json;
  if (!isJsonObject(tool) || !isJsonObject(parameters) || !texts(tool, 'name', 'version', 'control')) return undefined;
  if (tool['rules'] !== undefined && !(isJsonObject(tool['rules']) && isSha256(tool['rules']['sha256'])))
    return undefined;
  if (outcome !== 'pass' && outcome !== 'fail' && outcome !== 'inconclusive') return undefined;
  if (reason !== undefined && !(isJsonObject(reason) && texts(reason, 'code', 'message'))) return undefined;
  if (!listOf(inputs, isInput) || !listOf(findings, isFinding) || !listOf(metrics, isMetric)) return undefined;
  const finishedAt = timeOf(json['finishedAt']);
  const expiresAt = json['expiresAt'] === null ? undefined : timeOf(json['expiresAt']);
  if (finishedAt === undefined || (json['expiresAt'] !== null && expiresAt === undefined)) return undefined;
  return { predicate: json as unknown as EvidencePredicate, finishedAt, expiresAt };
}

function texts(object: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => typeof object[name] === 'string');
}

function listOf(value: JsonValue | undefined, is: (item: JsonValue) => boolean): boolean {
  return Array.isArray(value) && (value as readonly JsonValue[]).every(is);
}

function isInput(item: JsonValue): boolean {
  if (!isJsonObject(item) || typeof item['name'] !== 'string') return false;
  return item['absent'] === true || (isJsonObject(item['digest']) && isSha256(item['digest']['sha256']));
}

function isFinding(item: JsonValue): boolean {
  return isJsonObject(item) && texts(item, 'rule', 'severity', 'message') && isJsonObject(item['location']);
}

function isMetric(item: JsonValue): boolean {
  if (!isJsonObject(item) || typeof item['id'] !== 'string' || typeof item['value'] !== 'number') return false;
  if (item['n'] !== undefined && typeof item['n'] !== 'number') return false;
  const { interval } = item;
  return (
    interval === undefined ||
    (isJsonObject(interval) && typeof interval['low'] === 'number' && typeof interval['high'] === 'number')
  );
}

function timeOf(value: JsonValue | undefined): Date | undefined {
  try {
    return typeof value === 'string' ? parseTime(value) : undefined;
  } catch {
    return undefined;
  }
}

/** When the statement stops to count: its own date, the freshness of its kind and the kind's greatest age. */
export function expiryOf(evidence: ReadEvidence, kind: NonNullable<ReturnType<KindCatalog['get']>>): Date | undefined {
  const ages = [kind.freshness === 'version' ? undefined : kind.freshness, kind.maxAge];
  const times = ages.flatMap((age) => (age === undefined ? [] : [evidence.finishedAt.getTime() + durationMs(age)]));
  if (evidence.expiresAt !== undefined) times.push(evidence.expiresAt.getTime());
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** The same inputs with the same digests, in any order. */
export function differingInputs(said: readonly Input[], planned: readonly Input[]): readonly string[] {
  const form = (inputs: readonly Input[]): Map<string, string> =>
    new Map(inputs.map((input) => [input.name, 'absent' in input ? 'absent' : input.digest.sha256]));
  const a = form(said);
  const b = form(planned);
  if (a.size !== said.length || b.size !== planned.length) return ['an input that is named twice'];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}

export function metricsOf(predicate: EvidencePredicate, id: string): readonly Metric[] {
  return predicate.metrics.filter((metric) => metric.id === id);
}
