// Act 6: what a reader of the records sees, after the gateway was told to stop.
import { ISSUER } from '../accounts.js';
import type { Entry } from '../records.js';
import { readEntries } from '../records.js';
import { PROBER } from './probe.js';
import type { Stage } from '../stage.js';

export async function readRecords({ world, gateway, narrator, tally }: Stage): Promise<void> {
  const exit = await gateway.running.stop();
  const [, said = ''] = await gateway.running.line(/stopped after (\d+) records/);
  const entries = await readEntries(world.path('.vallum', 'gateway', 'records'));
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const name = entry.code === undefined ? entry.outcome : `${entry.outcome} (${entry.code})`;
    counts.set(name, (counts.get(name) ?? 0) + (entry.times ?? 1));
  }
  narrator.say(
    `The gateway stopped; its own log has ${entries.length} entries. Equal refusals in a row are counted in one, so they tell of:`,
    ...[...counts].map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
    'One of them, as it is stored. The input is there as a keyed digest only:',
  );
  const shown = entries.find(({ step }) => step === 'degrade');
  narrator.say(`  ${JSON.stringify(shown)}`);
  const told = entries.filter(isOfAccount).reduce((sum, { times = 1 }) => sum + times, 0);
  narrator.claim(
    'the gateway ended when it was asked to, and every entry can be read',
    exit === 0 && entries.length === Number(said),
  );
  narrator.claim(`each of the ${tally.requests} requests of the accounts is in the log`, told === tally.requests);
  narrator.claim('an answer that was made poorer says so in its record', shown?.input?.length === 64);
}

/** Of the acts; the probe counts its own. */
function isOfAccount({ principal }: Entry): boolean {
  return principal?.startsWith(`${ISSUER}#`) === true && principal !== `${ISSUER}#${PROBER}`;
}
