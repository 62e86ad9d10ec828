// Judges an ONNX model: operators that need foreign code, files that it would read, metadata that is code.
import type { ExternalData, OnnxProblem, OnnxReport, OnnxText } from '@vallum/formats';
import { readOnnx } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examineTemplate } from '../template/examine-template.js';
import { leavesFolder, lookUp } from './near.js';

const RULE_OF: Readonly<Record<OnnxProblem['code'], string>> = {
  'tensor-size': 'VLM-ONNX-006',
  'external-number': 'VLM-ONNX-003',
  'external-repeated': 'VLM-ONNX-009',
  'repeated-graph': 'VLM-ONNX-007',
  'repeated-opset': 'VLM-ONNX-007',
  redefined: 'VLM-ONNX-007',
  'unknown-field': 'VLM-ONNX-007',
  'no-opset': 'VLM-ONNX-007',
  'no-graph': 'VLM-ONNX-007',
};

export async function examineOnnx(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readOnnx(item.source.size));
  examineOperators(context, item, report);
  for (const { code, message, offset } of report.problems)
    find(context, item, { rule: RULE_OF[code], detail: message, location: { offset } });
  if (report.fault !== undefined) skip(context, item, 'as ONNX', report.fault);
  for (const text of report.texts) examineOnnxText(context, item, text);
  await examineExternal(context, item, report.external);
}

function examineOperators(context: Context, item: Item, { operators, opsets, functions }: OnnxReport): void {
  const { domains, python, compiled, libraries } = context.rules.files.onnx;
  const known = new Set(domains);
  const defined = new Set(functions);
  const [runsPython, isCompiled] = [python, compiled].map((patterns) => {
    const expressions = patterns.map((text) => new RegExp(text));
    return (name: string): boolean => expressions.some((one) => one.test(name));
  });
  const needs = (domain: string): string => {
    const library = Object.hasOwn(libraries, domain) ? libraries[domain] : undefined;
    return library === undefined ? '' : `, of ${library}`;
  };
  for (const { domain, type, offset, count } of operators) {
    const name = `${domain}::${type}`;
    const detail = `${domain === '' ? 'ai.onnx' : domain}::${type}`.slice(0, 200) + ` (${count} nodes)${needs(domain)}`;
    if (runsPython?.(name) === true) find(context, item, { rule: 'VLM-ONNX-005', detail, location: { offset } });
    else if (isCompiled?.(name) === true)
      skip(context, item, name, 'it holds a compiled program for an execution provider');
    else if (!known.has(domain) && !defined.has(name))
      find(context, item, { rule: 'VLM-ONNX-004', detail, location: { offset } });
  }
  const own = new Set(functions.map((name) => name.slice(0, name.lastIndexOf('::'))));
  for (const { domain } of opsets)
    if (!known.has(domain) && !own.has(domain) && !operators.some((operator) => operator.domain === domain))
      find(context, item, { rule: 'VLM-ONNX-004', detail: `${domain.slice(0, 200)} (imported)${needs(domain)}` });
}

/** Metadata of detectors is a text that some programs hand to `eval`; a list or a mapping of literals calls nothing. */
const LITERAL = /^\s*[[{(]/;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
const CALLS = /[\w)\]]\s*\(|\blambda\b|\bfor\b.*\bin\b/s;
const PRIVATE_CALL = /__\w+__\s*\(/;

function examineOnnxText(context: Context, item: Item, { where, key, value, offset }: OnnxText): void {
  const shown = key.slice(0, 100);
  if (where === 'attribute') {
    // The path of a compiled program, unless the program itself stands there, which is no text.
    if (value.length < 1024 && !/[\0-\x08\ufffd]/.test(value) && leavesFolder(value))
      find(context, item, { rule: 'VLM-ONNX-001', detail: JSON.stringify(value.slice(0, 200)), location: { offset } });
    return;
  }
  const bare = value.replace(QUOTED, '""');
  if (PRIVATE_CALL.test(bare) || (LITERAL.test(value) && CALLS.test(bare)))
    find(context, item, { rule: 'VLM-ONNX-008', detail: `${shown} = ${value.slice(0, 120)}`, location: { offset } });
  examineTemplate(context, item, value, { use: 'text', where: `metadata ${shown}` });
}

async function examineExternal(context: Context, item: Item, external: readonly ExternalData[]): Promise<void> {
  const stats = new Map<string, Awaited<ReturnType<typeof lookUp>>>();
  for (const { location, offset, length, at, tensor } of external) {
    const told = { location: { offset: at } };
    const quoted = JSON.stringify(location.slice(0, 200));
    if (leavesFolder(location)) {
      find(context, item, { rule: 'VLM-ONNX-001', detail: quoted, ...told });
      continue;
    }
    const seen = stats.get(location) ?? (await lookUp(context, item, location));
    stats.set(location, seen);
    if (seen.kind === 'unknown')
      skip(context, item, `external data ${quoted}`, 'it lies outside the archive or cannot be looked up');
    else if (seen.kind === 'absent') skip(context, item, `external data ${quoted}`, 'there is no such file');
    else if (seen.kind === 'link') find(context, item, { rule: 'VLM-ONNX-002', detail: quoted, ...told });
    else if (!(offset + (length ?? 0) <= seen.size))
      find(context, item, { rule: 'VLM-ONNX-003', detail: `${JSON.stringify(tensor)} in ${quoted}`, ...told });
    else context.claim?.(location);
  }
}
