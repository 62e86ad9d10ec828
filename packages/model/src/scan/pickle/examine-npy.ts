// A numpy array: numbers, or objects, which are a pickle (CVE-2019-6446). Where the header leaves it in doubt, both.
import { readNpy, sliceSource } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from './examine-pickle.js';

export async function examineNpy(context: Context, item: Item): Promise<void> {
  const { dataStart, dataBytes, objects, fault } = await read(context, item, readNpy(item.source.size));
  const left = item.source.size - dataStart;
  const data = { ...item, source: sliceSource(item.source, dataStart, left) };
  if (fault !== undefined) {
    skip(context, item, 'as npy', fault);
    return dataStart > 0 ? examinePickle(context, data, false) : undefined;
  }
  if (objects) return examinePickle(context, data);
  if (dataBytes !== undefined && dataBytes !== left)
    find(context, item, { rule: 'VLM-NPY-001', detail: `it announces ${dataBytes} bytes and ${left} follow` });
}
