// `npm run bench [-- NAME...]`: prints figures as Markdown, each beside a peer that was measured in the same run, in turn
// with it. Nothing here is a test: figures belong to a machine and a day. `npm run --silent bench > bench/RESULTS.md`
// writes them down. Needs Linux, the Debian package `time`, and for some peers python3 with picklescan in `.venv`:
//   python3 -m venv .venv && .venv/bin/pip install picklescan==1.0.5
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './cases/command.mjs';
import { contents } from './cases/contents.mjs';
import { data } from './cases/data.mjs';
import { gateway } from './cases/gateway.mjs';
import { ledger } from './cases/ledger.mjs';
import { scanBoard } from './cases/scan-board.mjs';
import { scanner } from './cases/scanner.mjs';
import { signing } from './cases/signing.mjs';
import { story } from './cases/story.mjs';
import { vault } from './cases/vault.mjs';
import { machine, tableOf } from './report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CASES = { command, scanner, 'scan-board': scanBoard, ledger, signing, contents, data, gateway, vault, story };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(CASES, name));
if (unknown.length > 0) {
  console.error(
    `There is no bench ${unknown.join(', ')}: name some of ${Object.keys(CASES).join(', ')}, or none for all.`,
  );
  process.exit(3);
}

const work = mkdtempSync(join(tmpdir(), 'vallum-bench-'));
const rows = [];
const notes = [];
const sections = [];
try {
  for (const [name, run] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`${name} ...`);
    const found = await run({ root, work, node: process.execPath, vallum: join(root, 'packages/cli/bin/vallum.js') });
    rows.push(...found.rows);
    notes.push(...found.notes);
    sections.push(...(found.sections ?? []));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

console.log(`# Benchmarks

Printed by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.

Median of n runs, Vallum and its peer in turn. CPU is user and system time with all child processes; on a shared machine
it is the steadier figure. Ratios are Vallum's time over the peer's: below 1 is faster than the peer.

${[...(rows.length > 0 ? [tableOf(rows)] : []), ...sections].join('\n\n')}

${notes.map((note) => `- ${note}`).join('\n')}`);
