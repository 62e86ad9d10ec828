// Judges a safetensors file: whatever breaks a rule of the reference reader, bytes that belong to no tensor, and
// configurations in its metadata.
import type { JsonValue } from '@vallum/core';
import { readSafetensors } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examineTemplate } from '../template/examine-template.js';
import { applyKeys } from './json-keys.js';

export async function examineSafetensors(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readSafetensors(item.source.size));
  if (report.fault !== undefined) {
    const { message, budget } = report.fault;
    if (!budget) find(context, item, { rule: 'VLM-STN-001', detail: message });
    return skip(context, item, 'as safetensors', message);
  }
  for (const { code, message, tensor } of report.problems) {
    const rule = code === 'trailing' || code === 'hole' ? 'VLM-STN-002' : 'VLM-STN-001';
    const named = tensor === undefined ? '' : ` (tensor ${JSON.stringify(tensor.slice(0, 200))})`;
    find(context, item, { rule, detail: `${message}${named}` });
  }
  for (const [key, value] of Object.entries(report.metadata)) examineMetadata(context, item, key, value);
}

/** Libraries keep whole configurations as texts in the metadata. */
function examineMetadata(context: Context, item: Item, key: string, value: string): void {
  const parsed = asJson(value);
  if (parsed !== undefined) applyKeys(context, item, parsed);
  else examineTemplate(context, item, value, { use: 'text', where: `__metadata__.${key.slice(0, 100)}` });
}

function asJson(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
