// Examines the index of a checkpoint, and says which files beside it are its tensors; and files of records.
import type { TableReport } from '@vallum/formats';
import { readRecords, readTable } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { quote } from './judge-graph.js';

export async function examineCheckpointIndex(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readTable(item.source.size));
  if (report.fault !== undefined) skip(context, item, 'as the index of a checkpoint', report.fault);
  const base = item.name.split(/[/\\]/).at(-1) ?? '';
  if (context.near === undefined || item.entry !== undefined || !base.endsWith('.index'))
    return skip(context, item, 'the tensors of the checkpoint', 'they lie outside the archive or cannot be looked up');
  await lookUp(context, item, report, base.slice(0, -'.index'.length), context.near);
}

async function lookUp(
  context: Context,
  item: Item,
  { shards, entries }: TableReport,
  prefix: string,
  near: NonNullable<Context['near']>,
): Promise<void> {
  if (shards > 10_000) return skip(context, item, 'the tensors of the checkpoint', `it names ${shards} files`);
  const sizes = new Map<number, number>();
  for (let shard = 0; shard < shards; shard++) {
    const name = `${prefix}.data-${number(shard)}-of-${number(shards)}`;
    const stat = await near(name);
    if (stat?.kind !== 'file') {
      skip(context, item, `the tensors in ${quote(name)}`, 'there is no such file');
      continue;
    }
    sizes.set(shard, stat.size);
    context.claim?.(name);
  }
  for (const { key, shard, offset, size, sliced } of entries) {
    if (sliced) continue;
    const room = sizes.get(shard);
    const missing = shard >= shards;
    if (missing || (room !== undefined && !(offset + size <= room)))
      find(context, item, { rule: 'VLM-TFS-012', detail: `${quote(key)} in file ${shard}` });
  }
}

function number(value: number): string {
  return String(value).padStart(5, '0');
}

/** Records are data; whoever reads them decides what they are. */
export async function examineRecords(context: Context, item: Item): Promise<void> {
  const { fault } = await read(context, item, readRecords(item.source.size));
  if (fault !== undefined) skip(context, item, 'as records', fault);
}
