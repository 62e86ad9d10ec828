// A graph that JAX or PyTorch exported holds its program compiled, as one module of MLIR in an attribute. The module's
// instructions are numbers over numbers; only a custom call reaches code outside them, and a call back into Python is one.
import type { TensorflowAttribute, TensorflowGraph } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { quote } from './judge-graph.js';

const PIECE = 1024 * 1024;
const MAX_MODULE = 256 * PIECE;

export async function judgeCompiled(context: Context, item: Item, graph: TensorflowGraph): Promise<void> {
  const { op, attribute, calls, python } = context.rules.files.tensorflow.compiled;
  const nodes = [...graph.nodes, ...graph.functions.flatMap((one) => one.nodes)].filter((node) => node.op === op);
  for (const node of nodes)
    for (const module of node.attributes.filter(({ name }) => name === attribute)) {
      const what = `the compiled program of node ${quote(node.name)}`;
      if (module.end - module.start > MAX_MODULE) skip(context, item, what, 'it is too long');
      const seen = await search(context, item, module, [calls, ...python]);
      const back = python.find((text) => seen.has(text));
      if (back !== undefined)
        find(context, item, {
          rule: 'VLM-TFS-001',
          detail: `${op} with ${quote(back)}`,
          location: { offset: node.at },
        });
      else if (seen.has(calls)) skip(context, item, what, 'it calls code outside the program');
    }
}

async function search(
  context: Context,
  item: Item,
  { start, end }: TensorflowAttribute,
  texts: readonly string[],
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const overlap = Math.max(...texts.map((text) => text.length));
  for (let at = start; at < Math.min(end, start + MAX_MODULE); at += PIECE) {
    context.signal?.throwIfAborted();
    const bytes = await item.source.read(at, Math.min(PIECE + overlap, end - at));
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const text of texts) if (piece.includes(text)) seen.add(text);
  }
  return seen;
}
