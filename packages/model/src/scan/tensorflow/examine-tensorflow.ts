// Examines a SavedModel, a MetaGraph, a GraphDef or what Keras noted beside one.
import type { TensorflowReport } from '@vallum/formats';
import { readTensorflow } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { judgeCompiled } from './judge-compiled.js';
import { judgeGraph, keptBy } from './judge-graph.js';
import { judgeMetadata } from './keras-metadata.js';

export async function examineTensorflow(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readTensorflow(item.source.size, keptBy(context)));
  judgeReport(context, item, report);
  for (const graph of report.graphs) await judgeCompiled(context, item, graph);
}

export function judgeReport(context: Context, item: Item, report: TensorflowReport): void {
  for (const { message, offset } of report.problems)
    find(context, item, { rule: 'VLM-TFS-011', detail: message, location: { offset } });
  for (const graph of report.graphs) {
    judgeGraph(context, item, graph);
    judgeMetadata(context, item, graph.metadata);
  }
  if (report.fault !== undefined) skip(context, item, 'as a graph of TensorFlow', report.fault);
}
