// The static scan beside its peers, where they are installed: large files of three kinds, and the start on a small one.
// Should Vallum find something in a large file, all of which are clean, the notes say so.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, runOnce } from '../measure.mjs';
import { peersIn } from '../peers.mjs';
import { seconds } from '../report.mjs';
import { writeLargeBytes, writeManyOpcodes, writeSafetensors } from '../scan-inputs.mjs';
import { CALLING_PICKLE, writeTorchFile } from '../torch-file.mjs';

const N = 3;
const ANY = [0, 1, 2, 3];
const show = ({ wall }) => seconds(wall);

/** Each makes its file and says what it is; `peers` are those that end within a minute on it. */
const INPUTS = [
  {
    peers: ['picklescan', 'modelscan'],
    make: (path) => `torch file of ${gigabytes(writeTorchFile(path, { tensors: 64, bytesEach: 16_777_216 }))}, clean`,
    name: 'weights.pt',
  },
  {
    peers: ['picklescan', 'modelaudit'],
    make: (path) =>
      `safetensors of ${gigabytes(writeSafetensors(path, { tensors: 64, bytesEach: 16_777_216 }))}, clean`,
    name: 'model.safetensors',
  },
  {
    peers: ['picklescan', 'modelscan'],
    make: (path) => `pickle of ${writeManyOpcodes(path, { tuples: 1_100_000 }).toLocaleString('en')} opcodes, clean`,
    name: 'many.pkl',
  },
  {
    peers: ['picklescan', 'modelscan'],
    make: (path) => {
      writeLargeBytes(path, 268_000_000);
      return 'pickle of 268 MB of bytes, clean';
    },
    name: 'bytes.pkl',
  },
  {
    peers: ['picklescan', 'modelscan', 'fickling', 'modelaudit'],
    make: (path) => {
      writeFileSync(path, CALLING_PICKLE);
      return `pickle of ${CALLING_PICKLE.length} bytes that calls os.system`;
    },
    name: 'small.pkl',
  },
];

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(2)} GB`;

export async function scanner({ root, work, node, vallum }) {
  const peers = peersIn(root);
  const rows = [];
  const notes = [];
  for (const { name, make, peers: wanted } of INPUTS) {
    const path = join(work, name);
    const what = `\`vallum scan\`, ${make(path)}`;
    const beside = wanted.filter((peer) => peers[peer] !== undefined);
    const commands = Object.fromEntries(beside.map((peer) => [peer, peers[peer].command(path)]));
    const measured = await inTurn({ ours: [node, vallum, 'scan', path], ...commands }, N, { exits: ANY });
    for (const peer of beside)
      rows.push({ what, ours: measured.ours, peer: { ...measured[peer], name: peers[peer].name }, show });
    const { peak, stdout } = await runOnce([node, vallum, 'scan', path], { exits: ANY, memory: true });
    const verdict = /: (pass|fail|inconclusive)/.exec(stdout)?.[1] ?? 'nothing';
    notes.push(`${what}: Vallum says ${verdict}; peak memory ${Math.round(peak / 2 ** 20)} MiB.`);
    rmSync(path);
  }
  const missing = ['picklescan', 'modelscan', 'fickling', 'modelaudit'].filter((peer) => peers[peer] === undefined);
  if (missing.length > 0) notes.push(`Not installed, and so left out: ${missing.join(', ')}. See bench/peers.mjs.`);
  return { rows, notes };
}
