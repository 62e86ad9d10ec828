// JSON: keys that make a loader import or build something, in any file; and what has a shape that is known.
import { messageOf, parseJsonStrict } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { bracketsDeeperThan } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { skip, wholeText } from '../context.js';
import { tellLaxKeras } from '../keras/examine-config.js';
import { applyKeys } from './json-keys.js';
import { JSON_SHAPES } from './json-shapes.js';
import { examineLooseJson } from '../workspace/loose-json.js';
import { readAsPython } from './python-json.js';

/** Tokenizers write 10^30 out in full for "no limit"; its last digits mean nothing to anybody. */
const LONG_INTEGER = /([:[,]\s{0,40}-?\d{16,400})(?=\s{0,40}[,}\]])/g;

/** Python's own reader gives up near this depth. */
const MOST_OPEN = 1000;

export async function examineJson(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as JSON');
  if (text === undefined) return;
  const limits = { maxBytes: context.budgets.maxTextBytes, maxDepth: 200 };
  let value: JsonValue;
  try {
    value = parseJsonStrict(text.replace(LONG_INTEGER, '$1.0'), limits);
  } catch (error) {
    // Each reader below would go as deep as it can before it says so.
    if (bracketsDeeperThan(text, MOST_OPEN))
      return skip(context, item, 'as JSON', `it is nested deeper than ${MOST_OPEN}`);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length >= 2 && lines.every((line) => line.trimStart().startsWith('{')))
      return examineLines(context, item, lines);
    const lax = readAsPython(text, limits);
    if (lax?.strict !== true && (await examineLooseJson(context, item, text, JSON_SHAPES))) return;
    if (lax?.strict !== true) skip(context, item, 'as JSON', messageOf(error));
    if (lax === undefined) return;
    value = lax.value;
    if (!lax.strict) tellLaxKeras(context, item, value, messageOf(error));
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
