// Before act 6: forbidden requests are tried at either door.
import { writeFile } from 'node:fs/promises';
import type { Stage } from '../stage.js';
import type { Ran } from '../world.js';
import { jsonOf } from '../world.js';

/** Account of the probe. */
export const PROBER = 'prober';

interface Probed {
  readonly reason?: { readonly message: string };
  readonly requests: number;
  readonly checks: readonly { readonly id: string; readonly verdict: string }[];
}

/** @param bare address of the server without the gateway */
export async function probe({ world, narrator, gateway, accounts }: Stage, bare: string): Promise<void> {
  const key = world.path('prober.token');
  await writeFile(key, accounts.token(PROBER), { mode: 0o600 });
  const run = (url: string, ...more: readonly string[]): Promise<Ran> =>
    world.as(
      'runner',
      'gateway',
      'probe',
      url,
      '--model',
      'digits',
      '--authorised',
      '--rate',
      '100',
      '--format',
      'json',
      ...more,
    );
  const open = await run(bare);
  const closed = await run(gateway.origin, '--key-file', key);
  const [atBare, atGateway] = [jsonOf<Probed>(open), jsonOf<Probed>(closed)];
  narrator.say(
    '`vallum gateway probe` sends what is forbidden: strangers, false keys, lies about sizes, management paths, smuggling.',
  );
  narrator.table([
    ['', 'requests', 'checks passed', 'failed', 'undecided', 'exit'],
    row('bare server', open, atBare),
    row('gateway', closed, atGateway),
  ]);
  if (atGateway.reason !== undefined) narrator.say(`  Of the gateway it says: ${atGateway.reason.message}`);
  narrator.claim('the bare server lets forbidden requests through', open.exit === 1 && count(atBare, 'fail') > 0);
  narrator.claim(
    'the gateway lets none through',
    closed.exit !== 1 && count(atGateway, 'fail') === 0 && count(atGateway, 'pass') >= count(atBare, 'pass'),
  );
}

function row(name: string, { exit }: Ran, probed: Probed): readonly string[] {
  const counts = ['pass', 'fail', 'inconclusive'].map((verdict) => String(count(probed, verdict)));
  return [name, String(probed.requests), ...counts, String(exit)];
}

function count({ checks }: Probed, wanted: string): number {
  return checks.filter(({ verdict }) => verdict === wanted).length;
}
