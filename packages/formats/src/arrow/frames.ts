// Finds the messages of an Arrow file or stream. A file lists its batches in a footer; a stream has them one behind the other.
import type { Source } from '../bytes/parser.js';
import { brokenTable, largeTable, unsupportedTable } from '../columnar/fault.js';
import { tableError } from '../table/errors.js';
import type { ArrowFooter, Extent, Message } from './messages.js';
import { readArrowFooter, readMessage } from './messages.js';

const MAGIC = 'ARROW1';
const OLD_MAGIC = 'FEA1';
/** Magic and padding in front; length of the footer and magic behind. */
const HEAD = 8;
const TAIL = 10;
const MAX_METADATA = 256 * 1024 * 1024;
const CONTINUED = 0xffffffff;

export interface Framed {
  readonly message: Message;
  readonly body: Extent;
}

/** The footer of a file; undefined for a stream. @throws VallumError `TABLE_*` */
export async function readFileFooter(source: Source): Promise<{ footer: ArrowFooter; end: number } | undefined> {
  const { size } = source;
  const head = (await readBytes(source, 0, Math.min(size, HEAD))).toString('latin1');
  if (head.startsWith(OLD_MAGIC))
    throw unsupportedTable('it is in the first version of Feather', 'write it again as Feather version 2');
  if (!head.startsWith(MAGIC)) return undefined;
  if (size < HEAD + TAIL) throw brokenTable('it is too short for an Arrow file');
  const tail = await readBytes(source, size - TAIL, TAIL);
  if (tail.toString('latin1', 4) !== MAGIC) throw brokenTable('it does not end as an Arrow file');
  const length = tail.readInt32LE(0);
  const end = size - TAIL - length;
  if (length <= 0 || end < HEAD) throw brokenTable('its footer is longer than the file');
  if (length > MAX_METADATA) throw largeTable('its footer has more than 256 MiB');
  const footer = readArrowFooter(await readBytes(source, end, length));
  checkBlocks([...footer.dictionaries, ...footer.batches], end);
  return { footer, end };
}

/** Two batches in the same bytes would be counted twice. */
function checkBlocks(blocks: readonly Extent[], end: number): void {
  let reached = HEAD;
  for (const { offset, length } of [...blocks].sort((one, other) => one.offset - other.offset)) {
    if (!(offset >= reached && length > 0 && offset + length <= end))
      throw brokenTable('its footer names batches that overlap, or lie outside of it');
    reached = offset + length;
  }
}

/** The message at `offset`; undefined at the end mark, or where nothing is left. @throws VallumError `TABLE_*` */
export async function readFrame(source: Source, offset: number, end: number): Promise<Framed | 'end' | undefined> {
  if (offset === end) return undefined;
  const head = await readBytes(source, offset, Math.min(8, end - offset));
  if (head.length < 4) throw brokenTable('it ends inside a message');
  const continued = head.readUInt32LE(0) === CONTINUED;
  if (continued && head.length < 8) throw brokenTable('it ends inside a message');
  const length = head.readInt32LE(continued ? 4 : 0);
  const start = offset + (continued ? 8 : 4);
  if (length === 0) return 'end';
  if (length < 0 || length > end - start) throw brokenTable('a message is longer than what is left');
  if (length > MAX_METADATA) throw largeTable('a message has more than 256 MiB before its data');
  const message = readMessage(await readBytes(source, start, length));
  const body = { offset: start + length, length: message.bodyLength };
  if (!(body.length <= end - body.offset)) throw brokenTable('it ends inside a batch of rows');
  return { message, body };
}

async function readBytes(source: Source, offset: number, length: number): Promise<Buffer> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length)
    throw tableError('TABLE_CHANGED', `it ends at byte ${offset + bytes.length}`, 'read it while nobody writes');
  return Buffer.from(bytes);
}
