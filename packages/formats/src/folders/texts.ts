// A folder of texts as a table, one row a file. Labels are the folders.
import { isUtf8 } from 'node:buffer';
import type { Disk } from '@vallum/core';
import type { Column, Table } from '../table/table.js';
import type { Folder } from './walk.js';
import { labelOf } from './walk.js';
import { RowsTable } from './rows-table.js';

const COLUMNS: readonly Column[] = [
  { name: 'path', type: 'text', stored: 'file' },
  { name: 'label', type: 'text', stored: 'file' },
  { name: 'bytes', type: 'number', stored: 'file' },
  { name: 'text', type: 'text', stored: 'file' },
];

/** @param encoding of the files; a file that is not UTF-8 when none is named has a row without its text, and a note */
export function textsTable(
  disk: Disk,
  root: string,
  folder: Folder,
  options: { readonly maxFileBytes: number; readonly encoding?: 'utf-8' | 'latin-1' | 'windows-1252' | undefined },
): Table {
  const { maxFileBytes, encoding } = options;
  return new RowsTable({
    format: 'texts',
    columns: COLUMNS,
    bytes: folder.files.reduce((sum, { size }) => sum + size, 0),
    async *rows(notes, progress, signal) {
      let read = 0;
      let large = 0;
      let undecoded = 0;
      if (folder.links > 0) notes.set('links-skipped', folder.links, 'links are not followed');
      for (const { path, size } of folder.files) {
        signal?.throwIfAborted();
        progress((read += size));
        if (size > maxFileBytes) {
          notes.set('files-too-large', (large += 1), `texts of more than ${maxFileBytes} bytes are not read`);
          yield [path, labelOf(path), size, null];
          continue;
        }
        const content = Buffer.from(await disk.read(`${root}/${path}`, maxFileBytes));
        const text = decode(content, encoding);
        if (text === null)
          notes.set('not-utf8', (undecoded += 1), 'texts are not UTF-8, and no other encoding is named', 'text');
        yield [path, labelOf(path), content.length, text];
      }
    },
  });
}

function decode(content: Buffer, encoding: string | undefined): string | null {
  if (encoding === 'latin-1') return content.toString('latin1');
  if (encoding === 'windows-1252') return new TextDecoder('windows-1252').decode(content);
  if (!isUtf8(content) || content.includes(0)) return null;
  return content.toString('utf8').replace(/^\ufeff/, '');
}
