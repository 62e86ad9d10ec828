// Model signatures: the digests beside OpenSSL's on the same files, on one thread and on two; a small model verified by a
// new process beside the reference implementation; and a large one again after a small edit, with and without the cache.
// Needs `openssl`, and for the reference model-signing 1.1.1 in .venv/interop. Takes 3 GiB of disk.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, runOnce, summarise, tasksInTurn } from '../measure.mjs';
import { perSecond, seconds } from '../report.mjs';

const MIB = 1024 * 1024;
const N = 7;
/** Files need this age before a cache believes their times. */
const SETTLE_MS = 2500;

export async function signing(setting) {
  const keys = makeKeys(setting.work);
  const parts = [await hashing(setting), await cold(setting, keys), await again(setting, keys)];
  return {
    rows: parts.flatMap(({ rows }) => rows),
    notes: [
      'Hashing is of files in the page cache; from a disk, the disk decides. Two threads: 1.8 times one is a wall ratio of 0.56, and needs two free cores.',
      '`--incremental` believes size, times and inode of a file that it read before, which is weaker than reading it, and says so.',
      ...parts.flatMap(({ notes }) => notes),
    ],
  };
}

function makeKeys(work) {
  const [privateKey, publicKey] = [join(work, 'private.pem'), join(work, 'public.pem')];
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', privateKey]);
  execFileSync('openssl', ['ec', '-in', privateKey, '-pubout', '-out', publicKey], { stdio: 'ignore' });
  return { privateKey, publicKey };
}

/** Files of random bytes; a file of many pieces repeats one, which no digest can tell. */
function makeFiles(folder, count, bytes) {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: count }, (_, at) => {
    const path = join(folder, `part-${at}.bin`);
    const file = openSync(path, 'w');
    const piece = randomBytes(Math.min(bytes, 8 * MIB));
    for (let done = 0; done < bytes; done += piece.length)
      writeSync(file, piece, 0, Math.min(piece.length, bytes - done));
    closeSync(file);
    return path;
  });
}

async function hashing({ root, work, node }) {
  const folder = join(work, 'hashing');
  const files = makeFiles(folder, 8, 128 * MIB);
  const task = (threads) => [node, join(root, 'bench/tasks/hash-files.mjs'), String(threads), ...files];
  const runs = { one: [], two: [], openssl: [] };
  for (let round = 0; round <= N; round += 1) {
    const { one, two } = await tasksInTurn({ one: task(1), two: task(2) }, 1);
    const openssl = await runOnce(['openssl', 'dgst', '-sha256', ...files]);
    if (round === 0) continue;
    runs.one.push(one);
    runs.two.push(two);
    runs.openssl.push(openssl);
  }
  rmSync(folder, { recursive: true });
  const [one, two, openssl] = [runs.one, runs.two, runs.openssl].map((list) => ({ ...summarise(list), count: 1024 }));
  const show = ({ wall, count }) => perSecond(count / wall, 'MiB');
  return {
    rows: [
      {
        what: 'SHA-256 of 8 files of 128 MiB, one thread',
        ours: one,
        peer: { ...openssl, name: '`openssl dgst -sha256`' },
        show,
      },
      { what: 'the same, two threads', ours: two, peer: { ...one, name: 'Vallum, one thread' }, show },
    ],
    notes: [],
  };
}

async function cold({ root, work, node, vallum }, { privateKey, publicKey }) {
  const folder = join(work, 'small');
  makeFiles(folder, 10, 100_000);
  await runOnce([node, vallum, 'sign', folder, '--key', privateKey]);
  const ours = [node, vallum, 'verify', folder, '--key', publicKey];
  const reference = join(root, '.venv/interop/bin/model_signing');
  const there = existsSync(reference);
  const signature = join(folder, 'model.sig');
  const theirs = ['verify', 'key', folder, '--signature', signature, '--public_key', publicKey];
  const commands = { ours, ...(there ? { peer: [reference, ...theirs, '--ignore-paths', signature] } : {}) };
  const ran = await inTurn(commands, 15);
  const peer = there ? { peer: { ...ran.peer, name: '`model_signing verify key`' } } : {};
  const what = '`vallum verify` of 10 files, 1 MB, in a new process';
  return {
    rows: [{ what, ours: ran.ours, ...peer, show: ({ wall }) => seconds(wall) }],
    notes: there
      ? []
      : ['The reference implementation was not there: python3 -m venv .venv/interop, model-signing 1.1.1.'],
  };
}

async function again({ work, node, vallum }, { privateKey, publicKey }) {
  const folder = join(work, 'large');
  const keys = join(work, 'keys');
  mkdirSync(keys, { mode: 0o700 });
  makeFiles(folder, 8, 256 * MIB);
  const readme = join(folder, 'README.md');
  writeFileSync(readme, 'A model.\n');
  const options = { env: { ...process.env, VALLUM_KEYS: keys }, exits: [0, 1] };
  const full = [node, vallum, 'verify', folder, '--key', publicKey];
  await runOnce([node, vallum, 'sign', folder, '--key', privateKey], options);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await runOnce([...full, '--incremental'], options);
  const runs = { full: [], incremental: [] };
  for (let round = 0; round < N; round += 1) {
    appendFileSync(readme, 'x'.repeat(1024));
    runs.incremental.push(await runOnce([...full, '--incremental'], options));
    runs.full.push(await runOnce(full, options));
  }
  if (![...runs.full, ...runs.incremental].every(({ code }) => code === 1)) throw new Error('an edit was not found');
  rmSync(folder, { recursive: true });
  return {
    rows: [
      {
        what: '`vallum verify --incremental` of 2 GiB after an edit of 1 KB',
        ours: summarise(runs.incremental),
        peer: { ...summarise(runs.full), name: '`vallum verify`, every byte' },
        show: ({ wall }) => seconds(wall),
      },
    ],
    notes: [],
  };
}
