// Tells a skops schema from other JSON: its root is a node, or says that skops wrote it.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export function looksLikeSkops(value: JsonValue): boolean {
  return isJsonObject(value) && (Object.hasOwn(value, '__loader__') || Object.hasOwn(value, '_skops_version'));
}
