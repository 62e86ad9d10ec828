// Mails as a table: an mbox file, a maildir, or a folder of messages. Labels are the folders; what lies in a folder of a
// maildir (`cur`, `new`) has the label of the maildir.
import type { Disk } from '@vallum/core';
import { parseMail } from '../mail/parse-mail.js';
import type { Notes } from '../table/notes.js';
import type { Column, Table } from '../table/table.js';
import { mboxMails } from './mbox.js';
import type { Cell } from './rows-table.js';
import { RowsTable } from './rows-table.js';
import type { Folder } from './walk.js';
import { labelOf } from './walk.js';

/** As much as the parser of mails reads by default. */
const MAX_MAIL = 2 * 1024 * 1024;

const COLUMNS: readonly Column[] = [
  ...['path', 'label', 'from', 'to', 'subject'].map((name) => ({ name, type: 'text' as const, stored: 'mail' })),
  { name: 'date', type: 'time', stored: 'mail' },
  { name: 'body', type: 'text', stored: 'mail' },
  { name: 'unread', type: 'number', stored: 'mail' },
];

/** @param folder with `root`, or one mbox file of that path where `root` is empty */
export function mailsTable(disk: Disk, root: string, folder: Folder): Table {
  return new RowsTable({
    format: 'mails',
    columns: COLUMNS,
    bytes: folder.files.reduce((sum, { size }) => sum + size, 0),
    async *rows(notes, progress, signal) {
      const problems = new Map<string, number>();
      let read = 0;
      if (folder.links > 0) notes.set('links-skipped', folder.links, 'links are not followed');
      for (const { path, size } of folder.files) {
        signal?.throwIfAborted();
        const file = await disk.open(root === '' ? path : `${root}/${path}`);
        try {
          const head = Buffer.from(await file.read(0, 5)).toString('latin1');
          if (head === 'From ')
            for await (const { mail, end } of mboxMails(file, MAX_MAIL)) {
              signal?.throwIfAborted();
              progress(read + end);
              yield await rowOf(path, mail, notes, problems);
            }
          else yield await rowOf(path, await file.read(0, MAX_MAIL + 1), notes, problems);
        } finally {
          await file.close();
        }
        progress((read += size));
      }
    },
  });
}

async function rowOf(
  path: string,
  bytes: Uint8Array,
  notes: Notes,
  problems: Map<string, number>,
): Promise<readonly Cell[]> {
  const label = mailLabel(path);
  const { from, to, subject, date, body, unread, problem } = await parseMail(bytes);
  if (problem === undefined)
    return [path, label, from, to, subject, date === null ? null : Date.parse(date), body, unread];
  const code = problem.code.toLowerCase().replaceAll('_', '-');
  const count = (problems.get(code) ?? 0) + 1;
  problems.set(code, count);
  notes.set(code, count, `mails cannot be read and have a row without values; the last one because ${problem.message}`);
  return [path, label, null, null, null, null, null, null];
}

function mailLabel(path: string): string | null {
  const parts = path.split('/');
  const inMaildir = parts.at(-2) === 'cur' || parts.at(-2) === 'new';
  return labelOf(inMaildir ? parts.slice(0, -1).join('/') : path);
}
