// A 7z archive: recognised, not unpacked. Where a loader expects a zip or a pickle it is an attack in itself: NullifAI's
// models were such files, which torch.load refuses only after tools that look for a zip have seen nothing.
import { readSevenZip } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';

export async function examineSevenZip(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readSevenZip(item.source.size));
  if (report.fault !== undefined) skip(context, item, 'as 7z', report.fault);
  const listing = report.header === 'packed' ? 'what it holds and how it is called' : 'what it holds';
  const extension = /\.([^./\\]+)$/.exec(item.name)?.[1]?.toLowerCase();
  if (extension !== undefined && context.rules.files.archive.loaded.includes(extension))
    find(context, item, { rule: 'VLM-SEV-001', detail: `.${extension} holds 7z` });
  skip(context, item, listing, `7z ${report.version} is recognised, not unpacked`);
  if (report.end < item.source.size)
    find(context, item, {
      rule: 'VLM-CMP-001',
      detail: `${item.source.size - report.end} bytes behind the 7z archive, from offset ${report.end}`,
      location: { offset: report.end },
    });
}
