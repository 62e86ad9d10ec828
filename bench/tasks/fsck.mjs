// `node fsck.mjs FOLDER`: checks the ledger that ledger-append.mjs left there.
import { readFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { fsck } from '@vallum/ledger';
import { places } from './statements.mjs';
import { timed } from './timed.mjs';

const [base] = process.argv.slice(2);
const publicKey = JSON.parse(readFileSync(`${base}/key.json`, 'utf8'));
await timed(async () => {
  const report = await fsck({ ...places(base), disk: nodeDisk, publicKey });
  if (!report.ok) throw new Error(`the ledger is not sound: ${JSON.stringify(report.problems[0])}`);
  return report.size;
});
