// An attacker who knows these detectors and lacks only the key: in the manner of OARS (Feng et al., arXiv 2405.20641) it draws each
// query anew until its own copy of the fingerprinting calls it unlike all it sent before, and sees what it gets: once answers grow
// poorer or stop, it takes larger steps and rests. Stronger than OARS, which learns of a match only by being refused.
import { clip, normal } from './digits.mjs';
import { makeSketcher } from './detectors.mjs';

const SHARED = 25;
const MOST_DRAWS = 20;
const BUDGET = 2_000;
const REST_MS = 600_000;

const distance = (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
const blend = (a, b, part) => a.map((value, i) => (1 - part) * value + part * b[i]);

/** Decides by labels: walks along the boundary towards the origin by noise of growing and shrinking size. */
export function adapt({ guarded, origin, pool, random, every, victim }) {
  const sketcher = makeSketcher({
    kind: 'tensor',
    secret: Buffer.alloc(32, 9),
    ranges: new Map([['image', { minimum: 0, maximum: 1 }]]),
  });
  const prints = (x) =>
    sketcher({ inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 784], numbers: x }], rows: 1, elements: 784 })[0]
      .fingerprints;
  const holders = new Map();
  const truth = victim.label(origin);
  const who = { principal: 'adaptive', at: 0 };
  const first = {};
  let [asked, rests] = [0, 0];

  const matches = (hashes) => {
    const shared = new Map();
    for (const hash of hashes) for (const id of holders.get(hash) ?? []) shared.set(id, (shared.get(id) ?? 0) + 1);
    return Math.max(0, ...shared.values()) >= SHARED;
  };
  const remember = (hashes) => {
    for (const hash of hashes) holders.set(hash, [...(holders.get(hash) ?? []), asked]);
  };
  /** Draws until nothing matches; the last draw where nothing does. */
  const ask = (draw) => {
    let [x, hashes] = [];
    for (let i = 0; i < MOST_DRAWS; i += 1) {
      x = draw(i / MOST_DRAWS);
      hashes = prints(x);
      if (!matches(hashes)) break;
    }
    remember(hashes);
    asked += 1;
    who.at += every;
    const answer = guarded.ask(x, who);
    const step = guarded.step(who.principal);
    if (step !== 'observe') first[step] ??= asked;
    // A poor answer gives it away: rest, as long as the score needs to leak.
    if (answer !== undefined && answer.p === undefined) [who.at, rests] = [who.at + REST_MS, rests + 1];
    return { x, label: answer?.label };
  };

  let best;
  for (const { x } of pool.slice(0, 50)) {
    const { label } = ask(() => x);
    if (label !== undefined && label !== truth && (best === undefined || distance(x, origin) < distance(best, origin)))
      best = x;
  }
  const start = best === undefined ? undefined : distance(best, origin);
  let [part, spread] = [0.2, 0.1];
  while (best !== undefined && asked < BUDGET) {
    const from = best;
    const { x, label } = ask((more) =>
      blend(from, origin, part).map((v) => clip(v + spread * (1 + more) * normal(random))),
    );
    if (label === undefined) break;
    if (label !== truth && distance(x, origin) < distance(best, origin)) {
      best = x;
      part = Math.min(0.5, part * 1.1);
    } else {
      part = Math.max(0.01, part * 0.97);
      spread = Math.min(0.3, Math.max(0.02, spread * (random() < 0.5 ? 1.05 : 0.95)));
    }
  }
  return { queries: asked, rests, first, start, best: best === undefined ? null : distance(best, origin) };
}
