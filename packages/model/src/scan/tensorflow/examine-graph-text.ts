// Examines protobuf text: graphs of TensorFlow, which it judges as it judges them in binary, and the file that says which
// checkpoint is the newest. Other texts of this kind (label maps, pipelines, servers) are recognised, not examined.
import { graphFromText, isLabelMap, parseBytes, readTensorflow } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { judgeReport } from './examine-tensorflow.js';
import { quote, keptBy } from './judge-graph.js';
import { leadsOut } from './path-origin.js';

export async function examineGraphText(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as protobuf text');
  if (text === undefined) return;
  if (isLabelMap(text)) return;
  const graph = graphFromText(text);
  if (graph === undefined) return skip(context, item, 'as protobuf text', 'it is recognised, not examined');
  if (graph.fault !== undefined) return skip(context, item, 'as a graph of TensorFlow in text', graph.fault);
  for (const name of graph.unknown)
    find(context, item, { rule: 'VLM-TFS-011', detail: `its format has no field ${quote(name)}` });
  const report = parseBytes(readTensorflow(graph.bytes.length, keptBy(context)), graph.bytes);
  judgeReport(context, item, report);
}

const PATH_KEYS = /^(?:all_)?model_checkpoint_paths?$/;

/** `checkpoint`: paths that a program restores from next. Absolute ones are as the library writes them elsewhere. */
export async function examineCheckpointState(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as the state of checkpoints');
  if (text === undefined) return;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const match = /^\s*(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|[\d.eE+-]+)\s*$/.exec(line);
    if (match === null) return skip(context, item, 'as the state of checkpoints', `it has a line ${quote(line)}`);
    const path = match[2];
    if (path === undefined || !PATH_KEYS.test(match[1] ?? '')) continue;
    const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
    if (address || leadsOut(path))
      find(context, item, { rule: 'VLM-TFS-010', detail: quote(path), severity: address ? 'medium' : 'low' });
  }
}
