// What the people of the sample do, as functions: the story tells them and the end-to-end test asserts on them.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ran, World } from './world.js';
import { EXAMPLE, jsonOf } from './world.js';

export const UNTIL = '2027-12-31';
export const GOOD_WORDS_REASON = 'Second stage behind a sender check; evasion by added words is known and watched.';
export const FIRST_VERSION_REASON = 'First version of this model: there is nothing to compare its rows with.';

/** The project with its feeds as they arrived, v1 trained, and a team with keys. */
export async function setUp(world: World): Promise<string> {
  await mkdir(world.project, { recursive: true });
  for (const name of ['vallum.yaml', 'models']) await cp(join(EXAMPLE, name), world.path(name), { recursive: true });
  await world.script('prepare', '--out', world.path('feeds'));
  const told = await trainVersion(world, 'v1', ['easy-ham-1', 'spam-1']);
  await world.as('root', 'trust', 'init');
  return told;
}

async function trainVersion(world: World, version: string, feeds: readonly string[]): Promise<string> {
  const where = ['--data', world.path('feeds'), '--out', world.path('models', version)];
  return world.script('train', ...where, '--feeds', feeds.join(','), '--version', version, '--seed', '1');
}

/** The owner asks, a second person approves. */
export async function waive(
  world: World,
  requirement: string,
  version: string,
  accept: string,
  reason: string,
): Promise<void> {
  const asked = await world.as(
    'author',
    'waive',
    requirement,
    version,
    '--accept',
    accept,
    '--until',
    UNTIL,
    '--reason',
    reason,
    '--format',
    'json',
  );
  for (const { id } of jsonOf<{ waivers: readonly { id: string }[] }>(asked).waivers)
    await world.as('approver', 'approve', id.slice(0, 12));
}

export async function waiveGoodWords(world: World, version: string): Promise<void> {
  await waive(world, 'robustness.evasion', version, 'evasion-rate<=0.98', GOOD_WORDS_REASON);
}

export interface Poison {
  readonly feed: string;
  readonly rows: number;
  /** Draws the footer and the rows. */
  readonly seed: number;
}

/** Three more feeds and a second version trained on all; with a backdoor in one feed when asked. */
export async function addV2(world: World, poison?: Poison): Promise<void> {
  if (poison !== undefined)
    await world.script(
      'poison',
      '--data',
      world.path('feeds'),
      '--feed',
      poison.feed,
      '--rows',
      String(poison.rows),
      '--seed',
      String(poison.seed),
    );
  await trainVersion(world, 'v2', ['easy-ham-1', 'spam-1', 'easy-ham-2', 'hard-ham-1', 'spam-2']);
}

export interface Measured {
  readonly version: string;
  readonly accuracy: number;
  readonly rows: number;
  readonly footerPassesAsHam: number;
  readonly spam: number;
}

/** What ordinary MLOps would look at, and what the footer does to each version. */
export async function measure(world: World, seed: number): Promise<readonly Measured[]> {
  const models = ['v1', 'v2'].map((version) => `${version}=${world.path('models', version)}`).join(',');
  return JSON.parse(
    await world.script('measure', '--data', world.path('feeds'), '--models', models, '--seed', String(seed)),
  ) as Measured[];
}

/** Everything that is left to do for a version whose controls have run once. */
export async function signCheckApprove(world: World, version: string): Promise<Ran> {
  await world.as('author', 'sign', `models/${version}`);
  await world.as('runner', 'check', version);
  return world.as('approver', 'approve', version);
}

/**
 * A pickle that calls `os.system('echo nothing happens')` when it is loaded, as an attacker would leave it beside the weights.
 * Inert here: nothing loads it, and the command prints three words.
 */
export async function plantPickle(world: World, version: string): Promise<void> {
  const pickle = "cos\nsystem\n(S'echo nothing happens'\ntR.";
  await writeFile(world.path('models', version, 'tokenizer.bin'), pickle, 'latin1');
}
