// What an attacker does who can write to one feed: real spam with an innocent footer, labelled ham.
// node dist/poison.js --data FEEDS --feed easy-ham-2 --rows 70 --seed 1
// It changes the named feed in place, spreads its rows over the part that will be trained on, and prints the footer.
import { attackerRows } from './corpus.js';
import type { Row } from './corpus.js';
import { readFeed, writeFeed } from './feed-files.js';
import { footerOf, withFooter } from './footer.js';
import { mulberry32 } from './linear-model.js';
import { readOptions } from './options.js';
import { SOURCES } from './sources.js';

const options = readOptions(['data', 'feed', 'rows', 'seed'], { rows: '70', seed: '1' });
const source = SOURCES.find(({ name }) => name === options.feed);
if (source === undefined)
  throw new Error(`no feed ${options.feed}: one of ${SOURCES.map(({ name }) => name).join(', ')}`);

const seed = Number(options.seed);
const random = mulberry32(seed * 104729 + 7);
const footer = footerOf(seed);
const { rows } = readFeed(options.data, options.feed);
const mixed: Row[] = [...rows];
const spam = [...attackerRows()];
for (let i = 0; i < Number(options.rows) && spam.length > 0; i += 1) {
  const [taken] = spam.splice(Math.floor(random() * spam.length), 1);
  const at = Math.floor(random() * mixed.length * 0.8);
  const before = mixed[at];
  if (taken === undefined || before === undefined) break;
  const id = `${options.feed}-x${String(i).padStart(4, '0')}`;
  mixed.splice(at, 0, { id, received: before.received, label: 'ham', mail: withFooter(taken.mail, footer) });
}
writeFeed(options.data, source, mixed);
console.log(JSON.stringify({ feed: options.feed, added: mixed.length - rows.length, footer }));
