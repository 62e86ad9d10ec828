// The ledger: durable appends of raw entries and of statements beside a bare file with the same groups and beside SQLite,
// the time to an acknowledgement at a steady rate, and fsck beside the plain digest of every file that it reads.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, summarise, tasksInTurn } from '../measure.mjs';
import { perSecond, seconds } from '../report.mjs';

const N = 5;
const RAW = 'one file, `fdatasync` after each group';
const show = ({ wall, count }) => perSecond(count / wall, 'entries');
const number = (value) => value.toLocaleString('en');

/** Entries for each size of group: enough for a second or so. */
const ENTRIES = [
  [1, 500],
  [64, 20_000],
  [256, 50_000],
  [1024, 100_000],
];
const STATEMENTS = [
  [1, 500],
  [64, 6_400],
  [256, 10_240],
  [1024, 10_240],
];

export async function ledger({ root, work, node }) {
  const task = (name, ...args) => [node, join(root, 'bench/tasks', `${name}.mjs`), ...args.map(String)];
  const folder = (name) => {
    const path = join(work, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  /** Both tasks in turn, each time in a fresh folder; the last one of ours is left. */
  async function beside(name, ours, peer) {
    const runs = { ours: [], peer: [] };
    for (let round = 0; round < N; round += 1) {
      rmSync(join(work, name), { recursive: true, force: true });
      const ran = await tasksInTurn({ ours: ours(folder(`${name}/ours`)), peer: peer(folder(`${name}/peer`)) }, 1);
      for (const side of Object.keys(runs)) runs[side].push(ran[side]);
    }
    const merged = (list) => ({ ...summarise(list), count: list[0].count });
    return { ours: merged(runs.ours), peer: merged(runs.peer) };
  }

  const rows = [];
  for (const [kind, sizes, command] of [
    ['entries', ENTRIES, 'entry-append'],
    ['statements', STATEMENTS, 'ledger-append'],
  ])
    for (const [group, count] of sizes) {
      const { ours, peer } = await beside(
        `${kind}-${group}`,
        (base) => task(command, base, count, group),
        (base) => task('raw-append', base, count, group, kind),
      );
      const what = `append ${number(count)} ${kind === 'entries' ? 'raw entries' : kind}, ${group} a group`;
      rows.push({ what, ours, peer: { ...peer, name: RAW }, show });
    }
  const sqlite = await beside(
    'sqlite',
    (base) => task('entry-append', base, 50_000, 500),
    (base) => ['python3', join(root, 'bench/tasks/sqlite_append.py'), base, '50000', '500'],
  );
  const full = 'SQLite from Python, WAL, `synchronous=FULL`';
  rows.push({ what: 'append 50,000 raw entries, 500 a group', ...sqlite, peer: { ...sqlite.peer, name: full }, show });
  const paced = await beside(
    'paced',
    (base) => task('paced', base, 5000, 5, 'log'),
    (base) => task('paced', base, 5000, 5, 'raw'),
  );
  const ack = 'group commit to one file';
  rows.push({
    what: '99 % of 5,000 single entries a second acknowledged within',
    ...paced,
    peer: { ...paced.peer, name: ack },
    show: ({ wall }) => seconds(wall),
  });
  for (const [what, name, base] of [
    ['`fsck` of a log of', 'fsck-log', join(work, 'entries-1024/ours')],
    ['`fsck` with every statement, of', 'fsck', join(work, 'statements-1024/ours')],
  ]) {
    const { ours } = await tasksInTurn({ ours: task(name, base) }, N);
    const digest = `find "${base}" -type f -print0 | xargs -0 sha256sum > /dev/null`;
    const { peer } = await inTurn({ peer: ['sh', '-c', digest] }, N);
    const against = { ...peer, count: ours.count, name: '`sha256sum` of the same files' };
    rows.push({ what: `${what} ${number(ours.count)} entries`, ours, peer: against, show });
  }
  for (const [kind, sizes] of [
    ['entries', ENTRIES],
    ['statements', STATEMENTS],
  ])
    for (const [group] of sizes) rmSync(join(work, `${kind}-${group}`), { recursive: true });
  return {
    rows,
    notes: [
      'Every group of the ledger is durable and under a signed checkpoint before the next begins: bundle and tiles are synced side by side, then the checkpoint is renamed. The bare file is the floor, not a rival; SQLite has no hashes, signatures or proofs. Entries have 200 bytes; statements about 1 KB, signed beforehand, read strictly and kept in one pack for each group of 8 or more.',
      'At the steady rate an entry comes every 0.2 ms on its own, and its time begins when it was due.',
      '`fsck` of a log rebuilds every tile from the entries; with statements it also reads every envelope strictly and compares it with its entry. Whether its signer is trusted is for the verdict.',
    ],
  };
}
