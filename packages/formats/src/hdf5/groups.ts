// The links of a group: in its header, in a heap with an index (large groups), or in the tree and heap of old groups.
import type { Parser } from '../bytes/parser.js';
import type { Address, Hdf5File } from './file.js';
import { Cursor } from './file.js';
import { FractalHeap, LocalHeap } from './heaps.js';
import type { LinkMessage } from './messages.js';
import { MESSAGE, readLink } from './messages.js';
import type { Message } from './object-header.js';
import { readTree1, readTree2 } from './trees.js';

const SOFT = 2;

/** Calls `found` for every link; throws `Damage` after what could be read. */
export function* readLinks(
  file: Hdf5File,
  messages: readonly Message[],
  found: (link: LinkMessage) => void,
): Parser<void> {
  for (const { type, bytes } of messages) {
    const cursor = new Cursor(file, bytes);
    if (type === MESSAGE.link) found(readLink(cursor));
    else if (type === MESSAGE.linkInfo) yield* readDense(file, cursor, found);
    else if (type === MESSAGE.symbolTable) yield* readOld(file, cursor.address(), cursor.address(), found);
  }
}

function* readDense(file: Hdf5File, cursor: Cursor, found: (link: LinkMessage) => void): Parser<void> {
  const flags = cursor.skip(1).number(1);
  if ((flags & 1) !== 0) cursor.skip(8);
  const heapAddress = cursor.address();
  const names = cursor.address();
  if (heapAddress === undefined || names === undefined) return;
  const heap = yield* FractalHeap.open(file, heapAddress);
  // A record is a hash of the name and the id in the heap.
  for (const record of yield* readTree2(file, names)) found(readLink(yield* heap.object(record.subarray(4))));
}

function* readOld(
  file: Hdf5File,
  tree: Address,
  heapAddress: Address,
  found: (link: LinkMessage) => void,
): Parser<void> {
  const heap = yield* LocalHeap.open(file, heapAddress);
  for (const { child } of yield* readTree1(file, tree, 0, file.lengthSize)) {
    const head = (yield* file.cursor(child, 8)).expect('SNOD');
    const count = head.skip(2).number(2);
    const width = 2 * file.offsetSize + 24;
    for (let index = 0; index < count; index++) {
      file.step();
      const entry = yield* file.cursor((child ?? 0) + 8 + index * width, width);
      const name = yield* heap.text(entry.number(file.offsetSize));
      const address = entry.address();
      if (entry.number(4) !== SOFT) found({ name, target: { kind: 'hard', address } });
      else found({ name, target: { kind: 'soft', path: yield* heap.text(entry.skip(4).number(4)) } });
    }
  }
}
