// The organisation's requirements are a floor; a project may only tighten them. Somebody who can edit `vallum.yaml` is
// the attacker here: every way of asking for less is an error that names the key and the floor.
import type { JsonValue, KindCatalog } from '@vallum/core';
import { canonicalJson, VallumError } from '@vallum/core';
import type { MetricRule, ParameterRule, ParameterRules, Requirement } from './requirement.js';
import {
  FLOOR,
  invalid,
  known,
  readActions,
  readFix,
  readId,
  readMetric,
  readParameters,
  readRequirement,
  REQUIREMENT_KEYS,
} from './requirement.js';

function loosened(key: string, asked: JsonValue, floor: JsonValue): VallumError {
  return new VallumError(
    'POLICY_LOOSENED',
    `requirements.${key} is ${JSON.stringify(asked)}, which loosens the floor of ${JSON.stringify(floor)}`,
    { fix: 'a project may only tighten the policy of its organisation; ask for a waiver instead' },
  );
}

/**
 * The floor with what a project adds or tightens.
 * @param project the list under `requirements` in `vallum.yaml`: an entry with the id of a floor requirement gives only
 * what it tightens, any other entry is a whole requirement. Each of these lines keeps its floor under `FLOOR`
 * @throws VallumError `POLICY_LOOSENED` or `POLICY_KEY`
 */
export function effectiveRequirements(
  floor: readonly Requirement[],
  project: JsonValue | undefined,
  kinds: KindCatalog,
): readonly Requirement[] {
  if (project === undefined) return floor;
  if (!Array.isArray(project)) throw invalid('requirements', 'is not a list');
  const result = new Map(floor.map((requirement) => [requirement.id, requirement]));
  const seen = new Set<string>();
  for (const [index, entry] of (project as readonly JsonValue[]).entries()) {
    const where = `requirements[${index}]`;
    const id = readId(known(entry, where, REQUIREMENT_KEYS)['id'], where);
    if (seen.has(id)) throw invalid('requirements', `has the id ${id} twice`);
    seen.add(id);
    const base = result.get(id);
    result.set(
      id,
      base === undefined ? { ...readRequirement(entry, where, kinds), [FLOOR]: null } : tighten(base, entry),
    );
  }
  return [...result.values()];
}

function tighten(floor: Requirement, entry: JsonValue): Requirement {
  const where = `requirements.${floor.id}`;
  const fields = known(entry, where, REQUIREMENT_KEYS);
  const { kind } = fields;
  if (kind !== undefined && kind !== floor.kind) throw loosened(`${floor.id}.kind`, kind, floor.kind);
  const metric = tightenMetric(floor, fields['metric']);
  const parameters = tightenParameters(floor, fields['parameters']);
  return {
    id: floor.id,
    kind: floor.kind,
    actions: fields['actions'] === undefined ? floor.actions : tightenActions(floor, fields['actions']),
    ...(metric === undefined ? {} : { metric }),
    ...(parameters === undefined ? {} : { parameters }),
    fix: fields['fix'] === undefined ? floor.fix : readFix(fields['fix'], where),
    [FLOOR]: floor,
  };
}

function tightenActions(floor: Requirement, json: JsonValue): readonly string[] {
  const actions = readActions(json, `requirements.${floor.id}`);
  if (!floor.actions.every((action) => actions.includes(action)))
    throw loosened(`${floor.id}.actions`, json, floor.actions);
  return actions;
}

function tightenMetric(floor: Requirement, json: JsonValue | undefined): MetricRule | undefined {
  if (json === undefined) return floor.metric;
  const key = `${floor.id}.metric`;
  const metric = readMetric(json, `requirements.${key}`, floor.metric?.id);
  if (floor.metric === undefined) return metric;
  if (metric.id !== floor.metric.id) throw loosened(`${key}.id`, metric.id, floor.metric.id);
  return { ...bounds(floor.metric, metric, key), id: metric.id };
}

interface Bounds {
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Both bounds of the floor stand, unless the asked ones are tighter. */
function bounds(floor: Bounds, asked: Bounds, key: string): Bounds {
  if (floor.atMost !== undefined && asked.atMost !== undefined && asked.atMost > floor.atMost)
    throw loosened(`${key}.atMost`, asked.atMost, floor.atMost);
  if (floor.atLeast !== undefined && asked.atLeast !== undefined && asked.atLeast < floor.atLeast)
    throw loosened(`${key}.atLeast`, asked.atLeast, floor.atLeast);
  const atMost = asked.atMost ?? floor.atMost;
  const atLeast = asked.atLeast ?? floor.atLeast;
  return { ...(atMost === undefined ? {} : { atMost }), ...(atLeast === undefined ? {} : { atLeast }) };
}

function tightenParameters(floor: Requirement, json: JsonValue | undefined): ParameterRules | undefined {
  if (json === undefined) return floor.parameters;
  const asked = readParameters(json, `requirements.${floor.id}.parameters`);
  const result = new Map<string, ParameterRule>(Object.entries(floor.parameters ?? {}));
  for (const [name, rule] of Object.entries(asked)) {
    const key = `${floor.id}.parameters.${name}`;
    const base = result.get(name);
    if (rule.free === true && base?.free !== true) throw loosened(`${key}.free`, true, false);
    result.set(name, base === undefined || base.free === true ? rule : tightenRule(base, rule, key));
  }
  return Object.fromEntries(result);
}

function tightenRule(floor: ParameterRule, asked: ParameterRule, key: string): ParameterRule {
  const same = (a: JsonValue, b: JsonValue): boolean => canonicalJson(a) === canonicalJson(b);
  const { equals, oneOf } = floor;
  if (equals !== undefined && asked.equals !== undefined && !same(equals, asked.equals))
    throw loosened(`${key}.equals`, asked.equals, equals);
  if (oneOf !== undefined && asked.oneOf?.every((value) => oneOf.some((allowed) => same(allowed, value))) === false)
    throw loosened(`${key}.oneOf`, asked.oneOf, oneOf);
  return { ...floor, ...asked, ...bounds(floor, asked, key) };
}
