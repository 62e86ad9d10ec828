// Judges a TFLite model: indices and buffers that lie outside, operators that need native code, and operators of TensorFlow
// that run inside it (Flex), by the same list as whole graphs.
import { readTflite, sliceSource, sniff } from '@vallum/formats';
import type { Severity } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { quote } from './judge-graph.js';
import type { Operators } from './operators.js';
import { operatorsOf } from './operators.js';
import { leadsOut } from './path-origin.js';

export async function examineTflite(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readTflite(item.source.size));
  const operators = operatorsOf(context.rules.files.tensorflow);
  for (const { code, message, offset } of report.problems)
    find(context, item, {
      rule: code === 'bounds' ? 'VLM-TFL-001' : 'VLM-TFL-005',
      detail: message,
      location: { offset },
    });
  const known = new Set(operators.rules.liteCustom.split(' '));
  for (const { name, nodes } of report.custom)
    if (name.startsWith('Flex')) judgeOperator(context, item, operators, name.slice('Flex'.length), nodes);
    else if (!known.has(name)) find(context, item, { rule: 'VLM-TFL-002', detail: `${quote(name)} (${nodes} nodes)` });
  for (const { name, op, start } of report.flex) {
    if (name === `Flex${op}`) continue;
    find(context, item, {
      rule: 'VLM-TFL-003',
      detail: `${quote(name)} is ${op === '' ? 'not defined' : quote(op)}`,
      location: { offset: start },
    });
    judgeOperator(context, item, operators, op, 1);
  }
  for (const name of new Set(report.external)) await examineExternal(context, item, name);
  if (report.fault !== undefined) skip(context, item, 'as TFLite', report.fault);
  else await examineBehind(context, item, report.end);
}

/** Bytes of alignment behind the last table. */
const PADDING = 16;

/** What stands behind the model: files in a zip, as its metadata has them, or anything that hides there. */
async function examineBehind(context: Context, item: Item, end: number): Promise<void> {
  const { size } = item.source;
  if (size - end <= PADDING) return;
  const head = Buffer.from(await item.source.read(end, 4)).toString('latin1');
  // A zip that reaches to the end is examined as one, by the whole file.
  if (head === 'PK\x03\x04' && (await read(context, item, sniff(size))).includes('zip')) return;
  const what = `${size - end} bytes behind the model`;
  if (item.depth >= context.budgets.maxDepth)
    return skip(context, item, what, `they are nested deeper than ${context.budgets.maxDepth}`);
  const entry = item.entry === undefined ? '(behind the model)' : `${item.entry}!(behind the model)`;
  await context.inside({ source: sliceSource(item.source, end, size - end), name: '', entry, depth: item.depth + 1 });
}

/** Inside TFLite no path can be traced: what is normal in some places is told, and what is not is grave. */
function judgeOperator(context: Context, item: Item, operators: Operators, op: string, nodes: number): void {
  const detail = `Flex${op} (${nodes} nodes)`;
  const rules = operators.judged.get(op);
  for (const { rule, policy } of rules ?? []) {
    const always: Severity | undefined = policy['any'];
    if (always !== undefined || rule.attributes === undefined)
      find(context, item, { rule: rule.rule, detail, severity: always ?? 'medium' });
  }
  if (rules !== undefined || operators.harmless.has(op)) return;
  if (operators.records.has(op)) find(context, item, { rule: 'VLM-TFS-006', detail, severity: 'medium' });
  else find(context, item, { rule: 'VLM-TFL-002', detail });
}

async function examineExternal(context: Context, item: Item, name: string): Promise<void> {
  if (leadsOut(name) || /:/.test(name) || name === '')
    return find(context, item, { rule: 'VLM-TFL-004', detail: quote(name) });
  if (context.near === undefined || item.entry !== undefined)
    return skip(context, item, `the weights in ${quote(name)}`, 'they lie outside the archive or cannot be looked up');
  const stat = await context.near(name);
  if (stat?.kind === 'file') context.claim?.(name);
  else skip(context, item, `the weights in ${quote(name)}`, 'there is no such file');
}
