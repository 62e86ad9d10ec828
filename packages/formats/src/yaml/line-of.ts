// Where in a YAML text a value stands, so that a message about it can name the line. For texts that `readYaml` accepted.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node, Range } from 'yaml';

/**
 * Line and column (both from 1) of the value at a path of keys and indices, or of the nearest thing above it that is
 * there; of a key itself where `path` ends with one. Undefined for an empty document.
 */
export function yamlLineOf(
  text: string,
  path: readonly PropertyKey[],
): { readonly line: number; readonly column: number } | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'core', lineCounter: lines, logLevel: 'silent', uniqueKeys: false });
  let node: unknown = document.contents;
  let at = rangeOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      at = rangeOf(pair.key) ?? at;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) break;
      at = rangeOf(item) ?? at;
      node = item;
    } else break;
  }
  if (at === undefined) return undefined;
  const { line, col } = lines.linePos(at[0]);
  return { line, column: col };
}

function rangeOf(node: unknown): Range | undefined {
  return (node as Node | null | undefined)?.range ?? undefined;
}
