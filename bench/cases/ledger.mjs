// The ledger: durable appends beside a bare file with the same groups and the same number of waits for the disk, and fsck
// beside the plain digest of every file that it reads.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, median, tasksInTurn } from '../measure.mjs';
import { perSecond } from '../report.mjs';

const ENTRIES = 10_000;
const N = 3;

export async function ledger({ root, work, node }) {
  const task = (name, ...args) => [node, join(root, 'bench/tasks', `${name}.mjs`), ...args];
  const rows = [];
  const show = ({ wall, count }) => perSecond(count / wall, 'entries');
  let base;
  for (const group of [10, 100, 1000]) {
    const runs = { ours: [], peer: [] };
    for (let round = 0; round < N; round += 1) {
      base = join(work, `ledger-${group}-${round}`);
      mkdirSync(base);
      const args = [base, String(ENTRIES), String(group)];
      const ran = await tasksInTurn({ ours: task('ledger-append', ...args), peer: task('raw-append', ...args) }, 1);
      for (const name of Object.keys(runs)) runs[name].push(ran[name]);
      if (group !== 1000 || round < N - 1) rmSync(base, { recursive: true });
    }
    const { ours, peer } = Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, merge(list)]));
    rows.push({
      what: `append ${ENTRIES.toLocaleString('en')} entries, ${group} a group`,
      ours,
      peer: { ...peer, name: 'one file, `fdatasync` after each group' },
      show,
    });
  }
  const checked = await tasksInTurn({ ours: task('fsck', base) }, N);
  const digest = await inTurn(
    { peer: ['sh', '-c', `find "${base}" -type f -print0 | xargs -0 sha256sum > /dev/null`] },
    N,
  );
  rmSync(base, { recursive: true });
  rows.push({
    what: `\`ledger fsck\` of ${ENTRIES.toLocaleString('en')} entries`,
    ours: checked.ours,
    peer: { ...digest.peer, count: ENTRIES, name: '`sha256sum` of the same files' },
    show,
  });
  return {
    rows,
    notes: [
      'The ledger writes each statement as a file of its own, then bundle, tiles and a signed checkpoint, each made durable; the bare file is the floor, not a rival. The statements are about 1 KB, signed beforehand.',
      '`fsck` rebuilds every tile and compares every statement with its entry; whether its signer is trusted is for the verdict.',
    ],
  };
}

function merge(list) {
  return {
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    count: list[0].count,
    n: list.length,
  };
}
