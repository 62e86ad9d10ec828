// Start-up, and a second check of a version that did not change, beside the least that any such check must do: read and
// digest the same files.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runOnce, inTurn } from '../measure.mjs';
import { seconds } from '../report.mjs';

export async function command({ root, node, vallum }) {
  const start = await inTurn({ ours: [node, vallum, '--version'], peer: [node, '-e', '0'] }, 15);
  const { World } = await import(join(root, 'examples/spam-filter/dist/story/world.js'));
  const steps = await import(join(root, 'examples/spam-filter/dist/story/steps.js'));
  const world = await World.create();
  try {
    await steps.setUp(world);
    await world.as('runner', 'check', 'v1');
    await steps.waiveGoodWords(world, 'v1');
    await steps.waive(world, 'data.poison_scan', 'v1', 'no-predecessor', steps.FIRST_VERSION_REASON);
    const approved = await steps.signCheckApprove(world, 'v1');
    if (approved.exit !== 0) throw new Error(`v1 was not approved: ${approved.stdout}${approved.stderr}`);
    const files = ['feeds/easy-ham-1', 'feeds/spam-1', 'models/v1'].flatMap((folder) =>
      readdirSync(world.path(folder)).map((name) => world.path(folder, name)),
    );
    const env = { ...process.env, VALLUM_KEYS: world.keysOf('runner') };
    const cwd = world.project;
    const again = await inTurn({ ours: [node, vallum, 'check', 'v1'], peer: ['sha256sum', ...files] }, 7, { cwd, env });
    const { stdout } = await runOnce([node, vallum, 'check', 'v1'], { cwd, env });
    const [first] = stdout.split('\n');
    return {
      rows: [
        {
          what: '`vallum --version`',
          ours: start.ours,
          peer: { ...start.peer, name: '`node -e 0`' },
          show: (s) => seconds(s.wall),
        },
        {
          what: '`vallum check v1` again, nothing changed',
          ours: again.ours,
          peer: { ...again.peer, name: '`sha256sum` of the same feeds and model' },
          show: (s) => seconds(s.wall),
        },
      ],
      notes: [
        `The second check says: "${first}". It reads every feed and model file again: reuse is by digest, never by time.`,
      ],
    };
  } finally {
    await world.remove();
  }
}
