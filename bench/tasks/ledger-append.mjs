// `node ledger-append.mjs FOLDER ENTRIES GROUP`: appends statements to a new ledger, group after group, each durable before the next.
import { writeFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { openLedger } from '@vallum/ledger';
import { generateKey, publicRecord } from '@vallum/trust';
import { groupsOf, makeStatements, places } from './statements.mjs';
import { timed } from './timed.mjs';

const [base, entries, group] = process.argv.slice(2);
const statements = makeStatements(Number(entries));
const key = generateKey('ledger', 'ed25519');
const ledger = await openLedger({ ...places(base), disk: nodeDisk, key });
await timed(async () => {
  for (const part of groupsOf(statements, Number(group))) await ledger.append(part);
  return ledger.size;
});
await ledger.close();
writeFileSync(`${base}/key.json`, JSON.stringify(publicRecord(key)));
