// Formats that are recognised, not examined, and have data beside them: the file of weights is named by the model, so that
// it need not be of a known format itself.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { quote } from './judge-graph.js';
import { leadsOut } from './path-origin.js';

/** OpenVINO: `model.xml` is the graph, `model.bin` its weights. */
export async function examineOpenvino(context: Context, item: Item): Promise<void> {
  skip(context, item, 'as a model of OpenVINO', 'it is recognised, not examined');
  const base = item.name.split(/[/\\]/).at(-1) ?? '';
  const weights = `${base.replace(/\.xml$/i, '')}.bin`;
  if (item.entry === undefined && (await context.near?.(weights))?.kind === 'file') context.claim?.(weights);
}

/** CoreML: the manifest names the files in `Data`, which are examined for themselves. */
export function examineCoremlManifest(context: Context, item: Item, value: JsonValue): void {
  const entries = isJsonObject(value) ? value['itemInfoEntries'] : undefined;
  for (const entry of Object.values(entries ?? {}) as readonly JsonValue[]) {
    const path = isJsonObject(entry) ? entry['path'] : undefined;
    if (typeof path !== 'string') skip(context, item, 'an entry of the package', 'it has no path');
    else if (leadsOut(path)) find(context, item, { rule: 'VLM-TFS-010', detail: quote(path), severity: 'high' });
  }
}

export function examineMxnetSymbol(context: Context, item: Item): void {
  skip(context, item, 'as a graph of MXNet', 'it is recognised, not examined');
}
