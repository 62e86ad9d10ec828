// Examines one file, or one entry of an archive: finds out what it is by content, runs every examination that matches,
// and says what was not examined. A format that is not known is never taken for harmless.
import { messageOf } from '@vallum/core';
import type { Format } from '@vallum/formats';
import { sniff } from '@vallum/formats';
import type { Context, Item } from './context.js';
import { find, read, skip } from './context.js';
import { examineText } from './examine-text.js';
import { EXAMINERS } from './examiners.js';

/** What is noted where no format matches. */
export const UNKNOWN_CONTENT = 'the content';

/** @returns the formats and kinds of text that it was examined as */
export async function examine(context: Context, item: Item): Promise<readonly string[]> {
  const formats = await read(context, item, sniff(item.source.size));
  const names = context.rules.files.names;
  const base = (item.name.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  const extension = base.includes('.') ? (base.split('.').at(-1) ?? '') : base;
  checkName(context, item, formats, extension);
  checkPolyglot(context, item, formats);
  for (const format of formats) await examineAs(context, item, format);
  for (const format of formats) {
    if (EXAMINERS[format] !== undefined || names.harmless.includes(format)) continue;
    if (names.programs.includes(format)) find(context, item, { rule: 'VLM-FIL-004', detail: format });
    skip(context, item, `as ${format}`, 'it is recognised, not examined');
  }
  const kinds = formats.includes('text') ? await examineText(context, item, formats) : [];
  if (formats.length === 0) skip(context, item, UNKNOWN_CONTENT, 'its format is not known');
  return [...formats, ...kinds];
}

function checkName(context: Context, item: Item, formats: readonly Format[], extension: string): void {
  const { names } = context.rules.files;
  const expected = names.expect.find((row) => row.extensions.includes(extension));
  if (expected === undefined || formats.some((format) => expected.formats.includes(format))) {
    if (expected?.inert !== true) return;
    // It is what its name says, and something that runs as well.
    const hidden = formats.filter(
      (format) => format !== 'script' && names.runnable.includes(format) && !expected.formats.includes(format),
    );
    if (hidden.length > 0)
      find(context, item, { rule: 'VLM-FIL-002', detail: `.${extension} holds ${hidden.join(' and ')}` });
    return;
  }
  const content = formats.length === 0 ? 'something unknown' : formats.join(' and ');
  const runnable = formats.some((format) => names.runnable.includes(format));
  find(context, item, {
    rule: expected.inert === true && runnable ? 'VLM-FIL-002' : 'VLM-FIL-001',
    detail: `.${extension} holds ${content}`,
  });
  if (!runnable) skip(context, item, `as ${expected.formats[0] ?? extension}`, 'its content is something else');
}

/** Formats that lie inside one another by nature are one thing. */
const NATURAL: readonly (readonly string[])[] = [
  ['text', 'json', 'script', 'pickle'],
  ['zlib', 'pickle'],
  ['lz4', 'zstd'],
  ['tflite', 'zip'],
];

function checkPolyglot(context: Context, item: Item, formats: readonly Format[]): void {
  if (formats.length < 2 || NATURAL.some((set) => formats.every((format) => set.includes(format)))) return;
  find(context, item, { rule: 'VLM-FIL-003', detail: formats.join(' and ') });
}

/** One examination that breaks must not silence the others, and it is never a pass. */
export async function examineAs(context: Context, item: Item, format: Format): Promise<void> {
  try {
    await (
      await EXAMINERS[format]?.()
    )?.(context, item);
  } catch (error) {
    context.signal?.throwIfAborted();
    skip(context, item, `as ${format}`, messageOf(error));
  }
}
