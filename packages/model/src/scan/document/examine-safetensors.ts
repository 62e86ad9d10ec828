// Judges a safetensors file: whatever breaks a rule of the reference reader, and bytes that belong to no tensor.
import { readSafetensors } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';

export async function examineSafetensors(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readSafetensors(item.source.size));
  if (report.fault !== undefined) {
    find(context, item, { rule: 'VLM-STN-001', detail: report.fault });
    return skip(context, item, 'as safetensors', report.fault);
  }
  for (const { code, message, tensor } of report.problems) {
    const rule = code === 'trailing' || code === 'hole' ? 'VLM-STN-002' : 'VLM-STN-001';
    const named = tensor === undefined ? '' : ` (tensor ${JSON.stringify(tensor.slice(0, 200))})`;
    find(context, item, { rule, detail: `${message}${named}` });
  }
}
