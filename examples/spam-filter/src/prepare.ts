// Lays out the feeds as they arrived: node dist/prepare.js --out FOLDER
import { feedRows } from './corpus.js';
import { SOURCES } from './sources.js';
import { writeFeed } from './feed-files.js';
import { readOptions } from './options.js';

const { out } = readOptions(['out']);
for (const { name, folder, source } of SOURCES) {
  const rows = feedRows(folder);
  writeFeed(out, { name, source }, rows);
  console.log(`${name}: ${rows.length} mails`);
}
