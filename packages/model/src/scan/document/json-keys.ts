// Walks JSON and YAML values and applies the key rules: configuration that makes a loader import or build something.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { examineKerasIn } from '../keras/examine-config.js';
import type { JsonKeyRule } from '../rule-types.js';
import { examineTemplatesIn } from '../template/examine-template.js';

export interface KeyMatch {
  readonly rule: JsonKeyRule;
  /** `model.layers[3].module` */
  readonly path: string;
  readonly value: string;
}

const MAX_MATCHES = 100;

export class KeyRules {
  readonly #byKey = new Map<string, { rule: JsonKeyRule; allow: readonly RegExp[]; deny: readonly RegExp[] }[]>();

  constructor(rules: readonly JsonKeyRule[]) {
    for (const rule of rules) {
      const compiled = {
        rule,
        allow: (rule.allow ?? []).map((text) => new RegExp(text)),
        deny: (rule.deny ?? []).map((text) => new RegExp(text)),
      };
      for (const key of rule.keys) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), compiled]);
    }
  }

  match(root: JsonValue): readonly KeyMatch[] {
    const found: KeyMatch[] = [];
    const queue: { value: JsonValue; path: string }[] = [{ value: root, path: '' }];
    for (let next = queue.pop(); next !== undefined && found.length < MAX_MATCHES; next = queue.pop()) {
      const { value, path } = next;
      if (Array.isArray(value))
        for (const [index, item] of (value as readonly JsonValue[]).entries()) {
          if (typeof item === 'object' && item !== null) queue.push({ value: item, path: `${path}[${index}]` });
        }
      else if (isJsonObject(value))
        for (const [key, member] of Object.entries(value)) {
          const at = path === '' ? key : `${path}.${key}`;
          this.#look(value, key, member, at.slice(0, 300), found);
          if (typeof member === 'object' && member !== null) queue.push({ value: member, path: at.slice(0, 300) });
        }
    }
    return found;
  }

  #look(parent: JsonObject, key: string, value: JsonValue, path: string, found: KeyMatch[]): void {
    for (const { rule, allow, deny } of this.#byKey.get(key) ?? []) {
      if (rule.beside?.some((other) => !Object.hasOwn(parent, other)) === true) continue;
      if (rule.scalarsOnly === true && typeof value === 'object' && value !== null) continue;
      const texts = rule.deep === true ? textsOf(value) : [typeof value === 'string' ? value : JSON.stringify(value)];
      const bad = texts.find(
        (text) => !allow.some((one) => one.test(text)) && (deny.length === 0 || deny.some((one) => one.test(text))),
      );
      if (bad !== undefined) found.push({ rule, path, value: bad.slice(0, 200) });
    }
  }
}

function textsOf(value: JsonValue): readonly string[] {
  const texts: string[] = [];
  const queue: JsonValue[] = [value];
  for (let next = queue.pop(); next !== undefined && texts.length < 1000; next = queue.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'object' && next !== null) queue.push(...(Object.values(next) as readonly JsonValue[]));
  }
  return texts;
}

/** Notes what the key rules say about a value, whichever language it was written in. */
export function applyKeys(context: Context, item: Item, value: JsonValue): void {
  examineTemplatesIn(context, item, value);
  examineKerasIn(context, item, value);
  for (const { rule, path, value: seen } of new KeyRules(context.rules.files.jsonKeys.rules).match(value)) {
    if (rule.finding !== undefined) find(context, item, { rule: rule.finding, detail: `${path} = ${seen}` });
    if (rule.notExamined !== undefined)
      skip(context, item, rule.notExamined, `it is recognised by ${path}, not examined`);
  }
}
