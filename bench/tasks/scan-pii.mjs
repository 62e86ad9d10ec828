// `node scan-pii.mjs FILE`: all rules for personal data and secrets over one text file, mail by mail (NUL between mails).
import { readFileSync } from 'node:fs';
import { defaultRules, scanText } from '@vallum/detect';
import { timed } from './timed.mjs';

const mails = readFileSync(process.argv[2], 'latin1').split('\0');
const rules = defaultRules();
await timed(() => {
  let found = 0;
  for (const mail of mails) found += scanText(mail, rules).length;
  if (found === 0) throw new Error('nothing was found, so nothing was measured');
  return found;
});
