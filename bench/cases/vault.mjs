// Sealing and opening: GB for each second of CPU, beside the age program, `openssl enc` (which authenticates nothing) and,
// from memory to memory, the same message format in Python's cryptography. All in turn, on the same file.
import { randomBytes } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runOnce, summarise } from '../measure.mjs';

const MIB = 256;
const N = 5;
const gigabytes = ({ cpu, count }) => `${(count / cpu / 1e9).toFixed(2)} GB/s of CPU`;

export async function vault({ root, work, node }) {
  const folder = join(work, 'vault');
  mkdirSync(folder);
  const plain = join(folder, 'plain');
  for (let at = 0; at < MIB; at += 1) appendFileSync(plain, randomBytes(2 ** 20));
  const task = (act) => [node, join(root, 'bench/tasks/vault.mjs'), act, folder];
  const commands = { seal: task('seal'), sealKnown: task('seal-known'), open: task('open'), memory: task('memory') };
  const notes = [
    `One file of ${MIB} MiB of random bytes. Vallum’s figures leave out its start (Node, keyring); those of \`age\` and \`openssl\` have theirs, a few milliseconds. Output goes to a file and is made durable by Vallum alone.`,
    '“Digest known” binds a digest that was computed before; otherwise SHA-256 of the plaintext is computed and compared while sealing.',
  ];
  const hash = join(folder, 'openssl.out');
  commands.openssl = [
    'openssl',
    'enc',
    '-aes-256-ctr',
    '-K',
    '11'.repeat(32),
    '-iv',
    '22'.repeat(16),
    '-in',
    plain,
    '-out',
    hash,
  ];
  if (spawnSync('age', ['--version']).error === undefined) {
    execFileSync('age-keygen', ['-o', join(folder, 'identity')], { stdio: 'ignore' });
    const recipient = execFileSync('age-keygen', ['-y', join(folder, 'identity')])
      .toString()
      .trim();
    commands.age = ['age', '-r', recipient, '-o', join(folder, 'age'), plain];
    commands.ageOpen = [
      'age',
      '-d',
      '-i',
      join(folder, 'identity'),
      '-o',
      join(folder, 'age.out'),
      join(folder, 'age'),
    ];
  } else notes.push('`age` is not installed, so it was not measured.');
  const python = join(root, '.venv/bin/python');
  if (existsSync(python) && spawnSync(python, ['-c', 'import cryptography.cobblestone']).status === 0)
    commands.python = [python, join(root, 'bench/tasks/cobblestone.py'), plain];
  else notes.push('Python’s `cryptography` 50 is not in `.venv`, so it was not measured.');

  const ran = await inTurn(commands);
  rmSync(folder, { recursive: true });
  const rows = [];
  const row = (what, ours, peer, name) => {
    if (ran[peer] !== undefined) rows.push({ what, ours: ran[ours], peer: { ...ran[peer], name }, show: gigabytes });
  };
  row('seal a file, digest known', 'sealKnown', 'openssl', '`openssl enc -aes-256-ctr`');
  row('seal a file, digest known', 'sealKnown', 'age', '`age -r`');
  row('seal a file, digest checked', 'seal', 'age', '`age -r`');
  row('open to a file', 'open', 'ageOpen', '`age -d`');
  row('seal, memory to memory', 'memory', 'python', 'Cobblestone-256 of Python’s cryptography');
  return { rows, notes };
}

/** A command that prints its own measurement is believed; the others are measured from outside. */
async function inTurn(commands) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= N; round += 1)
    for (const [name, command] of Object.entries(commands)) {
      const { wall, cpu, stdout } = await runOnce(command);
      const said = stdout.startsWith('{') ? JSON.parse(stdout) : { seconds: wall, cpu };
      if (round > 0) runs[name].push({ wall: said.seconds, cpu: said.cpu });
    }
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, { ...summarise(list), count: MIB * 2 ** 20 }]),
  );
}
