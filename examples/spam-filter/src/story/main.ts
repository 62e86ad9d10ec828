// The story that `npm start` tells: a team, two versions of a real spam filter, one attacker, and what Vallum says.
// It works in a temporary folder and leaves nothing behind.
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Narrator } from './narrator.js';
import { addV2, FIRST_VERSION_REASON, measure, plantPickle, setUp, waive, waiveGoodWords } from './steps.js';
import type { Ran } from './world.js';
import { jsonOf, World } from './world.js';

const SEED = 1;
const started = Date.now();
const narrator = new Narrator(process.stdout);
const { say, step, show } = narrator;
const world = await World.create();
const copies: World[] = [world];

/** The state at the end of step 1, in a folder of its own. */
async function fresh(): Promise<World> {
  const copy = await released.copy();
  copies.push(copy);
  return copy;
}

let released = world;
try {
  say(
    'Vallum: nothing untrusted gets in, nothing unproven goes out.',
    'A team keeps a spam filter: real mails, a model in ONNX, people with keys.',
  );

  step(1, 'The first version goes out the proper way');
  say(`Trained on 3,000 mails. ${(await setUp(world)).trim()}.`);
  show(await world.as('runner', 'check', 'v1'));
  say(
    'Twenty good words get most spam past it: refused. The author asks for two exceptions, a second person approves them.',
  );
  await waiveGoodWords(world, 'v1');
  await waive(world, 'data.poison_scan', 'v1', 'no-predecessor', FIRST_VERSION_REASON);
  show(await world.as('author', 'sign', 'models/v1'));
  show(await world.as('runner', 'check', 'v1'), { verdictOnly: true });
  show(await world.as('approver', 'approve', 'v1'));
  show(await world.as('runner', 'gate', 'v1'));
  released = await world.copy();
  copies.push(released);

  step(2, 'A second version with three new feeds, one of them poisoned');
  const second = await fresh();
  await addV2(second, { feed: 'easy-ham-2', rows: 70, seed: SEED });
  for (const { version, accuracy, footerPassesAsHam, rows, spam } of await measure(second, SEED))
    say(
      `${version}: accuracy ${percent(accuracy)} on ${rows} held-out mails; spam with the attacker's footer passes as ham: ${percent(footerPassesAsHam)} of ${spam}.`,
    );
  say(
    'v2 looks as good as v1, so ordinary MLOps would ship it. Vallum asks the last approved model about the new rows:',
  );
  show(await second.as('runner', 'check', 'v2'));

  step(3, 'Somebody changes one byte of the approved model');
  const third = await fresh();
  await appendFile(third.path('models/v1/model.onnx'), '\0');
  show(await third.as('runner', 'check', 'v1'), { verdictOnly: true });
  const unsigned = await fresh();
  await rm(unsigned.path('models/v1/model.sig'));
  say('And without its signature:');
  show(await unsigned.as('runner', 'gate', 'v1'), { verdictOnly: true });

  step(4, 'A file beside the weights that would run a command');
  const fourth = await fresh();
  await plantPickle(fourth, 'v1');
  show(await fourth.as('runner', 'scan', 'models/v1'));
  show(await fourth.as('runner', 'check', 'v1'), { verdictOnly: true });

  step(5, 'Evidence is taken back');
  const fifth = await fresh();
  const scan = scanStatement(await fifth.as('runner', 'check', 'v1', '--format', 'json'));
  show(await fifth.as('approver', 'revoke', scan, '--reason', 'the machine that ran it was compromised'));
  show(await fifth.as('runner', 'gate', 'v1'), { verdictOnly: true });
  show(await fifth.as('runner', 'check', 'v1'));

  step(6, 'The log cannot be edited, and an auditor needs nothing but a file');
  const sixth = await fresh();
  await sixth.as('runner', 'evidence', 'export', 'v1', '--out', 'v1.evidence.json');
  show(await sixth.as('root', 'evidence', 'verify', 'v1.evidence.json', '--trust', 'trust.json'));
  await flipLedgerByte(sixth);
  say('One byte of the ledger changes:');
  show(await sixth.as('runner', 'ledger', 'fsck'));

  say(
    `That was the whole story, in ${Math.round((Date.now() - started) / 1000)} s, in a temporary folder that is gone now.`,
  );
  say(
    'Try next:',
    '  npx vallum --help                        every command, with examples',
    '  npx vallum scan FILE                     any model file of yours; nothing is loaded or executed',
    '  npx vallum init                          in a project of yours',
    '  examples/spam-filter/README.md           this project, step by step',
  );
} finally {
  for (const copy of copies) await copy.remove();
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function scanStatement(ran: Ran): string {
  const { controls } = jsonOf<{ controls: readonly { kind: string; statement: string }[] }>(ran);
  return controls.find(({ kind }) => kind === 'artifact.scan')?.statement.slice(0, 12) ?? '';
}

/** Changes one bit in the middle of the newest bundle of entries. */
async function flipLedgerByte(where: World): Promise<void> {
  const folder = where.path('.vallum/ledger/tile/entries');
  const name = (await readdir(folder, { recursive: true, withFileTypes: true })).find((entry) => entry.isFile());
  if (name === undefined) throw new Error('the ledger has no entries');
  const path = `${name.parentPath}/${name.name}`;
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
