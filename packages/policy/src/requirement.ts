// Requirements: policy as data. A line says for which actions which kind of evidence must be there, with which figure
// within which bound and at least which parameters. People write these lines, so each error names the key.
import type { JsonObject, JsonValue, KindCatalog } from '@vallum/core';
import { isJsonObject, VallumError } from '@vallum/core';
import { didYouMean } from './nearest.js';

/** The acts that a verdict answers for. */
export const VERDICT_ACTIONS = ['promote', 'deploy', 'export'] as const;

export interface MetricRule {
  readonly id: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface ParameterRule {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly equals?: JsonValue;
  readonly oneOf?: readonly JsonValue[];
  /** Every value is as strong as any other; without this a parameter without direction has to stay the same. */
  readonly free?: true;
}

export type ParameterRules = Readonly<Record<string, ParameterRule>>;

/** A symbol, so that it is never written out with a requirement, nor read from a file. */
export const FLOOR: unique symbol = Symbol('floor');

export interface Requirement {
  readonly id: string;
  readonly kind: string;
  readonly actions: readonly string[];
  readonly metric?: MetricRule;
  readonly parameters?: ParameterRules;
  /** What to do when it fails, one sentence. */
  readonly fix: string;
  /**
   * The line of the organisation on which a project's line stands; null where only the project asks. Without it the
   * line is itself the floor.
   */
  readonly [FLOOR]?: Requirement | null;
}

/**
 * Which way a parameter is stronger when a later run replaces a failing one. Only the floor says so: a project that gave
 * a seed a direction could try seeds until one passes.
 */
export function supersedingRules({ [FLOOR]: floor, parameters }: Requirement): ParameterRules | undefined {
  return floor === undefined ? parameters : floor?.parameters;
}

export const REQUIREMENT_KEYS = ['id', 'kind', 'actions', 'metric', 'parameters', 'fix'] as const;
const METRIC_KEYS = ['id', 'atMost', 'atLeast'] as const;
const RULE_KEYS = ['atLeast', 'atMost', 'equals', 'oneOf', 'free'] as const;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const MAX_REQUIREMENTS = 500;

export function invalid(where: string, why: string, fix = 'see the README of the policy package'): VallumError {
  return new VallumError('POLICY_KEY', `${where} ${why}`, { fix });
}

/** An object whose keys are all known. */
export function known(value: JsonValue | undefined, where: string, keys: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw invalid(where, 'is not a mapping of keys');
  for (const key of Object.keys(value))
    if (!keys.includes(key))
      throw invalid(where, `has the unknown key ${JSON.stringify(key.slice(0, 80))}`, didYouMean(key, keys));
  return value;
}

/** @throws VallumError `POLICY_KEY` that names the key, and for an unknown one its nearest valid neighbour */
export function readRequirements(
  json: JsonValue | undefined,
  where: string,
  kinds: KindCatalog,
): readonly Requirement[] {
  if (!Array.isArray(json) || json.length > MAX_REQUIREMENTS) throw invalid(where, 'is not a list of requirements');
  const ids = new Set<string>();
  return (json as readonly JsonValue[]).map((entry, index) => {
    const requirement = readRequirement(entry, `${where}[${index}]`, kinds);
    if (ids.has(requirement.id)) throw invalid(where, `has the id ${requirement.id} twice`);
    ids.add(requirement.id);
    return requirement;
  });
}

export function readRequirement(json: JsonValue, where: string, kinds: KindCatalog): Requirement {
  const fields = known(json, where, REQUIREMENT_KEYS);
  const id = readId(fields['id'], where);
  const at = `${where} (${id})`;
  const kind = fields['kind'];
  if (typeof kind !== 'string' || !kinds.has(kind))
    throw invalid(`${at}.kind`, 'is not a kind of evidence', didYouMean(textOf(kind), [...kinds.keys()]));
  return {
    id,
    kind,
    actions: readActions(fields['actions'], at),
    ...(fields['metric'] === undefined ? {} : { metric: readMetric(fields['metric'], `${at}.metric`) }),
    ...(fields['parameters'] === undefined
      ? {}
      : { parameters: readParameters(fields['parameters'], `${at}.parameters`) }),
    fix: readFix(fields['fix'], at),
  };
}

/** The wrong word, as far as it is one. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function readId(id: JsonValue | undefined, where: string): string {
  if (typeof id !== 'string' || !ID.test(id)) throw invalid(`${where}.id`, 'is not an id of a requirement');
  return id;
}

export function readFix(fix: JsonValue | undefined, where: string): string {
  if (typeof fix !== 'string' || fix.trim() === '' || fix.length > 500)
    throw invalid(`${where}.fix`, 'is not a sentence');
  return fix;
}

export function readActions(json: JsonValue | undefined, where: string): readonly string[] {
  if (!Array.isArray(json) || json.length === 0) throw invalid(`${where}.actions`, 'names no action');
  for (const action of json as readonly JsonValue[])
    if (!(VERDICT_ACTIONS as readonly JsonValue[]).includes(action))
      throw invalid(
        `${where}.actions`,
        `holds ${JSON.stringify(action)}, which is no action`,
        didYouMean(textOf(action), VERDICT_ACTIONS),
      );
  return json as readonly string[];
}

function readNumber(value: JsonValue | undefined, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(where, 'is not a number');
  return value;
}

/** `id` may be left out where a project only tightens the metric that its floor names. */
export function readMetric(json: JsonValue, where: string, inherited?: string): MetricRule {
  const fields = known(json, where, METRIC_KEYS);
  const id = fields['id'] ?? inherited;
  if (typeof id !== 'string' || id === '') throw invalid(`${where}.id`, 'does not name a metric');
  if (fields['atMost'] === undefined && fields['atLeast'] === undefined)
    throw invalid(where, 'has no bound', 'give atMost or atLeast: a figure without a threshold never passes');
  return {
    id,
    ...(fields['atMost'] === undefined ? {} : { atMost: readNumber(fields['atMost'], `${where}.atMost`) }),
    ...(fields['atLeast'] === undefined ? {} : { atLeast: readNumber(fields['atLeast'], `${where}.atLeast`) }),
  };
}

export function readParameters(json: JsonValue, where: string): ParameterRules {
  if (!isJsonObject(json)) throw invalid(where, 'is not a mapping of parameters');
  const rules = Object.entries(json).map(([name, rule]) => [name, readRule(rule, `${where}.${name}`)] as const);
  return Object.fromEntries(rules);
}

function readRule(json: JsonValue, where: string): ParameterRule {
  const fields = known(json, where, RULE_KEYS);
  if (Object.keys(fields).length === 0) throw invalid(where, 'has no condition', `give one of ${RULE_KEYS.join(', ')}`);
  const { equals, oneOf, free } = fields;
  if (free !== undefined && (free !== true || Object.keys(fields).length > 1))
    throw invalid(`${where}.free`, 'is not true, or stands beside a condition');
  if (oneOf !== undefined && (!Array.isArray(oneOf) || oneOf.length === 0))
    throw invalid(`${where}.oneOf`, 'is not a list');
  return {
    ...(fields['atLeast'] === undefined ? {} : { atLeast: readNumber(fields['atLeast'], `${where}.atLeast`) }),
    ...(fields['atMost'] === undefined ? {} : { atMost: readNumber(fields['atMost'], `${where}.atMost`) }),
    ...(equals === undefined ? {} : { equals }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf as readonly JsonValue[] }),
    ...(free === undefined ? {} : { free: true }),
  };
}
