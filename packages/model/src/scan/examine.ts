// Examines one file, or one entry of an archive: finds out what it is by content, runs every examination that matches,
// and says what was not examined. A format that is not known is never taken for harmless.
import { messageOf } from '@vallum/core';
import type { Format } from '@vallum/formats';
import { sniff } from '@vallum/formats';
import { examinePacked } from './archive/examine-packed.js';
import { examineZip } from './archive/examine-zip.js';
import type { Context, Item } from './context.js';
import { find, read, skip } from './context.js';
import { examineOnnx } from './document/examine-onnx.js';
import { examineSafetensors } from './document/examine-safetensors.js';
import { examineJson, examineRequirements, examineYaml } from './document/examine-text.js';
import { examineNpy, examinePickle } from './pickle/examine-pickle.js';

/** What is noted where no format matches. */
export const UNKNOWN_CONTENT = 'the content';

export async function examine(context: Context, item: Item): Promise<readonly string[]> {
  const formats = await read(context, item, sniff(item.source.size));
  const names = context.rules.files.names;
  const base = (item.name.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  const extension = base.includes('.') ? (base.split('.').at(-1) ?? '') : base;
  checkName(context, item, formats, extension);
  checkPolyglot(context, item, formats);
  for (const format of formats) {
    try {
      await examineFormat(context, item, format);
    } catch (error) {
      // One examination that breaks must not silence the others, and it is never a pass.
      context.signal?.throwIfAborted();
      skip(context, item, `as ${format}`, messageOf(error));
    }
  }
  const refined = formats.includes('text') ? await examineNamedText(context, item, base, extension, formats) : [];
  const unexamined = formats.filter((format) => !names.examined.includes(format));
  for (const format of unexamined) {
    if (names.programs.includes(format)) find(context, item, { rule: 'VAL-FIL-004', detail: format });
    skip(context, item, `as ${format}`, 'it is recognised, not examined');
  }
  if (formats.length === 0) skip(context, item, UNKNOWN_CONTENT, 'its format is not known');
  return [...formats, ...refined];
}

async function examineFormat(context: Context, item: Item, format: Format): Promise<void> {
  switch (format) {
    case 'pickle':
      return examinePickle(context, item);
    case 'gzip':
    case 'zlib':
      return examinePacked(context, item, format);
    case 'zip':
      return examineZip(context, item);
    case 'onnx':
      return examineOnnx(context, item);
    case 'safetensors':
      return examineSafetensors(context, item);
    case 'npy':
      return examineNpy(context, item);
    case 'json':
      return examineJson(context, item);
    default:
      return;
  }
}

// Among texts the name is all there is: it may add an examination, and it never takes one away.
async function examineNamedText(
  context: Context,
  item: Item,
  base: string,
  extension: string,
  formats: readonly Format[],
): Promise<readonly string[]> {
  const { names } = context.rules.files;
  const other = names.notExaminedNames.find(
    (row) => row.extensions?.includes(extension) === true || row.names?.includes(base) === true,
  );
  if (other !== undefined) skip(context, item, other.what, 'it is recognised, not examined');
  if (new RegExp(names.requirements, 'i').test(base)) {
    await examineRequirements(context, item);
    return ['requirements'];
  }
  if (formats.includes('json')) return [];
  if (names.yaml.includes(extension)) {
    await examineYaml(context, item, true);
    return ['yaml'];
  }
  if (!names.markdown.includes(extension) && item.source.size <= context.budgets.maxTextBytes)
    await examineYaml(context, item, false);
  return [];
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
      find(context, item, { rule: 'VAL-FIL-002', detail: `.${extension} holds ${hidden.join(' and ')}` });
    return;
  }
  const content = formats.length === 0 ? 'something unknown' : formats.join(' and ');
  const runnable = formats.some((format) => names.runnable.includes(format));
  find(context, item, {
    rule: expected.inert === true && runnable ? 'VAL-FIL-002' : 'VAL-FIL-001',
    detail: `.${extension} holds ${content}`,
  });
  if (!runnable) skip(context, item, `as ${expected.formats[0] ?? extension}`, 'its content is something else');
}

/** Formats that lie inside one another by nature are one thing. */
const NATURAL: readonly (readonly string[])[] = [
  ['text', 'json', 'script', 'pickle'],
  ['zlib', 'pickle'],
];

function checkPolyglot(context: Context, item: Item, formats: readonly Format[]): void {
  if (formats.length < 2 || NATURAL.some((set) => formats.every((format) => set.includes(format)))) return;
  find(context, item, { rule: 'VAL-FIL-003', detail: formats.join(' and ') });
}
