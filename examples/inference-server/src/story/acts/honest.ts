// Act 1: honest callers ask through the gateway and get the same answers as from the bare server.
import type { Share } from '../chance.js';
import type { Digit } from '../../perceptron.js';
import type { Endpoint } from '../ask.js';
import { each } from '../ask.js';
import type { Mail } from '../mails.js';
import { told } from '../narrator.js';
import { topOf } from '../network.js';
import type { Stage } from '../stage.js';
import { guarded } from '../stage.js';

const AT_ONCE = 4;

export async function honest(stage: Stage, mails: readonly Mail[]): Promise<readonly string[]> {
  const { narrator, heldOut, sizes, bare } = stage;
  const { honestCallers, picturesEach } = sizes;
  const names = Array.from({ length: honestCallers }, (_, i) => `shop-${i + 1}`);
  const doors = names.map((name) => guarded(stage, name));
  const pictures = heldOut.slice(0, honestCallers * picturesEach);
  const through = await readDigits(pictures, (i) => doors[i % honestCallers] as Endpoint);
  const direct = await readDigits(pictures, () => bare);
  const mailThrough = await readMails(mails, (i) => doors[i % honestCallers] as Endpoint);
  const mailDirect = await readMails(mails, () => bare);
  narrator.say(`${honestCallers} accounts ask about held-out pictures and mails, each once.`);
  narrator.table([
    ['', 'right, bare server', 'right, through the gateway', 'refused'],
    ['digits', told(direct.right), told(through.right), String(through.refused)],
    ['spam filter', told(mailDirect.right), told(mailThrough.right), String(mailThrough.refused)],
  ]);
  narrator.claim(
    'every honest request was answered, and through the gateway as many answers were right',
    through.refused + mailThrough.refused === 0 &&
      through.right.hits === direct.right.hits &&
      mailThrough.right.hits === mailDirect.right.hits,
  );
  narrator.claim(
    'both models are of use: more than 88 of 100 answers are right',
    [direct, mailDirect].every(({ right: { hits, n } }) => hits > 0.88 * n),
  );
  return names;
}

interface Read {
  readonly right: Share;
  readonly refused: number;
}

async function readDigits(pictures: readonly Digit[], door: (i: number) => Endpoint): Promise<Read> {
  return counted(pictures, async ({ pixels, label }, i) => {
    const { numbers } = await door(i).digit('digits', pixels);
    return numbers === undefined ? undefined : topOf(numbers) === label;
  });
}

async function readMails(mails: readonly Mail[], door: (i: number) => Endpoint): Promise<Read> {
  return counted(mails, async ({ text, isSpam }, i) => {
    const { numbers } = await door(i).mail('spam-filter', text);
    return numbers === undefined ? undefined : (numbers[0] ?? 0) >= 0.5 === isSpam;
  });
}

/** @param ask was the answer right? Undefined when there was none */
async function counted<T>(rows: readonly T[], ask: (row: T, i: number) => Promise<boolean | undefined>): Promise<Read> {
  let [hits, refused] = [0, 0];
  await each([...rows.entries()], AT_ONCE, async ([i, row]) => {
    const isRight = await ask(row, i);
    if (isRight === undefined) refused += 1;
    else if (isRight) hits += 1;
  });
  return { right: { hits, n: rows.length }, refused };
}
