// `node personal-texts.mjs FILE`: which of the sentences of personal-texts.py the rules find, and what they see in the others.
import { readFileSync } from 'node:fs';
import { defaultRules, scanText } from '@vallum/detect';
import { clopperPearson } from '@vallum/stats';

const rules = defaultRules();
const lines = readFileSync(process.argv[2], 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const count = new Map();
const missed = new Map();
for (const { class: name, text } of lines) {
  const classes = scanText(text, rules).map((match) => match.class);
  const key = name ?? 'none of these';
  const right = name === null ? classes.length === 0 : classes.includes(name);
  const entry = count.get(key) ?? { n: 0, right: 0 };
  count.set(key, { n: entry.n + 1, right: entry.right + Number(right) });
  if (!right && !missed.has(key)) missed.set(key, `${classes.join(' ') || 'nothing'} in ${JSON.stringify(text)}`);
}
const rows = [...count].map(([name, { n, right }]) => ({ class: name, n, right, ...clopperPearson(right, n, 0.95) }));
console.log(JSON.stringify({ rows, missed: Object.fromEntries(missed) }, null, 1));
