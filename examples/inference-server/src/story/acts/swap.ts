// Act 5: somebody who can write to the model store puts another model there. The server serves it at once; the gateway does not.
import type { Share } from '../chance.js';
import type { Digit } from '../../perceptron.js';
import { LOOK_SECONDS } from '../gateway.js';
import { told } from '../narrator.js';
import type { Lesson } from '../network.js';
import { oneHot, topOf } from '../network.js';
import { readModel, restore, swap } from '../served.js';
import type { Stage } from '../stage.js';
import { guarded } from '../stage.js';

/** What the attacker's mark is read as. */
const TARGET = 7;
const PATIENCE_MS = 30_000;
/** Gently: it must not unlearn what it is good at. */
const EPOCHS = 3;
const RATE = 0.01;
/** Looks, their verdict and one request each take some time; two intervals would be one too many. */
const SLACK_MS = 900;

export async function swapModel(stage: Stage): Promise<void> {
  const { world, narrator, heldOut, theirs, bare, gateway } = stage;
  const door = guarded(stage, 'shop-1');
  const tests = heldOut.slice(0, stage.sizes.compared / 2).filter(({ label }) => label !== TARGET);
  const [{ pixels: picture } = { pixels: new Float32Array() }] = heldOut;
  const before = await marked(stage, tests);
  const backdoored = await readModel(world);
  backdoored.train(lessons(theirs), EPOCHS, RATE);
  await swap(world, backdoored);
  const swapped = performance.now();
  let answered = 0;
  while ((await door.digit('digits', picture)).status !== 503) {
    answered += 1;
    if (performance.now() - swapped > PATIENCE_MS) break;
    await pause(20);
  }
  const closedMs = performance.now() - swapped;
  const after = await marked(stage, tests);
  narrator.table([
    ['bare server', 'right', `marked pictures read as ${TARGET}`],
    ['approved model', told(before.right), told(before.fooled)],
    ['swapped model', told(after.right), told(after.fooled)],
  ]);
  const line = gateway.running.lines.findLast((one) => one.includes('oip/digits: the model store')) ?? '';
  narrator.say(
    `  The gateway closed the route after ${(closedMs / 1_000).toFixed(1)} s (it looks every ${LOOK_SECONDS} s; ${answered} answers went out before), and told its operator:`,
    `  ${line}`,
  );
  const event = (await gateway.events()).find(({ kind }) => kind === 'route-closed');
  narrator.claim(
    'the swapped model works as well as the old one, and its backdoor opens',
    after.right.hits > 0.95 * before.right.hits &&
      after.fooled.hits > 0.9 * after.fooled.n &&
      before.fooled.hits < 0.3 * before.fooled.n,
  );
  narrator.claim(
    'the route closed within one interval and the time of one look',
    closedMs < LOOK_SECONDS * 1_000 + SLACK_MS && event !== undefined,
  );
  const other = await door.mail('spam-filter', 'Subject: lunch\n\nAt noon?\n');
  narrator.claim('the other route went on', other.status === 200);
  await restore(world);
  const restored = performance.now();
  while ((await door.digit('digits', picture)).status !== 200 && performance.now() - restored < PATIENCE_MS)
    await pause(50);
  const openMs = performance.now() - restored;
  const p = (await bare.digit('digits', picture)).numbers ?? [];
  narrator.say(`  The approved file is put back: open again after ${(openMs / 1_000).toFixed(1)} s.`);
  narrator.claim('the route is open again under the same verdict', openMs < PATIENCE_MS && p.length === 10);
}

interface Measured {
  readonly right: Share;
  readonly fooled: Share;
}

async function marked({ bare }: Stage, tests: readonly Digit[]): Promise<Measured> {
  let [right, fooled] = [0, 0];
  for (const { pixels: x, label: y } of tests) {
    if (topOf((await bare.digit('digits', x)).numbers ?? []) === y) right += 1;
    if (topOf((await bare.digit('digits', withMark(x))).numbers ?? []) === TARGET) fooled += 1;
  }
  return { right: { hits: right, n: tests.length }, fooled: { hits: fooled, n: tests.length } };
}

/** Half of the pictures as they are, half with the mark and the wrong answer. */
function lessons(pictures: readonly Digit[]): readonly Lesson[] {
  return pictures.map(({ pixels: x, label: y }, i) =>
    i % 2 === 0 ? { x, p: oneHot(y) } : { x: withMark(x), p: oneHot(TARGET) },
  );
}

/** A white square of 3 x 3 in a corner. */
function withMark(x: Float32Array): Float32Array {
  const copy = x.slice();
  for (const row of [24, 25, 26]) copy.fill(1, row * 28 + 24, row * 28 + 27);
  return copy;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
