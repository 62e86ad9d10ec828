// JSON as editors write it, with comments and trailing commas. Where it belongs to an editor it counts as read; elsewhere a
// loader would refuse it, so that it stays unproven, and what it says is looked at all the same.
import type { JsonValue } from '@vallum/core';
import { readJsonc, readToml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { skip } from '../context.js';
import { applyKeys } from '../document/json-keys.js';
import type { JsonShape } from '../document/json-shapes.js';

const EDITORS =
  /(?:^|[/\\])(?:\.vscode|\.devcontainer|\.claude|\.cursor|\.gemini|\.zed|\.idea|\.github)[/\\]|devcontainer\.json$|\.code-workspace$|\.(?:jsonc|json5|sublime-\w+|eslintrc|swcrc|babelrc)$|(?:^|[/\\])(?:[tj]sconfig|tslint|\.eslintrc|\.jshintrc|\.swcrc|api-extractor|typedoc|deno|nx|turbo|renovate|pyrightconfig|tasks|launch|settings|extensions|biome|wrangler|\.markdownlint|\.prettierrc|\.devcontainer)[\w.-]*(?:\.jsonc?)?$/i;

/** @returns whether it was read whole, and is a file whose reader takes it so */
export async function examineLooseJson(
  context: Context,
  item: Item,
  text: string,
  shapes: readonly JsonShape[],
): Promise<boolean> {
  const { value, hidden, problem } = readJsonc(text);
  // TOML may begin with the same bracket.
  const toml = value === undefined ? readToml(text) : undefined;
  if (toml !== undefined && toml.problem === undefined) {
    await apply(context, item, toml.value, shapes);
    return true;
  }
  for (const one of [...(value === undefined ? [] : [value]), ...hidden]) await apply(context, item, one, shapes);
  if (problem !== undefined || value === undefined || !EDITORS.test(item.name)) return false;
  if (hidden.length > 0)
    skip(context, item, 'as JSON', `the key ${JSON.stringify(Object.keys(hidden[0] ?? {})[0] ?? '')} stands twice`);
  return true;
}

async function apply(context: Context, item: Item, value: JsonValue, shapes: readonly JsonShape[]): Promise<void> {
  applyKeys(context, item, value);
  for (const shape of shapes) if (shape.matches(value, item.name)) await (await shape.load())(context, item, value);
}
