// Examines a tar and everything inside it: what only some readers see, where names and links lead, each entry by its
// content. Images of containers, NeMo's archives and torch's first format are tars (CVE-2025-32434 for the last).
import type { TarEntry, TarProblem } from '@vallum/formats';
import { readTar, sliceSource, TAR_LIMITS } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { nearSource } from './near-source.js';

const RULE_OF: Readonly<Record<TarProblem['code'], string>> = {
  hidden: 'VLM-TAR-001',
  size: 'VLM-TAR-002',
  checksum: 'VLM-TAR-002',
  traversal: 'VLM-TAR-003',
  escape: 'VLM-TAR-004',
  link: 'VLM-TAR-005',
  device: 'VLM-TAR-006',
  'odd-name': 'VLM-TAR-007',
  duplicate: 'VLM-TAR-008',
  suffix: 'VLM-TAR-009',
};
/** The members of the archive that torch wrote before 0.1.10. */
const LEGACY_TORCH = ['pickle', 'storages', 'tensors'];

export async function examineTar(context: Context, file: Item): Promise<void> {
  const item = { ...file, source: nearSource(file.source) };
  const { maxDepth, maxEntries } = context.budgets;
  const { size } = item.source;
  const report = await read(context, item, readTar(size, { ...TAR_LIMITS, maxEntries }));
  for (const { code, message, offset, entry } of report.problems)
    find(context, item, {
      rule: RULE_OF[code],
      detail: `${message}${entry === undefined ? '' : ` (${JSON.stringify(entry.slice(0, 200))})`}`,
      location: { offset },
    });
  for (const fault of report.faults) skip(context, item, 'as tar', fault);
  const names = new Set(report.entries.map(({ name }) => name.replace(/^\.\//, '')));
  if (LEGACY_TORCH.every((name) => names.has(name)))
    find(context, item, { rule: 'VLM-TAR-010', detail: 'it has the members of such an archive' });
  if (item.depth >= maxDepth)
    return skip(context, item, `${report.entries.length} entries`, `archives are nested deeper than ${maxDepth}`);
  for (const entry of report.entries) {
    context.signal?.throwIfAborted();
    if (++context.spent.entries > maxEntries) return skip(context, item, 'further entries', `more than ${maxEntries}`);
    await examineEntry(context, item, entry);
  }
  for (const { offset, length } of report.loose) await context.inside(part(item, '', `(at ${offset})`, offset, length));
}

async function examineEntry(context: Context, item: Item, entry: TarEntry): Promise<void> {
  const inner = part(item, entry.name, entry.name, entry.dataOffset, entry.size);
  if (entry.kind === 'sparse file')
    skip(context, inner, 'the entry', 'it is a sparse file; its pieces are looked at as one');
  if (entry.kind === 'file' || entry.kind === 'sparse file' || entry.size > 0) await context.inside(inner);
}

function part(item: Item, name: string, shown: string, offset: number, length: number): Item {
  return {
    source: sliceSource(item.source, offset, length),
    name,
    entry: item.entry === undefined ? shown : `${item.entry}!${shown}`,
    depth: item.depth + 1,
  };
}
