// `node fsck-log.mjs FOLDER`: checks the log that entry-append.mjs left there.
import { readFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { fsckLog } from '@vallum/ledger';
import { timed } from './timed.mjs';

const [base] = process.argv.slice(2);
const publicKey = JSON.parse(readFileSync(`${base}/key.json`, 'utf8'));
await timed(async () => {
  const report = await fsckLog({ disk: nodeDisk, dir: `${base}/log`, publicKey });
  if (!report.ok) throw new Error(`the log is not sound: ${JSON.stringify(report.problems[0])}`);
  return report.size;
});
