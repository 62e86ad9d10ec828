// JSON documents that are known by their shape. The name may help to know one, and never keeps another from being looked at.
import type { JsonValue } from '@vallum/core';
import type { Context, Item } from '../context.js';

export interface JsonShape {
  readonly matches: (value: JsonValue, name: string) => boolean;
  readonly load: () => Promise<(context: Context, item: Item, value: JsonValue) => Promise<void> | void>;
}

export const JSON_SHAPES: readonly JsonShape[] = [];
