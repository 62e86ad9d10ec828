// `node raw-append.mjs FOLDER ENTRIES GROUP KIND`: the same bytes in the same groups to one file, with fdatasync after each
// group. What any log on this disk pays at least.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { makePayloads } from './payloads.mjs';
import { groupsOf } from './statements.mjs';
import { timed } from './timed.mjs';

const [base, entries, group, kind] = process.argv.slice(2);
const payloads = makePayloads(kind, Number(entries));
const file = openSync(`${base}/raw`, 'a');
await timed(() => {
  for (const part of groupsOf(payloads, Number(group))) {
    writeSync(file, Buffer.concat(part));
    fdatasyncSync(file);
  }
  return payloads.length;
});
closeSync(file);
