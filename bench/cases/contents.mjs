// What is done to each row: reading a mail, looking for personal data, on all mails of the sample.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, runOnce, tasksInTurn } from '../measure.mjs';
import { perSecond } from '../report.mjs';

const N = 3;
/** Five of the nineteen rules, in the words that grep knows: no look-around, no check digits, no context. */
const PATTERNS = [
  '[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}',
  '[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}',
  '[2-6]([ -]?[0-9]){12,18}',
  '\\([2-9][0-9]{2}\\)[ .-]?[2-9][0-9]{2}[ .-][0-9]{4}',
  '[A-Z]{2}[0-9]{2}( ?[A-Z0-9]){11,29}',
];

export async function contents({ root, work, node }) {
  const script = join(root, 'examples/spam-filter/dist/prepare.js');
  const feeds = join(work, 'feeds');
  await runOnce([node, script, '--out', feeds]);
  const paths = readdirSync(feeds).map((name) => join(feeds, name, 'rows.jsonl'));
  const mails = paths.flatMap((path) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).mail),
  );
  const text = join(work, 'mails.txt');
  const bytes = Buffer.from(mails.join('\0'), 'latin1');
  writeFileSync(text, bytes);

  const task = (name, ...args) => [node, join(root, 'bench/tasks', `${name}.mjs`), ...args];
  const parsed = await tasksInTurn(
    { ours: task('parse-mails', ...paths), peer: ['python3', join(root, 'bench/tasks/parse_mails.py'), ...paths] },
    N,
  );
  const scanned = await tasksInTurn({ ours: task('scan-pii', text) }, N);
  const expressions = PATTERNS.flatMap((pattern) => ['-e', pattern]);
  const grep = await inTurn({ peer: ['grep', '-a', '-o', '-E', ...expressions, text] }, N, {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const megabytes = bytes.length / 1e6;
  return {
    rows: [
      {
        what: `read ${mails.length.toLocaleString('en')} real mails`,
        ours: parsed.ours,
        peer: { ...parsed.peer, name: "Python's `email`" },
        show: ({ wall, count }) => perSecond(count / wall, 'mails'),
      },
      {
        what: `personal data and secrets in ${megabytes.toFixed(0)} MB of mail, 19 rules`,
        ours: scanned.ours,
        peer: { ...grep.peer, name: '`grep -E`, 5 of the patterns' },
        show: ({ wall }) => perSecond(megabytes / wall, 'MB'),
      },
    ],
    notes: [
      'Python decodes headers and text parts; Vallum also reduces HTML to what a reader sees, within bounds. Both without start-up and reading of files.',
      'grep matches five patterns without check digits, context or masking, and its figure holds its start-up (milliseconds).',
    ],
  };
}
