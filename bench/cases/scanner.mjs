// The static scan beside picklescan, where that is installed. Both must find the call in the small pickle; should Vallum
// find something in the large file, which is clean, the notes say so.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, runOnce } from '../measure.mjs';
import { seconds } from '../report.mjs';
import { CALLING_PICKLE, writeTorchFile } from '../torch-file.mjs';

const N = 5;
const show = ({ wall }) => seconds(wall);

export async function scanner({ root, work, node, vallum }) {
  const large = join(work, 'weights.pt');
  const small = join(work, 'small.pkl');
  const bytes = writeTorchFile(large, { tensors: 20, bytesEach: 10_000_000 });
  writeFileSync(small, CALLING_PICKLE);
  const picklescan = join(root, '.venv/bin/picklescan');
  const installed = existsSync(picklescan);
  const peer = (path) => (installed ? { peer: [picklescan, '--path', path] } : {});

  const onLarge = await inTurn({ ours: [node, vallum, 'scan', large], ...peer(large) }, N, { exits: [0, 1, 2] });
  const onSmall = await inTurn({ ours: [node, vallum, 'scan', small], ...peer(small) }, N, { exits: [1] });
  const { peak, code, stdout } = await runOnce([node, vallum, 'scan', large], { exits: [0, 1, 2], memory: true });
  rmSync(large);

  const named = (summary) => (summary === undefined ? undefined : { ...summary, name: 'picklescan 1.0.5' });
  const size = `${Math.round(bytes / 1e6)} MB`;
  return {
    rows: [
      { what: `\`vallum scan\`, torch file of ${size}, clean`, ours: onLarge.ours, peer: named(onLarge.peer), show },
      {
        what: `\`vallum scan\`, pickle of ${CALLING_PICKLE.length} bytes that calls os.system`,
        ours: onSmall.ours,
        peer: named(onSmall.peer),
        show,
      },
    ],
    notes: [
      `Neither scanner reads all ${size}: Vallum reads the directory, the pickles and the beginning of every entry, by content; picklescan reads the directory and the entries that are named like pickles. Peak memory of Vallum: ${Math.round(peak / 2 ** 20)} MiB.`,
      ...(code === 0
        ? []
        : [
            `The scan was wrong about the clean file (exit ${code}): ${stdout.split('\n').length - 2} lines of findings.`,
          ]),
      ...(installed ? [] : ['picklescan is not installed in `.venv`, so its figures are left out.']),
    ],
  };
}
