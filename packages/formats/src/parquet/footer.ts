// Finds the footer of a Parquet file, and holds its claims against the size of the file and against each other: counts of
// rows, and column chunks that overlap or lie outside.
import type { Source } from '../bytes/parser.js';
import { brokenTable, largeTable, unsupportedTable } from '../columnar/fault.js';
import { quoted, tableError } from '../table/errors.js';
import type { ColumnChunk, FileMetadata } from './metadata.js';
import { readMetadata } from './metadata.js';
import type { Leaf } from './schema.js';
import { leavesOf } from './schema.js';
import { ThriftError } from './thrift.js';

const MAGIC = 'PAR1';
const ENCRYPTED = 'PARE';
/** Magic, and in the end the length of the footer and magic again. */
const HEAD = 4;
const TAIL = 8;
const MAX_FOOTER = 256 * 1024 * 1024;
/** Rows that a file of any size may have, and rows of a larger one per byte: a run of equal values takes next to nothing. */
const MAX_FREE_ROWS = 2 ** 27;
const MAX_ROWS_PER_BYTE = 100_000;

export interface Footer {
  readonly metadata: FileMetadata;
  readonly leaves: readonly Leaf[];
}

/** @throws VallumError `TABLE_BROKEN`, `TABLE_UNSUPPORTED`, `TABLE_LIMIT` */
export async function readFooter(source: Source): Promise<Footer> {
  const { size } = source;
  if (size < HEAD + TAIL) throw brokenTable('it is too short for a Parquet file');
  const [head, tail] = [await read(source, 0, HEAD), await read(source, size - TAIL, TAIL)];
  const magic = tail.toString('latin1', 4);
  if (magic === ENCRYPTED) throw encryptedFile();
  if (head.toString('latin1') !== MAGIC || magic !== MAGIC)
    throw brokenTable('it does not begin and end as a Parquet file');
  const length = tail.readUInt32LE(0);
  const end = size - TAIL - length;
  if (end < HEAD) throw brokenTable('its footer is longer than the file');
  if (length > MAX_FOOTER) throw largeTable('its footer has more than 256 MiB');
  try {
    const metadata = readMetadata(await read(source, end, length));
    const leaves = leavesOf(metadata.schema);
    check(metadata, leaves, end, size);
    return { metadata, leaves };
  } catch (error) {
    if (error instanceof ThriftError) throw brokenTable(`its footer cannot be read: ${error.message}`, error);
    throw error;
  }
}

async function read(source: Source, offset: number, length: number): Promise<Buffer> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length)
    throw tableError('TABLE_CHANGED', `it ends at byte ${offset + bytes.length}`, 'read it while nobody writes');
  return Buffer.from(bytes);
}

function encryptedFile(): Error {
  return unsupportedTable('it is encrypted', 'write it without encryption, or decrypt it first');
}

function check(metadata: FileMetadata, leaves: readonly Leaf[], end: number, size: number): void {
  if (metadata.encrypted) throw encryptedFile();
  if (metadata.rows > MAX_FREE_ROWS && metadata.rows / size > MAX_ROWS_PER_BYTE)
    throw largeTable(`it says that it has ${metadata.rows} rows in ${size} bytes`);
  let rows = 0;
  const places: ColumnChunk[] = [];
  for (const [index, group] of metadata.groups.entries()) {
    rows += group.rows;
    if (group.chunks.length !== leaves.length)
      throw brokenTable(`group of rows ${index} has ${group.chunks.length} columns, the schema ${leaves.length}`);
    for (const [at, chunk] of group.chunks.entries()) {
      checkChunk(chunk, leaves[at]!, group.rows, end, index);
      if (group.rows > 0) places.push(chunk);
    }
  }
  if (rows !== metadata.rows) throw brokenTable(`its footer says ${metadata.rows} rows, its groups have ${rows}`);
  places.sort((one, other) => one.start - other.start);
  for (let i = 1; i < places.length; i++)
    if (places[i - 1]!.start + places[i - 1]!.packed > places[i]!.start)
      throw brokenTable('two of its columns share the same bytes');
}

function checkChunk(chunk: ColumnChunk, leaf: Leaf, rows: number, end: number, group: number): void {
  const where = `column ${quoted(leaf.name)} in group of rows ${group}`;
  if (chunk.encrypted) throw encryptedFile();
  if (chunk.elsewhere) throw unsupportedTable(`${where} lies in another file`, 'write it as one file');
  if (chunk.physical !== leaf.element.physical) throw brokenTable(`${where} has another type than the schema says`);
  // Without rows nothing is read, and some writers say that it begins at 0.
  if (rows > 0 && !(chunk.packed >= 0 && chunk.values >= 0 && chunk.start >= HEAD && chunk.start + chunk.packed <= end))
    throw brokenTable(`${where} lies outside of the file`);
  if (!leaf.repeated && chunk.values !== rows)
    throw brokenTable(`${where} has ${chunk.values} values for ${rows} rows`);
}
