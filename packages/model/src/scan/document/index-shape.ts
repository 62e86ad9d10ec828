// What the index of a model in parts looks like: a mapping of tensors to files under `weight_map`.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export function looksLikeIndex(value: JsonValue, name: string): boolean {
  const map = isJsonObject(value) ? value['weight_map'] : undefined;
  if (!isJsonObject(map)) return false;
  return /\.index\.json$/i.test(name) || Object.values(map).some((file) => typeof file === 'string');
}
