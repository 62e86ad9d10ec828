// Judges an ONNX model: operators that need foreign code, and weights that it would read from elsewhere.
import type { ExternalData } from '@vallum/formats';
import { readOnnx } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';

export async function examineOnnx(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readOnnx(item.source.size));
  const { domains, python } = context.rules.files.onnx;
  const known = new Set([...domains, ...report.functionDomains]);
  const patterns = python.map((text) => new RegExp(text));
  for (const { domain, type, offset, count } of report.operators) {
    const name = `${domain === '' ? 'ai.onnx' : domain}::${type}`.slice(0, 200);
    const detail = `${name} (${count} nodes)`;
    if (patterns.some((pattern) => pattern.test(`${domain}::${type}`)))
      find(context, item, { rule: 'VLM-ONNX-005', detail, location: { offset } });
    else if (!known.has(domain)) find(context, item, { rule: 'VLM-ONNX-004', detail, location: { offset } });
  }
  for (const { domain } of report.opsets)
    if (!known.has(domain) && !report.operators.some((operator) => operator.domain === domain))
      find(context, item, { rule: 'VLM-ONNX-004', detail: `${domain.slice(0, 200)} (imported)` });
  for (const { code, message, offset } of report.problems) {
    const rule = code === 'tensor-size' ? 'VLM-ONNX-006' : code === 'external-number' ? 'VLM-ONNX-003' : 'VLM-ONNX-007';
    find(context, item, { rule, detail: message, location: { offset } });
  }
  if (report.fault !== undefined) skip(context, item, 'as ONNX', report.fault);
  await examineExternal(context, item, report.external);
}

async function examineExternal(context: Context, item: Item, external: readonly ExternalData[]): Promise<void> {
  const stats = new Map<string, Awaited<ReturnType<NonNullable<Context['near']>>>>();
  for (const { location, offset, length, at, tensor } of external) {
    const told = { location: { offset: at } };
    const quoted = JSON.stringify(location.slice(0, 200));
    if (leavesFolder(location)) {
      find(context, item, { rule: 'VLM-ONNX-001', detail: quoted, ...told });
      continue;
    }
    if (context.near === undefined || item.entry !== undefined) {
      skip(context, item, `external data ${quoted}`, 'it lies outside the archive or cannot be looked up');
      continue;
    }
    if (!stats.has(location)) stats.set(location, await context.near(location));
    const stat = stats.get(location);
    if (stat === undefined) skip(context, item, `external data ${quoted}`, 'there is no such file');
    else if (stat.kind !== 'file') find(context, item, { rule: 'VLM-ONNX-002', detail: quoted, ...told });
    else if (!(offset + (length ?? 0) <= stat.size))
      find(context, item, { rule: 'VLM-ONNX-003', detail: `${JSON.stringify(tensor)} in ${quoted}`, ...told });
    else context.claim?.(location);
  }
}

/** True for anything but a plain relative path that stays in the model's folder. */
export function leavesFolder(location: string): boolean {
  if (location === '' || /[\\\0:]/.test(location) || location.startsWith('/') || location.startsWith('~')) return true;
  return location.split('/').some((part) => part === '..' || part === '');
}
