// A numpy array: numbers, or objects, which are a pickle (CVE-2019-6446).
import { readNpy, sliceSource } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from './examine-pickle.js';

export async function examineNpy(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readNpy(item.source.size));
  if (report.fault !== undefined) return skip(context, item, 'as npy', report.fault);
  const { dataStart, dataBytes, objects } = report;
  const left = item.source.size - dataStart;
  if (objects) return examinePickle(context, { ...item, source: sliceSource(item.source, dataStart, left) });
  if (dataBytes !== undefined && dataBytes !== left)
    find(context, item, { rule: 'VLM-NPY-001', detail: `it announces ${dataBytes} bytes and ${left} follow` });
}
