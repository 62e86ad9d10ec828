// A text in UTF-16 is examined as the same text in UTF-8: Windows runs scripts in it, and some readers of JSON take it.
import { bytesSource, utf16Of, utf16Text } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { skip } from '../context.js';

export async function examineUtf16(context: Context, item: Item): Promise<void> {
  const { size } = item.source;
  const { maxTextBytes } = context.budgets;
  if (size > maxTextBytes) return skip(context, item, 'as text', `it has ${size} bytes, more than ${maxTextBytes}`);
  const bytes = await item.source.read(0, size);
  const encoding = utf16Of(bytes);
  const text = encoding === undefined ? undefined : utf16Text(bytes, encoding);
  if (text === undefined) return skip(context, item, 'as text', 'it is not valid UTF-16');
  const part = '(utf-16)';
  const entry = item.entry === undefined ? part : `${item.entry}!${part}`;
  await context.inside({ source: bytesSource(Buffer.from(text)), name: item.name, entry, depth: item.depth });
}
