// JSON: keys that make a loader import or build something, in any file; and what has a shape that is known.
import { messageOf, parseJsonStrict } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { skip, wholeText } from '../context.js';
import { applyKeys } from './json-keys.js';
import { JSON_SHAPES } from './json-shapes.js';

export async function examineJson(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as JSON');
  if (text === undefined) return;
  const limits = { maxBytes: context.budgets.maxTextBytes, maxDepth: 200 };
  let value: JsonValue;
  try {
    value = parseJsonStrict(text, limits);
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2 || !lines.every((line) => line.trimStart().startsWith('{')))
      return skip(context, item, 'as JSON', messageOf(error));
    return examineLines(context, item, lines);
  }
  applyKeys(context, item, value);
  for (const shape of JSON_SHAPES)
    if (shape.matches(value, item.name)) await (await shape.load())(context, item, value);
}

/** JSON lines: one value a line. */
function examineLines(context: Context, item: Item, lines: readonly string[]): void {
  try {
    for (const line of lines) applyKeys(context, item, parseJsonStrict(line, { maxDepth: 200 }));
  } catch (error) {
    skip(context, item, 'as JSON lines', messageOf(error));
  }
}
