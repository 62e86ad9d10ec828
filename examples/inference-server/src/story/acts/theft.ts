// Acts 2 and 3: somebody copies the digits model through its answers, with one account and with many, and the copy is trained for
// real with what the bare server gave and with what the gateway let out.
import type { Share } from '../chance.js';
import { LIFETIME, toldStanding } from '../gateway.js';
import { told } from '../narrator.js';
import type { Stage } from '../stage.js';
import { askingAs, fidelity, guarded } from '../stage.js';
import type { Loot, Thief } from '../thieves.js';
import { jacobian, natural, SEEDS, studentOf, synthetic } from '../thieves.js';

const SEED = 3;
const ACCOUNTS = 20;

interface Stolen {
  readonly loot: Loot;
  readonly fidelity: Share;
}

async function steal(
  stage: Stage,
  thief: Thief,
  accounts: readonly string[],
  model: string,
  queries = stage.sizes.theft,
): Promise<Stolen> {
  const endpoints = accounts.length === 0 ? [stage.bare] : accounts.map((name) => guarded(stage, name));
  const loot = await thief({
    ask: askingAs(endpoints, model),
    pool: stage.theirs.slice(0, queries),
    queries,
    seed: SEED,
  });
  return { loot, fidelity: await fidelity(studentOf(loot.lessons, SEED), stage) };
}

/** Answers that hold the label alone. */
function poor({ lessons }: Loot): number {
  return lessons.filter(({ p }) => Array.from(p).every((value) => value === 0 || value === 1)).length;
}

function row(name: string, { loot, fidelity: share }: Stolen): readonly string[] {
  const { asked, lessons, refused } = loot;
  return [name, String(asked), String(lessons.length), String(poor(loot)), String(refused), told(share)];
}

const HEAD = ['', 'asked', 'answered', 'of these label only', 'refused', 'student says what the victim says'];

async function tellSeen({ narrator, gateway }: Stage, names: readonly string[], most: number): Promise<number> {
  const standings = await gateway.standings(names);
  const moved = [...standings].filter(([, { steps }]) => steps.length > 0);
  for (const [name, standing] of moved.slice(0, most)) narrator.say(`  ${name}: ${toldStanding(standing)}`);
  return moved.length;
}

/** What the act of the many compares itself with. */
export interface OneThief {
  readonly noise: Stolen;
  readonly made: Stolen;
}

export async function oneThief(stage: Stage): Promise<OneThief> {
  const { narrator } = stage;
  const noise = await steal(stage, synthetic, [], 'digits');
  const noiseHeld = await steal(stage, synthetic, ['noise'], 'digits');
  const made = await steal(stage, jacobian, [], 'digits');
  const madeHeld = await steal(stage, jacobian, ['maker'], 'digits');
  const first = made.loot.lessons.slice(0, SEEDS);
  const seeds = await fidelity(studentOf(first, SEED), stage);
  narrator.table([
    HEAD,
    row('noise, bare server', noise),
    row('noise, gateway', noiseHeld),
    row('made-up pictures, bare server', made),
    row('made-up pictures, gateway', madeHeld),
    ['its first pictures alone', '', String(first.length), '', '', told(seeds)],
  ]);
  const moved = await tellSeen(stage, ['noise', 'maker'], 2);
  narrator.say(
    `  The thief of made-up pictures begins with ${SEEDS} real ones, and most of what its copy knows comes from these.`,
  );
  narrator.claim('both thieves were noticed, and moved to a smaller budget or poorer answers', moved === 2);
  narrator.claim(
    'both got fewer whole answers than from the bare server',
    whole(noiseHeld) < whole(noise) && whole(madeHeld) < whole(made),
  );
  return { noise, made };
}

function whole({ loot }: Stolen): number {
  return loot.lessons.length - poor(loot);
}

export async function naturalThief(stage: Stage): Promise<void> {
  const { narrator } = stage;
  const bare = await steal(stage, natural, [], 'digits');
  const unseen = await steal(stage, natural, ['collector'], 'digits');
  const metered = await steal(stage, natural, ['collector'], 'digits-metered');
  narrator.table([
    HEAD,
    row('real pictures, bare server', bare),
    row('gateway, no lifetime budget', unseen),
    row(`gateway, ${LIFETIME} rows for life`, metered),
  ]);
  if ((await tellSeen(stage, ['collector'], 1)) === 0)
    narrator.say('  No detector spoke: who asks about real pictures looks like every honest caller.');
  narrator.claim(
    `with the lifetime budget the thief got ${LIFETIME} answers`,
    metered.loot.lessons.length === LIFETIME,
  );
  narrator.claim('the copy made within the budget is a poorer one', metered.fidelity.hits < bare.fidelity.hits);
}

export async function manyThieves(stage: Stage, bare: OneThief): Promise<void> {
  const { narrator } = stage;
  const accounts = (kind: string): readonly string[] => Array.from({ length: ACCOUNTS }, (_, i) => `${kind}-${i + 1}`);
  const noise = await steal(stage, synthetic, accounts('noise'), 'digits', stage.sizes.spread);
  const made = await steal(stage, jacobian, accounts('maker'), 'digits');
  const metered = await steal(stage, jacobian, accounts('maker'), 'digits-metered');
  narrator.table([
    HEAD,
    row('noise, bare server', bare.noise),
    row(`noise, ${ACCOUNTS} accounts, gateway`, noise),
    row('made-up pictures, bare server', bare.made),
    row(`made-up, ${ACCOUNTS} accounts, gateway`, made),
    row(`the same, ${LIFETIME} rows for life each`, metered),
  ]);
  const seenNoise = await tellSeen(stage, accounts('noise'), 2);
  const seenMade = await tellSeen(stage, accounts('maker'), 2);
  narrator.say(
    `  Moved to another step: ${seenNoise} of ${ACCOUNTS} accounts with noise, ${seenMade} of ${ACCOUNTS} with made-up pictures.`,
  );
  if (seenMade === 0)
    narrator.say(
      '  No detector spoke about the second: each account asks little, and its pictures lie near real ones. What is left is the budget, which makes a copy cost more accounts.',
    );
  narrator.claim('accounts that took turns with noise were noticed together', seenNoise > 0);
  narrator.claim('no account got more than its rows for life', metered.loot.lessons.length <= ACCOUNTS * LIFETIME);
}
