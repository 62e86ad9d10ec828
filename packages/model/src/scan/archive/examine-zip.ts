// Examines a zip and everything inside it: the disagreements of its two views, and each entry by its content.
import type { EntryData, ZipEntry, ZipProblem } from '@vallum/formats';
import { bytesSource, parseBytes, readEntry, readZip, sliceSource, sniff, ZIP_LIMITS } from '@vallum/formats';
import { crc32 } from 'node:zlib';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from '../pickle/examine-pickle.js';

const RULE_OF: Readonly<Record<ZipProblem['code'], string>> = {
  'two-ends': 'VLM-ZIP-003',
  'two-directories': 'VLM-ZIP-003',
  prefix: 'VLM-ZIP-004',
  suffix: 'VLM-ZIP-004',
  gap: 'VLM-ZIP-004',
  hidden: 'VLM-ZIP-002',
  'no-local': 'VLM-ZIP-001',
  overlap: 'VLM-ZIP-011',
  name: 'VLM-ZIP-001',
  method: 'VLM-ZIP-001',
  size: 'VLM-ZIP-001',
  crc: 'VLM-ZIP-001',
  flags: 'VLM-ZIP-001',
  encrypted: 'VLM-ZIP-009',
  traversal: 'VLM-ZIP-005',
  'odd-name': 'VLM-ZIP-008',
  link: 'VLM-ZIP-006',
  duplicate: 'VLM-ZIP-007',
};

export async function examineZip(context: Context, item: Item): Promise<void> {
  const limits = { ...ZIP_LIMITS, maxEntries: context.budgets.maxEntries };
  const report = await read(context, item, readZip(item.source.size, limits));
  for (const problem of report.problems)
    find(context, item, {
      rule: RULE_OF[problem.code],
      detail: `${problem.message}${problem.entry === undefined ? '' : ` (${JSON.stringify(problem.entry.slice(0, 200))})`}`,
      location: { offset: problem.offset },
    });
  for (const fault of report.faults) skip(context, item, 'as zip', fault);
  if (item.depth >= context.budgets.maxDepth)
    return skip(
      context,
      item,
      `${report.entries.length} entries`,
      `archives are nested deeper than ${context.budgets.maxDepth}`,
    );
  const storages = storagePrefixes(report.entries);
  for (const entry of report.entries) {
    context.signal?.throwIfAborted();
    if (entry.directory) continue;
    if (++context.spent.entries > context.budgets.maxEntries)
      return skip(context, item, 'further entries', `more than ${context.budgets.maxEntries}`);
    await examineEntry(context, item, entry, isStorage(entry.name, storages));
  }
}

async function examineEntry(context: Context, item: Item, entry: ZipEntry, storage: boolean): Promise<void> {
  const path = item.entry === undefined ? entry.name : `${item.entry}!${entry.name}`;
  const { maxEntryBytes, maxRatio, maxUnpackedBytes } = context.budgets;
  const data = await read(context, item, readEntry(entry, { maxBytes: maxEntryBytes, maxRatio }));
  const inner = { name: entry.name, entry: path, depth: item.depth + 1 };
  const source = unpacked(context, item, { ...inner, source: item.source }, data);
  if (source === undefined) return;
  context.spent.unpacked += data.kind === 'unpacked' ? source.size : 0;
  if (context.spent.unpacked > maxUnpackedBytes)
    return skip(context, item, path, `the file unpacks to more than ${maxUnpackedBytes} bytes`);
  const content = { ...inner, source };
  if (storage) return examineStorage(context, content);
  if (source.size <= maxEntryBytes && entry.view === 'central') {
    const bytes = await source.read(0, source.size);
    if (crc32(bytes) !== entry.crc) find(context, content, { rule: 'VLM-ZIP-012', detail: 'its bytes differ from it' });
  }
  await context.inside(content);
}

function unpacked(context: Context, item: Item, inner: Item, data: EntryData): Item['source'] | undefined {
  if (data.kind === 'stored') return sliceSource(item.source, data.offset, data.length);
  if (data.kind === 'unpacked') return bytesSource(data.bytes);
  if (data.kind === 'bomb') find(context, inner, { rule: 'VLM-ZIP-010', detail: data.why });
  return void skip(context, inner, 'the entry', data.why);
}

/** Folders of torch archives, where the files named by a number are raw tensor bytes. */
function storagePrefixes(entries: readonly ZipEntry[]): ReadonlySet<string> {
  return new Set(
    entries
      .filter(({ name }) => /(?:^|\/)data\.pkl$/.test(name))
      .map(({ name }) => `${name.slice(0, -'.pkl'.length)}/`),
  );
}

function isStorage(name: string, prefixes: ReadonlySet<string>): boolean {
  const cut = name.lastIndexOf('/') + 1;
  return prefixes.has(name.slice(0, cut)) && /^\d+$/.test(name.slice(cut));
}

// Raw numbers match nothing, or match something by chance; a real pickle or archive among them is still looked into.
async function examineStorage(context: Context, item: Item): Promise<void> {
  const head = await item.source.read(0, 4096);
  const formats = parseBytes(sniff(head.length), head);
  if (formats.includes('zip')) await context.inside(item);
  else if (formats.includes('pickle')) await examinePickle(context, item, false);
}
