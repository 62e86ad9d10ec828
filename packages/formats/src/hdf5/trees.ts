// B-trees of both versions: the index of links, attributes and chunks. A hostile tree points back into itself, so every
// node is visited once and a level must be one below its parent's.
import type { Parser } from '../bytes/parser.js';
import { widthFor } from './datatype.js';
import type { Address, Hdf5File } from './file.js';
import { Damage } from './file.js';

const MAX_DEPTH = 64;

export interface Tree1Entry {
  /** The key before the child. */
  readonly key: Buffer;
  readonly child: Address;
}

/** The leaves' entries of a tree of version 1, in order, or the first `most` and some more; `keyLength` bytes each key. */
export function* readTree1(
  file: Hdf5File,
  root: Address,
  type: number,
  keyLength: number,
  most = Infinity,
): Parser<readonly Tree1Entry[]> {
  const entries: Tree1Entry[] = [];
  const seen = new Set<number>();
  const open: { address: Address; level: number | undefined }[] = [{ address: root, level: undefined }];
  for (let next = open.pop(); next !== undefined && entries.length <= most; next = open.pop()) {
    const { address, level: expected } = next;
    file.step();
    if (address === undefined || seen.has(address))
      throw new Damage(`a tree goes in a circle at ${address ?? 'nothing'}`);
    seen.add(address);
    const head = (yield* file.cursor(address, 8 + 2 * file.offsetSize)).expect('TREE');
    if (head.number(1) !== type) throw new Damage('a tree is of another kind');
    const level = head.number(1);
    if (expected !== undefined && level !== expected) throw new Damage('a tree has a level too many');
    const used = head.number(2);
    const body = yield* file.cursor(address + head.bytes.length, used * (keyLength + file.offsetSize));
    const children: Tree1Entry[] = [];
    for (let index = 0; index < used; index++) {
      file.step();
      children.push({ key: body.take(keyLength), child: body.address() });
    }
    if (level === 0) entries.push(...children);
    else for (const { child } of children.reverse()) open.push({ address: child, level: level - 1 });
  }
  return entries;
}

/** The records of a tree of version 2, in no order, or some more than `most` of them. */
export function* readTree2(file: Hdf5File, root: Address, most = Infinity): Parser<readonly Buffer[]> {
  const head = (yield* file.upTo(root, 64)).expect('BTHD').skip(2);
  const nodeSize = head.number(4);
  const recordSize = head.number(2);
  const depth = head.number(2);
  const address = head.skip(2).address();
  const count = head.number(2);
  if (recordSize < 1 || nodeSize < recordSize + 10 || depth > MAX_DEPTH)
    throw new Damage('the sizes of a tree do not fit');
  const records: Buffer[] = [];
  if (address === undefined) return records;
  const widths = pointerWidths(file.offsetSize, nodeSize, recordSize, depth);
  const seen = new Set<number>();
  const open: { address: Address; count: number; depth: number }[] = [{ address, count, depth }];
  for (let next = open.pop(); next !== undefined && records.length <= most; next = open.pop()) {
    file.step(1 + next.count);
    if (next.address === undefined || seen.has(next.address)) throw new Damage('a tree goes in a circle');
    seen.add(next.address);
    const node = yield* file.cursor(next.address, Math.min(nodeSize, file.size - next.address));
    node.expect(next.depth > 0 ? 'BTIN' : 'BTLF').skip(2);
    for (let index = 0; index < next.count; index++) records.push(node.take(recordSize));
    if (next.depth === 0) continue;
    for (let index = 0; index <= next.count; index++) {
      const child = node.address();
      const inside = node.number(widths.count);
      node.skip(widths.total[next.depth] ?? 0);
      open.push({ address: child, count: inside, depth: next.depth - 1 });
    }
  }
  return records;
}

// A pointer to a child is its address, its number of records, and above the lowest level the number below it; how wide
// these are follows from how many records fit.
function pointerWidths(
  offsetSize: number,
  nodeSize: number,
  recordSize: number,
  depth: number,
): { readonly count: number; readonly total: readonly number[] } {
  const leaf = Math.floor((nodeSize - 10) / recordSize);
  const count = widthFor(leaf);
  const total = [0, 0];
  let most = leaf;
  for (let level = 1; level <= depth; level++) {
    const pointer = offsetSize + count + (total[level] ?? 0);
    const records = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    most = (records + 1) * most + records;
    total.push(widthFor(most));
  }
  return { count, total };
}
