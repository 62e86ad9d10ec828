// The attributes of an object, in its header or in a heap with an index: here Keras keeps its model, and PyTables pickles.
import type { Parser } from '../bytes/parser.js';
import type { Datatype } from './datatype.js';
import { readDatatype } from './datatype.js';
import type { Hdf5File } from './file.js';
import { Cursor, Damage } from './file.js';
import { FractalHeap } from './heaps.js';
import { MESSAGE, readDataspace } from './messages.js';
import type { Message } from './object-header.js';
import { readObjectHeader } from './object-header.js';
import { readTree2 } from './trees.js';

export interface AttributeMessage {
  readonly name: string;
  readonly type: Datatype;
  readonly count: number;
  readonly data: Buffer;
}

/** Calls `found` for every attribute that can be read and `lost` for every other. */
export function* readAttributes(
  file: Hdf5File,
  messages: readonly Message[],
  found: (attribute: AttributeMessage) => Parser<void>,
  lost: (error: unknown) => void,
): Parser<void> {
  for (const { type, shared, bytes } of messages)
    if (type === MESSAGE.attribute) yield* one(file, new Cursor(file, bytes), shared, found, lost);
    else if (type === MESSAGE.attributeInfo) yield* readDense(file, new Cursor(file, bytes), found, lost);
}

function* one(
  file: Hdf5File,
  cursor: Cursor,
  shared: boolean,
  found: (attribute: AttributeMessage) => Parser<void>,
  lost: (error: unknown) => void,
): Parser<void> {
  try {
    if (shared) throw new Damage('an attribute is kept in the table of shared messages');
    yield* found(yield* readAttribute(file, cursor));
  } catch (error) {
    lost(error);
  }
}

function* readDense(
  file: Hdf5File,
  cursor: Cursor,
  found: (attribute: AttributeMessage) => Parser<void>,
  lost: (error: unknown) => void,
): Parser<void> {
  const flags = cursor.skip(1).number(1);
  if ((flags & 1) !== 0) cursor.skip(2);
  const heapAddress = cursor.address();
  const names = cursor.address();
  if (heapAddress === undefined || names === undefined) return;
  const heap = yield* FractalHeap.open(file, heapAddress);
  for (const record of yield* readTree2(file, names)) {
    const shared = ((record[record.length - 9] ?? 0) & 2) !== 0;
    // Behind the id stand flags, the order of creation and a hash.
    const content = shared ? new Cursor(file, record) : yield* heap.object(record.subarray(0, record.length - 9));
    yield* one(file, content, shared, found, lost);
  }
}

function* readAttribute(file: Hdf5File, cursor: Cursor): Parser<AttributeMessage> {
  const version = cursor.number(1);
  if (version < 1 || version > 3) throw new Damage(`an attribute of version ${version}`);
  const flags = cursor.number(1);
  const nameSize = cursor.number(2);
  const typeSize = cursor.number(2);
  const spaceSize = cursor.number(2);
  if (version === 3) cursor.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const name = new Cursor(file, cursor.take(padded(nameSize))).text();
  const typeBytes = cursor.take(padded(typeSize));
  const type =
    version > 1 && (flags & 1) !== 0
      ? yield* sharedDatatype(file, new Cursor(file, typeBytes))
      : readDatatype(new Cursor(file, typeBytes));
  const { count } = readDataspace(new Cursor(file, cursor.take(padded(spaceSize))));
  return { name, type, count, data: cursor.take(cursor.left) };
}

/** The type that a reference to a named one stands for. */
export function* sharedDatatype(file: Hdf5File, cursor: Cursor): Parser<Datatype> {
  const version = cursor.number(1);
  const kind = cursor.number(1);
  if (version === 3 && kind === 1) throw new Damage('a type is kept in the table of shared messages');
  if (version === 1) cursor.skip(6);
  const header = yield* readObjectHeader(file, cursor.address());
  const message = header.messages.find(({ type, shared }) => type === MESSAGE.datatype && !shared);
  if (message === undefined) throw new Damage('a named type has no type');
  return readDatatype(new Cursor(file, message.bytes));
}
