// Unpacks one stream within the budgets of its file and hands what came out to an examination. A budget that is used up
// ends the unpacking, not the examination: what came out until then is looked at, for a loader would have run it.
import { setImmediate } from 'node:timers/promises';
import type { Source, Unpacked, Unpacker } from '@vallum/formats';
import { sniff, unpack } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { checkTime, find, read, skip } from '../context.js';
import { Spool } from './spool.js';

const MIB = 1024 * 1024;
/** Milliseconds of work between two looks at whatever else this process does. */
const SLICE = 20;

export interface Outcome {
  readonly source: Source;
  /** How the stream ended; undefined when a budget ended it. */
  readonly unpacked: Unpacked | undefined;
}

/**
 * @param item what the notes speak of
 * @param packed the bytes that the unpacker reads
 * @param what names the content in a note, for example "what the gzip stream holds"
 */
export async function unpackItem(
  context: Context,
  item: Item,
  packed: Source,
  unpacker: Unpacker,
  what: string,
  then: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const spool = new Spool(context.scratch, context.budgets.maxMemoryBytes);
  try {
    const unpacked = await fill(context, item, packed, unpacker, what, spool);
    if (unpacked?.fault !== undefined) skip(context, item, what, unpacked.fault.message);
    if (spool.length === 0 && unpacked?.fault !== undefined) return;
    const source = await spool.source();
    if (unpacked !== undefined) await checkRatio(context, item, packed.size, source);
    await then({ source, unpacked });
  } finally {
    await spool.close();
  }
}

async function fill(
  context: Context,
  item: Item,
  packed: Source,
  unpacker: Unpacker,
  what: string,
  spool: Spool,
): Promise<Unpacked | undefined> {
  const { maxRatio, maxDenseBytes, maxUnpackedBytes } = context.budgets;
  const limit = Math.max(maxDenseBytes, packed.size * maxRatio);
  const pieces = unpack(unpacker, packed, context.signal);
  let slice = context.clock();
  for (;;) {
    const step = await pieces.next();
    if (step.done === true) return step.value;
    await spool.add(step.value);
    context.spent.unpacked += step.value.length;
    if (spool.length > limit) {
      tellRatio(context, item, packed.size, spool.length);
      return void skip(context, item, what, `more than ${limit} bytes come out of ${packed.size}`);
    }
    if (context.spent.unpacked > maxUnpackedBytes)
      return void skip(context, item, what, `the file unpacks to more than ${maxUnpackedBytes} bytes`);
    if (context.clock() - slice < SLICE) continue;
    const over = checkTime(context);
    if (over !== undefined) return void skip(context, item, what, over);
    await setImmediate();
    slice = context.clock();
  }
}

/** A stream that holds hundreds of times its size is a bomb, unless what it holds are numbers: those may all be zero. */
async function checkRatio(context: Context, item: Item, packed: number, source: Source): Promise<void> {
  if (source.size <= Math.max(MIB, packed * context.budgets.maxRatio)) return;
  const formats = await read(context, { ...item, source }, sniff(source.size));
  if (!formats.some((format) => context.rules.files.archive.dense.includes(format)))
    tellRatio(context, item, packed, source.size);
}

function tellRatio(context: Context, item: Item, packed: number, size: number): void {
  find(context, item, { rule: 'VLM-ZIP-010', detail: `${packed} packed bytes hold ${size} or more` });
}
