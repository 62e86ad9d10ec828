// `node parse-mails.mjs ROWS...`: parses every mail of the feeds with Vallum's bounded reader.
import { readFileSync } from 'node:fs';
import { parseMail } from '@vallum/formats';
import { timed } from './timed.mjs';

const mails = process.argv.slice(2).flatMap((path) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(JSON.parse(line).mail, 'latin1')),
);
await timed(async () => {
  let read = 0;
  for (const mail of mails) if ((await parseMail(mail)).problem === undefined) read += 1;
  if (read < mails.length * 0.99) throw new Error(`only ${read} of ${mails.length} mails were read`);
  return mails.length;
});
