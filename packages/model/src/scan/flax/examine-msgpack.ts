// Judges MessagePack: arrays of objects, which are pickles, arrays that are not what they say, keys that two readers
// understand differently, and values that are something else. Flax and orbax checkpoints, msgpack-numpy, plain documents.
import type { MsgpackArray, Payload } from '@vallum/formats';
import { readMsgpack, sliceSource } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from '../pickle/examine-pickle.js';
import { followConstants } from '../pickle/follow-constants.js';
import { isProgram } from '../trees/carried-texts.js';

export async function examineMsgpack(context: Context, item: Item): Promise<void> {
  const { size } = item.source;
  const report = await read(context, item, readMsgpack(size));
  for (const { code, message, offset } of report.problems) {
    const location = { offset };
    if (code === 'unchecked') skip(context, item, 'a part of the MessagePack', message);
    else find(context, item, { rule: code === 'not-utf8' ? 'VLM-MSG-005' : 'VLM-MSG-003', detail: message, location });
  }
  for (const array of report.odd) await examineArray(context, item, array);
  for (const [type, offset] of report.extensions) {
    const known = report.arrays > 0 && type >= 1 && type <= 3;
    const detail = `extension ${type} at offset ${offset}`;
    if (known) find(context, item, { rule: 'VLM-MSG-002', detail: `${detail} has not the shape that Flax gives it` });
    else skip(context, item, `the values of extension ${type}`, 'its meaning is up to the program that reads it');
  }
  const objects = report.odd.filter((array) => array.objects);
  await followConstants(
    context,
    item,
    report.payloads.filter((one) => !isData(one, objects)),
    false,
  );
  for (const { offset, length } of report.sources) {
    const bytes = await item.source.read(offset, Math.min(length, 65_536));
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    if (isProgram(text))
      find(context, item, { rule: 'VLM-MSG-006', detail: JSON.stringify(text.slice(0, 120)), location: { offset } });
  }
  if (report.fault !== undefined) return skip(context, item, 'as MessagePack', report.fault);
  if (report.end < size) await examineTail(context, item, report.end);
}

/** The data of an array of objects is examined as the pickle that it is. */
function isData(payload: Payload, arrays: readonly MsgpackArray[]): boolean {
  return arrays.some((array) => array.dataOffset === payload.offset);
}

async function examineArray(context: Context, item: Item, array: MsgpackArray): Promise<void> {
  const { writer, offset, dtype, dataOffset, dataLength, objects, problem } = array;
  const location = { offset };
  if (!objects)
    return find(context, item, {
      rule: 'VLM-MSG-002',
      detail: `the array of ${writer} at offset ${offset}: ${problem ?? dtype}`,
      location,
    });
  find(context, item, { rule: 'VLM-MSG-001', detail: `${dataLength} bytes at offset ${dataOffset}`, location });
  const source = sliceSource(item.source, dataOffset, dataLength);
  const place = `(array at offset ${offset})`;
  const entry = item.entry === undefined ? place : `${item.entry}!${place}`;
  await examinePickle(context, { source, name: '', entry, depth: item.depth + 1 });
}

async function examineTail(context: Context, item: Item, end: number): Promise<void> {
  const { size } = item.source;
  find(context, item, {
    rule: 'VLM-MSG-004',
    detail: `${size - end} bytes from offset ${end}`,
    location: { offset: end },
  });
  if (item.depth >= context.budgets.maxDepth)
    return skip(context, item, `the bytes from offset ${end}`, 'they are nested too deep');
  const place = `(bytes from ${end})`;
  const entry = item.entry === undefined ? place : `${item.entry}!${place}`;
  await context.inside({ source: sliceSource(item.source, end, size - end), name: '', entry, depth: item.depth + 1 });
}
