// `node raw-append.mjs FOLDER ENTRIES GROUP`: the same bytes in the same groups to one file, with fdatasync after each group.
// What any log on this disk pays at least.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { groupsOf, makeStatements } from './statements.mjs';
import { timed } from './timed.mjs';

const [base, entries, group] = process.argv.slice(2);
const statements = makeStatements(Number(entries));
const file = openSync(`${base}/raw`, 'a');
await timed(() => {
  for (const part of groupsOf(statements, Number(group))) {
    writeSync(file, Buffer.concat(part));
    fdatasyncSync(file);
  }
  return statements.length;
});
closeSync(file);
