// Examines a zip and everything inside it: the disagreements of its views, and each entry by its content.
import type { Source, Unpacked, ZipEntry, ZipProblem } from '@vallum/formats';
import { entryUnpacker, parseBytes, readZip, sliceSource, sniff, ZIP_LIMITS } from '@vallum/formats';
import { crc32 } from 'node:zlib';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { examinePickle } from '../pickle/examine-pickle.js';
import type { TorchArchive } from '../pickle/torch-archive.js';
import { examineTorchScript, torchArchive } from '../pickle/torch-archive.js';
import { nearSource } from './near-source.js';
import { unpackItem } from './unpack-item.js';

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
  descriptor: 'VLM-ZIP-001',
  zip64: 'VLM-ZIP-014',
  'unicode-name': 'VLM-ZIP-001',
  encrypted: 'VLM-ZIP-009',
  traversal: 'VLM-ZIP-005',
  'odd-name': 'VLM-ZIP-008',
  backslash: 'VLM-ZIP-013',
  link: 'VLM-ZIP-006',
  duplicate: 'VLM-ZIP-007',
  'near-duplicate': 'VLM-ZIP-013',
};
/** Bytes of an entry that are read to compare them with their checksum. */
const MAX_CHECKED = 64 * 1024 * 1024;

export async function examineZip(context: Context, file: Item): Promise<void> {
  const item = { ...file, source: nearSource(file.source) };
  const limits = { ...ZIP_LIMITS, maxEntries: context.budgets.maxEntries };
  const report = await read(context, item, readZip(item.source.size, limits));
  for (const problem of report.problems)
    find(context, item, {
      rule: RULE_OF[problem.code],
      detail: `${problem.message}${problem.entry === undefined ? '' : ` (${JSON.stringify(problem.entry.slice(0, 200))})`}`,
      location: { offset: problem.offset },
    });
  for (const fault of report.faults) skip(context, item, 'as zip', fault);
  const { maxDepth, maxEntries } = context.budgets;
  if (item.depth >= maxDepth)
    return skip(context, item, `${report.entries.length} entries`, `archives are nested deeper than ${maxDepth}`);
  const torch = torchArchive(report.entries);
  for (const draft of torch.findings) find(context, item, draft);
  for (const entry of report.entries) {
    context.signal?.throwIfAborted();
    if (entry.directory) continue;
    if (++context.spent.entries > maxEntries) return skip(context, item, 'further entries', `more than ${maxEntries}`);
    await examineEntry(context, item, entry, torch);
  }
}

async function examineEntry(context: Context, item: Item, entry: ZipEntry, torch: TorchArchive): Promise<void> {
  const path = item.entry === undefined ? entry.name : `${item.entry}!${entry.name}`;
  const inner = { name: entry.name, entry: path, depth: item.depth + 1 };
  const packed = sliceSource(item.source, entry.dataOffset, entry.compressed);
  const unpacker = entryUnpacker(entry);
  if (typeof unpacker === 'string') return skip(context, { ...inner, source: packed }, 'the entry', unpacker);
  if (unpacker === undefined) return examineContent(context, { ...inner, source: packed }, entry, torch);
  const told = { ...inner, source: packed };
  await unpackItem(context, told, packed, unpacker(), 'the entry', async ({ source, unpacked }) => {
    tellRest(context, told, unpacked);
    await examineContent(context, { ...inner, source }, entry, torch);
  });
}

/** Bytes of the entry behind the end of its compressed stream, which no reader unpacks. */
function tellRest(context: Context, item: Item, unpacked: Unpacked | undefined): void {
  if (unpacked === undefined || unpacked.fault !== undefined || unpacked.end >= item.source.size) return;
  find(context, item, {
    rule: 'VLM-CMP-001',
    detail: `${item.source.size - unpacked.end} bytes of the entry behind its compressed stream`,
  });
}

async function examineContent(context: Context, item: Item, entry: ZipEntry, torch: TorchArchive): Promise<void> {
  if (torch.isStorage(entry.name) && !entry.encrypted) return examineStorage(context, item);
  const matches = await checksumHolds(item.source, entry);
  if (matches === false && entry.encrypted)
    skip(context, item, 'the entry', 'it is encrypted, or marked so; its bytes are looked at as they are');
  else if (matches === false && entry.view !== 'local')
    find(context, item, { rule: 'VLM-ZIP-012', detail: 'its bytes differ from it' });
  if (torch.isScript(entry.name)) return examineTorchScript(context, item);
  await context.inside({ ...item, entries: torch.sizes });
}

/** Undefined for an entry that is too large to be read for this alone. */
async function checksumHolds(source: Source, entry: ZipEntry): Promise<boolean | undefined> {
  if (source.size > MAX_CHECKED) return undefined;
  let sum = 0;
  for (let at = 0; at < source.size;) {
    const bytes = await source.read(at, 1024 * 1024);
    if (bytes.length === 0) break;
    sum = crc32(bytes, sum);
    at += bytes.length;
  }
  return sum === entry.crc;
}

/** Formats that loaders other than torch open by their content: numpy takes any entry of an archive for an array. */
const TOLD_BY_MAGIC: ReadonlySet<string> = new Set(
  'zip npy hdf5 gzip bzip2 xz zstd lz4 7z rar tar elf pe mach-o java-class python-bytecode'.split(' '),
);

/** Two or three letters stand at the start of numbers by chance; what must follow them does not. */
function isCertain(format: string, head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (format === 'gzip') return bytes[2] === 8 && (bytes[3] ?? 0xff) < 0x20;
  if (format === 'bzip2') return /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/.test(bytes.toString('latin1', 0, 10));
  return TOLD_BY_MAGIC.has(format);
}

// Raw numbers match nothing, or match something by chance. What has the first bytes of something else is examined as that,
// whatever torch would make of it: the archive may be loaded by something else than torch.
async function examineStorage(context: Context, item: Item): Promise<void> {
  const head = await item.source.read(0, 4096);
  const formats = parseBytes(sniff(head.length), head);
  if (formats.some((format) => isCertain(format, head))) await context.inside(item);
  else if (formats.includes('pickle')) await examinePickle(context, item, false);
}
