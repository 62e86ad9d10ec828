// Examines what a compressed stream holds: joblib and others compress whole pickles so, and a scanner that stops at the
// wrapper sees nothing. What stands behind the stream is told and examined too: most tools ignore it.
import type { Compression, Source } from '@vallum/formats';
import { sliceSource, UNPACKERS } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { unpackItem } from './unpack-item.js';

/** The examination of one form of compression. */
export function examinePacked(kind: Compression): (context: Context, item: Item) => Promise<void> {
  return (context, item) => examine(context, item, kind);
}

async function examine(context: Context, item: Item, kind: Compression): Promise<void> {
  const { maxDepth } = context.budgets;
  const what = `what the ${kind} stream holds`;
  if (item.depth >= maxDepth) return skip(context, item, what, `archives are nested deeper than ${maxDepth}`);
  const within = (part: string): Pick<Item, 'entry' | 'depth'> => ({
    entry: item.entry === undefined ? part : `${item.entry}!${part}`,
    depth: item.depth + 1,
  });
  let end = item.source.size;
  await unpackItem(context, item, item.source, UNPACKERS[kind](item.source.size), what, async (outcome) => {
    const { unpacked } = outcome;
    // Behind a fault nobody can say where the stream ends.
    if (unpacked !== undefined && (unpacked.fault === undefined || unpacked.fault.kind === 'mismatch'))
      end = unpacked.end;
    await context.inside({ source: outcome.source, name: nameWithin(item.name), ...within(`(${kind})`) });
  });
  const behind = sliceSource(item.source, end, item.source.size - end);
  if (behind.size === 0 || (await isPadding(behind))) return;
  find(context, item, {
    rule: 'VLM-CMP-001',
    detail: `${behind.size} bytes behind the ${kind} stream, from offset ${end}`,
    location: { offset: end },
  });
  await context.inside({ source: behind, name: '', ...within(`(behind ${kind})`) });
}

/** Zeros, as tapes and block devices leave them. */
async function isPadding(source: Source): Promise<boolean> {
  if (source.size > 1024 * 1024) return false;
  return (await source.read(0, source.size)).every((byte) => byte === 0);
}

/** The stream has no name of its own: what is left without the wrapper's ending, or the name where the wrapper has none. */
function nameWithin(name: string): string {
  const short = name.replace(/\.t[bgx]z2?$/i, '.tar').replace(/\.(?:gz|z|zlib|bz2|xz|lzma|lz4)$/i, '');
  return short !== name || /\.(?:pkl|pickle|joblib|json|npy|csv|txt)$/i.test(name) ? short : '';
}
