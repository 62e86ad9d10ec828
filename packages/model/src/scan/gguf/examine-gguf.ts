// Judges a GGUF file: numbers that its bytes do not bear out, and the templates and configurations in its metadata.
import type { GgufProblemCode, GgufReport, GgufText } from '@vallum/formats';
import { readGguf, sliceSource } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examineTemplate } from '../template/examine-template.js';

const RULE_OF: Readonly<Record<GgufProblemCode, string>> = {
  count: 'VLM-GGUF-001',
  length: 'VLM-GGUF-001',
  nesting: 'VLM-GGUF-001',
  dimensions: 'VLM-GGUF-002',
  overflow: 'VLM-GGUF-002',
  shape: 'VLM-GGUF-002',
  'tensor-type': 'VLM-GGUF-002',
  offset: 'VLM-GGUF-003',
  overlap: 'VLM-GGUF-003',
  outside: 'VLM-GGUF-003',
  hole: 'VLM-GGUF-004',
  trailing: 'VLM-GGUF-004',
  alignment: 'VLM-GGUF-005',
  duplicate: 'VLM-GGUF-005',
  name: 'VLM-GGUF-005',
  value: 'VLM-GGUF-005',
};
const TEMPLATE = 'tokenizer.chat_template';

export async function examineGguf(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readGguf(item.source.size));
  for (const { code, message, offset } of report.problems)
    find(context, item, { rule: RULE_OF[code], detail: message, location: { offset } });
  for (const type of report.unknownTypes) skip(context, item, 'tensors', `their type ${type} is not known here`);
  if (report.fault !== undefined) skip(context, item, 'as GGUF', report.fault);
  for (const key of oddTemplates(report)) skip(context, item, `the template ${key}`, 'it is no text');
  for (const text of report.texts) await examineEntry(context, item, text);
}

function oddTemplates({ otherTypes }: GgufReport): readonly string[] {
  return [...otherTypes.keys()].filter((key) => key === TEMPLATE);
}

async function examineEntry(context: Context, item: Item, { key, offset, length, element }: GgufText): Promise<void> {
  if (length < 4) return;
  const shown = Buffer.from(key.slice(0, 200), 'latin1').toString('utf8');
  const { maxTextBytes } = context.budgets;
  if (length > maxTextBytes)
    return skip(context, item, `the text ${shown}`, `it has ${length} bytes, more than ${maxTextBytes}`);
  const bytes = await item.source.read(offset, length);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const use = key === TEMPLATE || key.startsWith(`${TEMPLATE}.`) ? 'chat' : 'text';
  if (use === 'text' && !element && isJson(text)) {
    const entry = item.entry === undefined ? shown : `${item.entry}!${shown}`;
    if (item.depth >= context.budgets.maxDepth)
      return skip(context, item, `the text ${shown}`, `it is nested deeper than ${context.budgets.maxDepth}`);
    return context.inside({
      source: sliceSource(item.source, offset, length),
      name: shown,
      entry,
      depth: item.depth + 1,
    });
  }
  examineTemplate(context, item, text, { use, where: shown });
}

/** A whole tokenizer or configuration may stand in one text. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
