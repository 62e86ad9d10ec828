// Looks for serialised Keras objects in any JSON or YAML value: config.json of a .keras archive, model.json, the YAML of
// old versions, and the attributes of an HDF5 file come here.
import type { JsonValue } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import type { Rules } from '../rules.js';
import { holdsKeras, judgeKeras } from './judge-config.js';
import type { KerasNames } from './names.js';
import { kerasNames } from './names.js';

const PREPARED = new WeakMap<Rules, KerasNames>();

function namesOf(rules: Rules): KerasNames {
  const names = PREPARED.get(rules) ?? kerasNames(rules.files.keras, rules.files.known.standardLibrary);
  PREPARED.set(rules, names);
  return names;
}

export function examineKerasIn(context: Context, item: Item, value: JsonValue): void {
  if (!holdsKeras(value)) return;
  for (const { unknown, ...finding } of judgeKeras(namesOf(context.rules), value)) {
    find(context, item, finding);
    if (unknown === true) skip(context, item, finding.detail, 'the class is not known here');
  }
}

/** A model that is no strict JSON: with a key that stands twice, two readers load two models. */
export function tellLaxKeras(context: Context, item: Item, value: JsonValue, why: string): void {
  if (/stands twice/.test(why) && holdsKeras(value)) find(context, item, { rule: 'VLM-KRS-011', detail: why });
}
