// `node entry-append.mjs FOLDER ENTRIES GROUP`: appends raw entries to a new log, group after group, each durable, under a
// signed checkpoint, before the next begins.
import { writeFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { openEntryLog } from '@vallum/ledger';
import { generateKey, publicRecord } from '@vallum/trust';
import { makePayloads } from './payloads.mjs';
import { groupsOf, ORIGIN } from './statements.mjs';
import { timed } from './timed.mjs';

const [base, entries, group] = process.argv.slice(2);
const payloads = makePayloads('entries', Number(entries));
const key = generateKey('ledger', 'ed25519');
const log = await openEntryLog({
  disk: nodeDisk,
  dir: `${base}/log`,
  origin: ORIGIN,
  key,
  group: { entries: 256, waitMs: 0 },
});
await timed(async () => {
  for (const part of groupsOf(payloads, Number(group))) await log.append(part);
  return log.size;
});
await log.close();
writeFileSync(`${base}/key.json`, JSON.stringify(publicRecord(key)));
