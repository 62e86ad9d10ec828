// Judges an HDF5 file: where it leads out of itself, whether it holds together, and what its attributes and byte data
// carry: Keras models, pickles that PyTables and others load, whole archives.
import type { Format, Hdf5Carrier, Hdf5Problem, Hdf5Report, Source } from '@vallum/formats';
import { bytesSource, parseSource, readHdf5, sliceSource, sniff } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from '../pickle/examine-pickle.js';

const RULE_OF: Readonly<Record<Hdf5Problem['code'], string>> = {
  'external-link': 'VLM-HDF-001',
  'external-data': 'VLM-HDF-002',
  virtual: 'VLM-HDF-003',
  'user-link': 'VLM-HDF-004',
  outside: 'VLM-HDF-005',
  overlap: 'VLM-HDF-006',
  shape: 'VLM-HDF-007',
  circle: 'VLM-HDF-008',
  truncated: 'VLM-HDF-009',
};

/** Attributes and links by which the root of a Keras file is known. */
const KERAS = ['model_config', 'training_config', 'keras_version', 'layer_names', 'model_weights', 'layers', 'vars'];
/** Attributes that Keras takes for JSON, whatever they hold. */
const CONFIGS: ReadonlySet<string> = new Set(['model_config', 'training_config']);
const PACKED: ReadonlySet<Format> = new Set<Format>(['gzip', 'zlib', 'bzip2', 'xz', 'lz4', '7z', 'hdf5', 'tar']);

export async function examineHdf5(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readHdf5(item.source.size));
  const keras = KERAS.some((name) => report.root.has(name));
  for (const problem of report.problems) tell(context, item, problem, keras);
  for (const { what, why } of report.faults) skip(context, item, what, why);
  if (item.depth >= context.budgets.maxDepth)
    return skip(context, item, 'its attributes', `archives are nested deeper than ${context.budgets.maxDepth}`);
  for (const carrier of report.carriers) await examineCarrier(context, item, carrier);
  await examineEnds(context, item, report);
}

function tell(context: Context, item: Item, { code, message, path, offset }: Hdf5Problem, keras: boolean): void {
  const detail = path === undefined ? message : `${message}, at ${JSON.stringify(path.slice(0, 200))}`;
  find(context, item, {
    rule: RULE_OF[code],
    detail,
    ...(offset === undefined ? {} : { location: { offset } }),
    ...(code === 'shape' && keras ? { severity: 'high' as const } : {}),
  });
}

async function examineCarrier(context: Context, item: Item, carrier: Hdf5Carrier): Promise<void> {
  const { path, attribute, kind, pieces } = carrier;
  for (const [index, piece] of pieces.entries()) {
    context.signal?.throwIfAborted();
    const whole = 'bytes' in piece ? bytesSource(piece.bytes) : sliceSource(item.source, piece.offset, piece.length);
    if (whole.size === 0) continue;
    const source = await withoutPadding(whole);
    const place = pieces.length === 1 ? path : `${path}[${index}]`;
    const shown = place.slice(-200);
    const entry = item.entry === undefined ? shown : `${item.entry}!${shown}`;
    const inner = { source, name: '', entry, depth: item.depth + 1 };
    if (attribute !== undefined && (await examineJsonText(context, inner, attribute))) continue;
    const formats = await parseSource(sniff(source.size), source, context.signal);
    if (formats.includes('pickle') && kind === 'bytes') await examinePickle(context, inner, false);
    else if (acts(context, formats, kind !== 'bytes')) await context.inside(inner);
  }
}

/** Texts of a fixed length end in zero bytes. */
async function withoutPadding(source: Source): Promise<Source> {
  const from = Math.max(0, source.size - 4096);
  const tail = await source.read(from, source.size - from);
  let end = tail.length;
  while (end > 0 && tail[end - 1] === 0) end -= 1;
  return end === tail.length || end === 0 ? source : sliceSource(source, 0, from + end);
}

/** Whether anything would act on it. Two bytes at the start of numbers say too little for the packed formats. */
function acts(context: Context, formats: readonly Format[], certain: boolean): boolean {
  const { runnable } = context.rules.files.names;
  return formats.some(
    (format) => format !== 'script' && (runnable.includes(format) || (certain && PACKED.has(format))),
  );
}

/** @returns whether it was JSON, or should have been */
async function examineJsonText(context: Context, inner: Item, attribute: string): Promise<boolean> {
  const head = Buffer.from(await inner.source.read(0, 64)).toString('utf8');
  const config = CONFIGS.has(attribute);
  if (!config && !/^\s*[[{]/.test(head)) return false;
  if (inner.source.size > context.budgets.maxTextBytes) {
    skip(context, inner, 'as JSON', `it has ${inner.source.size} bytes, more than ${context.budgets.maxTextBytes}`);
    return true;
  }
  const text = Buffer.from(await inner.source.read(0, inner.source.size)).toString('utf8');
  const formats = await parseSource(sniff(inner.source.size), inner.source, context.signal);
  if (formats.includes('json') && (config || isJson(text))) {
    await context.inside(inner);
    return true;
  }
  if (config) skip(context, inner, 'the model', 'it is no JSON');
  return false;
}

// Python's JSON has NaN and Infinity as well.
function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/\b(?:NaN|-?Infinity)\b/g, '0'));
    return true;
  } catch {
    return false;
  }
}

async function examineEnds(context: Context, item: Item, { userBlock, trailing }: Hdf5Report): Promise<void> {
  if (userBlock > 0) {
    find(context, item, { rule: 'VLM-HDF-010', detail: `${userBlock} bytes` });
    await examineEnd(context, item, '(user block)', 0, userBlock);
  }
  if (trailing === undefined) return;
  const { offset, length } = trailing;
  find(context, item, { rule: 'VLM-HDF-011', detail: `${length} bytes from offset ${offset}`, location: { offset } });
  await examineEnd(context, item, '(behind the end)', offset, length);
}

async function examineEnd(context: Context, item: Item, name: string, offset: number, length: number): Promise<void> {
  const source = await withoutPadding(sliceSource(item.source, offset, length));
  const formats = await parseSource(sniff(source.size), source, context.signal);
  const entry = item.entry === undefined ? name : `${item.entry}!${name}`;
  if (acts(context, formats, true)) await context.inside({ source, name: '', entry, depth: item.depth + 1 });
}
