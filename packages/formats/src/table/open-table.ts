// One door for tables: a file of any format that is read, packed or not, or a folder of files. What it is, its content says;
// the name only where content leaves it open, and the caller where he names the format.
import type { Disk } from '@vallum/core';
import { openArrow } from '../arrow/open-arrow.js';
import type { Source } from '../bytes/parser.js';
import { sliceSource } from '../bytes/parser.js';
import { unpack } from '../compress/unpacker.js';
import type { Compression } from '../compress/unpackers.js';
import { UNPACKERS } from '../compress/unpackers.js';
import { openCsv } from '../csv/open-csv.js';
import { sniffDelimiter } from '../csv/sniff-delimiter.js';
import { imagesTable } from '../folders/images.js';
import { mailsTable } from '../folders/mails.js';
import { textsTable } from '../folders/texts.js';
import type { Folder } from '../folders/walk.js';
import { walkFolder } from '../folders/walk.js';
import { openJsonLines } from '../json-lines/open-json-lines.js';
import { openNpy, openNpz } from '../npy/open-npy.js';
import { openParquet } from '../parquet/open-parquet.js';
import type { FileKind } from './detect.js';
import { compressionOf, kindOf } from './detect.js';
import { quoted, tableError } from './errors.js';
import { FileTable } from './file-table.js';
import type { TextEncodingName } from './input.js';
import type { TableLimits } from './limits.js';
import { TABLE_DEFAULTS } from './limits.js';
import type { Shard } from './shards.js';
import { openShards } from './shards.js';
import type { ColumnType, Table } from './table.js';

export type TableFormat =
  'csv' | 'tsv' | 'jsonl' | 'json' | 'parquet' | 'arrow' | 'npy' | 'npz' | 'images' | 'texts' | 'mails';

export interface OpenTableOptions {
  /** Default: what the content says. `json` is one array of objects, and comes out as `jsonl`. */
  readonly format?: TableFormat;
  /** Of CSV: one ASCII character; sniffed by default. */
  readonly delimiter?: string;
  /** Of CSV: whether the first line holds names; default true. */
  readonly header?: boolean;
  /** Of texts: UTF-8 by default, or UTF-16 where its mark stands in front. Nothing else is guessed. */
  readonly encoding?: TextEncodingName;
  /** Types of some columns of CSV or JSON, by name. A value that is none of its type is an error. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** Of CSV: words that stand for no value, instead of `NA`, `null`, `NaN` and the like. */
  readonly missing?: readonly string[];
  /** Of an .npz: one of its arrays. */
  readonly array?: string;
  readonly limits?: TableLimits;
  readonly signal?: AbortSignal;
  /** Bytes read of all in the pass that decides types; batches have a pass of their own. */
  readonly progress?: (read: number, bytes: number) => void;
}

const HEAD = 64 * 1024;
/** Files of a folder that are looked at to say what it holds. */
const SAMPLE = 100;
/** Share of the sample that has to agree. */
const AGREE = 0.8;

/**
 * @throws VallumError `TABLE_FORMAT` for content that is no table, and those of the readers
 */
