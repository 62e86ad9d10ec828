// Examines what a gzip or zlib stream holds: joblib and others compress whole pickles so, and a scanner that stops at the
// wrapper sees nothing. Output is bounded, because a small stream can unpack to anything.
import { gunzipSync, inflateSync } from 'node:zlib';
import { bytesSource } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';

const MIB = 1024 * 1024;

export const examineGzip = (context: Context, item: Item): Promise<void> => examinePacked(context, item, 'gzip');
export const examineZlib = (context: Context, item: Item): Promise<void> => examinePacked(context, item, 'zlib');

async function examinePacked(context: Context, item: Item, format: 'gzip' | 'zlib'): Promise<void> {
  const { maxDepth, maxEntryBytes, maxRatio } = context.budgets;
  const { size } = item.source;
  const what = `what the ${format} stream holds`;
  if (item.depth >= maxDepth) return skip(context, item, what, `archives are nested deeper than ${maxDepth}`);
  if (size > maxEntryBytes) return skip(context, item, what, `it has ${size} bytes, more than ${maxEntryBytes}`);
  const packed = await item.source.read(0, size);
  const ratioLimit = Math.max(MIB, size * maxRatio);
  try {
    const maxOutputLength = Math.min(maxEntryBytes, ratioLimit);
    const bytes = (format === 'gzip' ? gunzipSync : inflateSync)(packed, { maxOutputLength });
    context.spent.unpacked += bytes.length;
    if (context.spent.unpacked > context.budgets.maxUnpackedBytes)
      return skip(context, item, what, 'the file unpacks to too much');
    const name = item.name.replace(/\.(?:gz|z|zlib)$/i, '');
    const entry = item.entry === undefined ? `(${format})` : `${item.entry}!(${format})`;
    await context.inside({ source: bytesSource(bytes), name: plainName(name), entry, depth: item.depth + 1 });
  } catch (error) {
    context.signal?.throwIfAborted();
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (!tooLarge) return skip(context, item, what, 'the stream is broken');
    if (ratioLimit < maxEntryBytes)
      find(context, item, {
        rule: 'VLM-ZIP-010',
        detail: `a ${format} stream of ${size} bytes holds more than ${ratioLimit}`,
      });
    skip(context, item, what, `it unpacks to more than ${Math.min(maxEntryBytes, ratioLimit)} bytes`);
  }
}

/** The stream has no name of its own; that of the wrapper promises the wrapper. */
function plainName(name: string): string {
  return /\.(?:pkl|pickle|joblib|json|npy|csv|txt)$/i.test(name) ? name : '';
}
