// The whole story of `npm start`, from a warm install: the target is 60 s and 1 GiB on two cores. It has no peer.
import { join } from 'node:path';
import { runOnce, summarise } from '../measure.mjs';
import { seconds } from '../report.mjs';

const N = 3;

export async function story({ root, node }) {
  const runs = [];
  for (let round = 0; round < N; round += 1)
    runs.push(await runOnce([node, join(root, 'examples/spam-filter/dist/story/main.js')], { memory: true }));
  const ours = summarise(runs);
  return {
    rows: [{ what: 'the story of `npm start`', ours, peer: undefined, show: ({ wall }) => seconds(wall) }],
    notes: [`Peak memory of the story, all its processes together: ${Math.round(ours.peak / 2 ** 20)} MiB.`],
  };
}
