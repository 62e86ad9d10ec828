// Act 4: somebody looks for pictures that a person reads rightly and the model wrongly, by answers alone.
import type { Digit } from '../../perceptron.js';
import type { Endpoint } from '../ask.js';
import type { Hunted } from '../evasion.js';
import { hunt } from '../evasion.js';
import { toldStanding } from '../gateway.js';
import { topOf } from '../network.js';
import type { Stage } from '../stage.js';
import { askingAs, guarded } from '../stage.js';

/** A picture is 9 long or so: nobody would read what is this near to it as another digit. */
const GOAL = 2;
const SURE = 0.99;
const SEED = 5;

export async function evade(stage: Stage): Promise<void> {
  const { narrator, bare, gateway, sizes } = stage;
  const { pictures, other } = await targets(stage);
  const rows: (readonly string[])[] = [
    ['picture of a', 'bare: queries', 'changed by', 'gateway: queries', 'refused', 'changed by', 'noticed'],
  ];
  let [foundBare, foundHeld, noticed] = [0, 0, 0];
  let sample = '';
  for (const [i, { pixels: from, label }] of pictures.entries()) {
    const otherwise = other(label);
    const run = (door: Endpoint): Promise<Hunted> =>
      hunt({ ask: labelBy(door), from, label, other: otherwise, goal: GOAL, queries: sizes.evasion, seed: SEED });
    const name = `painter-${i + 1}`;
    const free = await run(bare);
    const held = await run(guarded(stage, name));
    const standing = (await gateway.standings([name])).get(name);
    if (free.found) foundBare += 1;
    if (held.found) foundHeld += 1;
    if ((standing?.steps.length ?? 0) > 0) noticed += 1;
    if (standing !== undefined && sample === '') sample = `${name}: ${toldStanding(standing)}`;
    rows.push([
      String(label),
      String(free.asked),
      changed(free),
      String(held.asked),
      String(held.refused),
      changed(held),
      standing?.steps.at(-1) ?? 'no',
    ]);
  }
  narrator.say(
    `An attacker is content with a picture that is read wrongly and changed by no more than ${GOAL} (root of summed squares).`,
  );
  narrator.table(rows);
  narrator.say(
    `  ${sample}`,
    `  Found: ${foundBare} of ${pictures.length} at the bare server, ${foundHeld} through the gateway.`,
  );
  narrator.claim('every attack through the gateway was noticed', noticed === pictures.length);
  narrator.claim('fewer attacks came to their goal than at the bare server', foundHeld < foundBare);
}

function changed({ distance, found }: Hunted): string {
  return `${distance.toFixed(2)}${found ? '' : ' (not there)'}`;
}

/** Pictures that the model reads rightly and is sure of, and one for each that it reads otherwise. */
async function targets({
  theirs,
  sizes,
  bare,
}: Stage): Promise<{ pictures: readonly Digit[]; other: (label: number) => Float32Array }> {
  const pictures: Digit[] = [];
  const read = new Map<number, Float32Array>();
  for (const digit of theirs.toReversed()) {
    const p = (await bare.digit('digits', digit.pixels)).numbers ?? new Float32Array();
    const label = topOf(p);
    if (!read.has(label)) read.set(label, digit.pixels);
    if (label === digit.label && (p[label] ?? 0) > SURE) pictures.push(digit);
    if (pictures.length === sizes.pictures && read.size > 1) break;
  }
  const other = (label: number): Float32Array => {
    for (const [found, pixels] of read) if (found !== label) return pixels;
    throw new Error('all pictures are read alike');
  };
  return { pictures, other };
}

function labelBy(door: Endpoint): (x: Float32Array) => Promise<number | undefined> {
  const ask = askingAs([door], 'digits');
  return async (x) => {
    const p = await ask(x);
    return p === undefined ? undefined : topOf(p);
  };
}
