// Reads a rules file. Somebody else may have written it: size, number of rules, patterns and expressions are bounded, and
// an unknown key is an error, because a misspelt rule is a rule that nobody checks.
import type { JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, SEVERITIES, sha256 } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import { RuleFields, refuseRules } from './fields.js';
import { compilePattern } from './pattern/pattern.js';
import type { DataRule, DataRules } from './rule.js';

export const RULES_SCHEMA = 'vallum/data-rules/v1';
export const MAX_RULES_BYTES = 4 * 1024 * 1024;
const MAX_RULES = 10_000;
const ID = /^[a-z0-9]+(?:[-_.][a-z0-9]+)*$/;
const TYPES = ['number', 'boolean', 'time', 'text'] as const;
const CHECKS = [
  'type',
  'missing',
  'whole',
  'range',
  'values',
  'length',
  'pattern',
  'expression',
  'rows',
  'columns',
  'unique',
  'fresh',
  'order',
  'sum',
  'balance',
] as const;

/** @throws VallumError `DATA_RULES`, naming the rule and the key; `DATA_PATTERN`; `YAML_INVALID` */
export function readDataRules(bytes: Uint8Array): DataRules {
  const value = readYaml(decode(bytes), { maxBytes: MAX_RULES_BYTES, maxDepth: 8, maxNodes: 500_000 });
  if (!isJsonObject(value)) throw refuseRules('the file is no mapping of keys');
  const fields = new RuleFields('the file', value);
  if (fields.get('schema') !== RULES_SCHEMA) throw refuseRules(`the key "schema" is not "${RULES_SCHEMA}"`);
  const list = fields.get('rules');
  if (!Array.isArray(list) || list.length > MAX_RULES)
    throw refuseRules(`the key "rules" is no list of at most ${MAX_RULES} rules`);
  fields.end();
  const rules = (list as readonly JsonValue[]).map((each, index) => readRule(each, index));
  const ids = new Set<string>();
  for (const { id } of rules) {
    if (ids.has(id)) throw refuseRules(`two rules have the id "${id}"`);
    ids.add(id);
  }
  return { digest: sha256(bytes), rules };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuseRules('the file is not UTF-8');
  }
}

function readRule(value: JsonValue, index: number): DataRule {
  if (!isJsonObject(value)) throw refuseRules(`rule ${index + 1} is no mapping of keys`);
  const id = value['id'];
  if (typeof id !== 'string' || id.length > 100 || !ID.test(id))
    throw refuseRules(`rule ${index + 1}: the key "id" is small letters and digits with "-", "_" or "." between them`);
  const fields = new RuleFields(`rule "${id}"`, value);
  fields.get('id');
  const why = fields.get('why');
  if (why !== undefined && typeof why !== 'string') throw fields.refuse('the key "why" is no text');
  const severity = fields.oneOf('severity', SEVERITIES, 'high');
  const rule = { id, severity, why, ...checkOf(fields) };
  fields.end();
  return rule;
}

type Check = DataRule extends infer Rule
  ? Rule extends DataRule
    ? Omit<Rule, 'id' | 'severity' | 'why'>
    : never
  : never;

function checkOf(fields: RuleFields): Check {
  const check = fields.oneOf('check', CHECKS);
  switch (check) {
    case 'rows':
      return { check, atMost: 0, ...spanOf(fields) };
    case 'columns':
      return { check, atMost: 0, columns: fields.names('columns'), only: fields.flag('only') };
    case 'fresh':
      return { check, atMost: 0, column: fields.text('column'), withinMs: fields.duration('within') };
    case 'sum': {
      const within = fields.number('within', 0);
      if (within < 0) throw fields.refuse('the key "within" is below 0');
      return { check, atMost: 0, column: fields.text('column'), equals: fields.number('equals'), within };
    }
    case 'balance':
      return { check, atMost: 0, column: fields.text('column'), minimumShare: fields.share('minimumShare') };
    case 'type':
      return { check, atMost: 0, column: fields.text('column'), type: fields.oneOf('type', TYPES) };
    case 'unique':
      return { check, atMost: fields.share('atMost', 0), columns: fields.names('columns') };
    case 'order': {
      const order = fields.oneOf('order', ['increasing', 'decreasing']);
      const atMost = fields.share('atMost', 0);
      return { check, atMost, column: fields.text('column'), order, strict: fields.flag('strict') };
    }
    case 'expression':
      return { check, atMost: fields.share('atMost', 0), expression: fields.text('expression') };
    case 'missing':
    case 'whole':
      return { check, atMost: fields.share('atMost', 0), column: fields.text('column') };
    case 'range':
      return { check, atMost: fields.share('atMost', 0), column: fields.text('column'), ...boundsOf(fields) };
    case 'length':
      return { check, atMost: fields.share('atMost', 0), column: fields.text('column'), ...spanOf(fields) };
    case 'values':
      return {
        check,
        atMost: fields.share('atMost', 0),
        column: fields.text('column'),
        values: fields.plainValues('values'),
      };
    case 'pattern': {
      const pattern = fields.text('pattern');
      try {
        compilePattern(pattern);
      } catch (error) {
        throw fields.refuse(messageOf(error));
      }
      return { check, atMost: fields.share('atMost', 0), column: fields.text('column'), pattern };
    }
  }
}

function spanOf(fields: RuleFields): { readonly min: number; readonly max: number } {
  const min = fields.count('min', 0);
  const max = fields.count('max', Infinity);
  if (min === 0 && max === Infinity) throw fields.refuse('neither "min" nor "max" is given');
  return ordered(fields, min, max);
}

function boundsOf(fields: RuleFields): { readonly min: number; readonly max: number } {
  return ordered(fields, fields.bound('min', -Infinity), fields.bound('max', Infinity));
}

function ordered(fields: RuleFields, min: number, max: number): { readonly min: number; readonly max: number } {
  if (min > max) throw fields.refuse('"min" is above "max"');
  if (min === -Infinity && max === Infinity) throw fields.refuse('neither "min" nor "max" is given');
  return { min, max };
}
