// JSON documents of model formats that are recognised, by their outermost keys.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

/** CoreML: `Manifest.json` of a `.mlpackage`. */
export function looksLikeCoremlManifest(value: JsonValue): boolean {
  return isJsonObject(value) && 'rootModelIdentifier' in value && isJsonObject(value['itemInfoEntries'] ?? null);
}

/** MXNet: `model-symbol.json` is the graph, `model-0000.params` its weights. */
export function looksLikeMxnetSymbol(value: JsonValue): boolean {
  return isJsonObject(value) && ['nodes', 'arg_nodes', 'heads'].every((key) => Array.isArray(value[key]));
}