export async function openTable(disk: Disk, path: string, options: OpenTableOptions = {}): Promise<Table> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'directory') return openFolder(disk, path, options);
  const file = await disk.open(path);
  const source: Source = { size: file.size, read: (offset, length) => file.read(offset, length) };
  try {
    const { kind, compression } = await look(source, path, options.signal);
    const table =
      kind === 'mbox' || options.format === 'mails'
        ? mailsTable(disk, '', { files: [{ path, size: file.size }], links: 0 })
        : await openSource(source, path, formatOf(kind, options), compression, options);
    return new FileTable(table, () => file.close());
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Looks {
  readonly kind: FileKind;
  readonly compression: Compression | undefined;
  readonly head: Uint8Array;
}

async function look(source: Source, path: string, signal?: AbortSignal): Promise<Looks> {
  const head = await source.read(0, HEAD);
  const compression = compressionOf(head);
  if (compression === undefined) return { kind: kindOf(head, path), compression, head };
  const unpacked = await unpackHead(compression, source, signal);
  return { kind: kindOf(unpacked, path.replace(/\.(?:gz|bz2|xz|lz4)$/i, '')), compression, head: unpacked };
}

/** As much as the first piece holds; a stream that is broken shows it when it is read. */
async function unpackHead(compression: Compression, source: Source, signal?: AbortSignal): Promise<Uint8Array> {
  const pieces = unpack(UNPACKERS[compression](source.size), sliceSource(source, 0, source.size), signal);
  const step = await pieces.next();
  return step.done === true ? new Uint8Array(0) : step.value.slice(0, HEAD);
}

function formatOf(kind: FileKind, { format }: OpenTableOptions): TableFormat | 'text' | 'zip' {
  if (format !== undefined) return format;
  switch (kind) {
    case 'csv':
    case 'tsv':
    case 'jsonl':
    case 'json':
    case 'parquet':
    case 'arrow':
    case 'npy':
    case 'text':
    case 'zip':
      return kind;
    case 'empty':
      throw tableError('TABLE_EMPTY', 'the file is empty', 'check that it is complete');
    case 'mail':
    case 'mbox':
      return 'mails';
    case 'image':
      throw tableError('TABLE_FORMAT', 'one image is no table', 'name the folder of images');
    case 'other':
      throw tableError(
        'TABLE_FORMAT',
        'the content is of no format that is read as a table',
        'write it as CSV, Parquet or Arrow',
      );
  }
}

async function openSource(
  source: Source,
  path: string,
  format: TableFormat | 'text' | 'zip',
  compression: Compression | undefined,
  options: OpenTableOptions,
): Promise<Table> {
  const packed = { ...options, compression };
  switch (format) {
    case 'csv':
      return openCsv(source, packed);
    case 'tsv':
      return openCsv(source, { ...packed, delimiter: options.delimiter ?? '\t' });
    case 'text':
      await mustSplit(source, path, options);
      return openCsv(source, packed);
    case 'jsonl':
      return openJsonLines(source, packed);
    case 'json':
      return openJsonLines(source, { ...packed, layout: 'array' });
    case 'parquet':
    case 'arrow':
    case 'npy':
    case 'npz':
    case 'zip':
      if (compression !== undefined)
        throw tableError('TABLE_FORMAT', `a ${format} file inside ${compression} is not read`, 'unpack it first');
      return openBinary(source, format, options);
    case 'images':
    case 'texts':
    case 'mails':
      throw tableError('TABLE_FORMAT', `${quoted(path)} is one file, not a folder of ${format}`, 'name the folder');
  }
}

function openBinary(
  source: Source,
  format: 'parquet' | 'arrow' | 'npy' | 'npz' | 'zip',
  options: OpenTableOptions,
): Promise<Table> {
  switch (format) {
    case 'npy':
      return openNpy(source, options);
    case 'npz':
    case 'zip':
      return openNpz(source, options);
    case 'parquet':
      return openParquet(source, options);
    case 'arrow':
      return openArrow(source, options);
  }
}

/** A text that nothing calls a table is one only where its lines split evenly. */
async function mustSplit(source: Source, path: string, options: OpenTableOptions): Promise<void> {
  if (options.delimiter !== undefined) return;
  const { head } = await look(source, path, options.signal);
  const delimiter = sniffDelimiter(head);
  if (!head.includes(delimiter))
    throw tableError('TABLE_FORMAT', `${quoted(path)} is a text, not a table`, 'name the format and the delimiter');
}

type FolderKind = 'images' | 'texts' | 'mails' | TableFormat;

async function openFolder(disk: Disk, root: string, options: OpenTableOptions): Promise<Table> {
  const limits = { ...TABLE_DEFAULTS, ...options.limits };
  const folder = await walkFolder(disk, root, limits.maxFiles, options.signal);
  const kind = options.format ?? (await folderKind(disk, root, folder, options.signal));
  const { maxFileBytes } = limits;
  switch (kind) {
    case 'images':
      return imagesTable(disk, root, folder, maxFileBytes);
    case 'texts': {
      const { encoding } = options;
      if (encoding === 'utf-16le' || encoding === 'utf-16be')
        throw tableError('TABLE_OPTION', 'texts of a folder are not read as UTF-16', 'convert them to UTF-8');
      return textsTable(disk, root, folder, { maxFileBytes, encoding });
    }
    case 'mails':
      return mailsTable(disk, root, folder);
    case 'csv':
    case 'tsv':
    case 'json':
    case 'jsonl':
    case 'npy':
    case 'npz':
    case 'parquet':
    case 'arrow':
      return openShards(
        shardsOf(disk, root, folder, { ...options, format: kind }),
        options.types ?? {},
        options.signal,
      );
  }
}

function shardsOf(disk: Disk, root: string, folder: Folder, options: OpenTableOptions): readonly Shard[] {
  return folder.files.map(({ path, size }) => ({
    path,
    bytes: size,
    open: (types) => openTable(disk, `${root}/${path}`, { ...options, types }),
  }));
}

const FOLDER_KINDS: Readonly<Partial<Record<FileKind, FolderKind>>> = {
  image: 'images',
  text: 'texts',
  mail: 'mails',
  mbox: 'mails',
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'jsonl',
  npy: 'npy',
  zip: 'npz',
  parquet: 'parquet',
  arrow: 'arrow',
};

/** @throws VallumError `TABLE_FORMAT` where the files do not agree */
async function folderKind(disk: Disk, root: string, { files }: Folder, signal?: AbortSignal): Promise<FolderKind> {
  const counts = new Map<FolderKind | 'other', number>();
  const step = Math.max(1, Math.floor(files.length / SAMPLE));
  let looked = 0;
  for (let at = 0; at < files.length; at += step) {
    const file = await disk.open(`${root}/${files[at]!.path}`);
    try {
      const { kind } = await look(
        { size: file.size, read: (offset, length) => file.read(offset, length) },
        files[at]!.path,
        signal,
      );
      const found = FOLDER_KINDS[kind] ?? 'other';
      counts.set(found, (counts.get(found) ?? 0) + 1);
      looked += 1;
    } finally {
      await file.close();
    }
  }
  const [most, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['other', 0] as [
    FolderKind | 'other',
    number,
  ]);
  if (most !== 'other' && count >= looked * AGREE) return most;
  const said = [...counts].map(([kind, n]) => `${n} ${kind}`).join(', ');
  throw tableError(
    'TABLE_FORMAT',
    `${quoted(root)} holds files of several kinds, or none: ${said || 'no file'}`,
    'name the format, or a folder of one kind',
  );
}
