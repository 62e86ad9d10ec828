// The story that `npm start -- gateway` tells: two models behind the gateway, honest callers, thieves, an attacker of one picture and
// somebody who swaps a file. Everything runs for real in a temporary folder that is gone at the end; what an act claims is checked,
// and the exit code is 1 when a claim does not hold.
import { loadDigits } from '../mnist-digits.js';
import { evade } from './acts/evasion.js';
import { honest } from './acts/honest.js';
import { probe } from './acts/probe.js';
import { readRecords } from './acts/records.js';
import { swapModel } from './acts/swap.js';
import { manyThieves, naturalThief, oneThief } from './acts/theft.js';
import { Accounts } from './accounts.js';
import { closeConnections, Endpoint } from './ask.js';
import { Gateway, LIFETIME } from './gateway.js';
import { heldOutMails } from './mails.js';
import { Narrator } from './narrator.js';
import { deploy, trainModels } from './served.js';
import type { Sizes, Stage } from './stage.js';
import { release } from './team.js';
import { World } from './world.js';

const WHOLE: Sizes = {
  honestCallers: 40,
  picturesEach: 24,
  mails: 360,
  theft: 1_000,
  spread: 1_500,
  pictures: 5,
  evasion: 1_000,
  compared: 1_000,
};
const SMALL: Sizes = {
  honestCallers: 40,
  picturesEach: 20,
  mails: 60,
  theft: 400,
  spread: 1_200,
  pictures: 3,
  evasion: 1_000,
  compared: 300,
};

const sizes = process.argv.includes('--small') ? SMALL : WHOLE;
const started = performance.now();
const narrator = new Narrator(process.stdout);
const { act, say, show, claim } = narrator;
const world = await World.create();
try {
  say('Vallum: nothing untrusted gets in, nothing unproven goes out, and what runs is watched.');
  say('Two models, a spam filter and a reader of digits, in a small inference server, and a gateway in front of it.');
  const { train, heldOut } = loadDigits();
  await trainModels(world);
  const { checked, decided } = await release(world, train);
  await deploy(world);
  say('', 'The team of the digits model checks and approves it; the gateway serves it under that verdict only.');
  show(checked, 20);
  show(decided);
  const server = world.startScript('main.js', '--port', '0', '--models', world.path('served'));
  const [, bare = ''] = await server.line(/(http:\/\/127\.0\.0\.1:\d+)/);
  const accounts = new Accounts();
  const gateway = await Gateway.start(world, bare, accounts);
  const stage: Stage = {
    world,
    narrator,
    accounts,
    gateway,
    tally: { requests: 0 },
    bare: new Endpoint(bare, { requests: 0 }),
    heldOut: heldOut.slice(0, 2_500),
    theirs: heldOut.slice(2_500),
    sizes,
  };

  act(1, 'Honest callers');
  const honestNames = await honest(stage, await heldOutMails(world, 'feeds', sizes.mails));

  act(2, 'A thief');
  const stolen = await oneThief(stage);
  say(
    '',
    `A thief who has real pictures is not caught by any detector. Only a budget for life acts, here of ${LIFETIME} rows:`,
  );
  await naturalThief(stage);

  act(3, 'The same theft, spread over 20 accounts');
  await manyThieves(stage, stolen);

  act(4, 'A picture that is read wrongly');
  await evade(stage);

  act(5, 'A swapped model file');
  await swapModel(stage);

  act(6, 'What a probe finds, and what a reader of the records sees');
  await probe(stage, bare);
  closeConnections();
  await readRecords(stage);
  const blamed = await gateway.standings(honestNames);
  const moved = [...blamed.values()].filter(({ steps }) => steps.length > 0).length;
  claim(`none of the ${honestNames.length} honest accounts was moved to another step`, moved === 0);
} finally {
  closeConnections();
  await world.close();
}
say(
  '',
  `That was the whole story, in ${Math.round((performance.now() - started) / 1_000)} s, in a temporary folder that is gone now.`,
);
for (const sentence of narrator.broken) say(`It does not hold that ${sentence}.`);
process.exitCode = narrator.broken.length === 0 ? 0 : 1;
