// Honest callers, by the day: apps with retries, batches, films, sensors that drift, health checks, users of few classes, bursts of
// photographs. Every draw comes from the seed. `days` is the generator that false alarms are counted on.
import { mulberry32 } from '@vallum/stats';
import { warp, withNoise } from './digits.mjs';

const DAY_MS = 86_400_000;
const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));
const pick = (random, list) => list[Math.floor(random() * list.length)];

/** A fresh picture of a digit of the pool: nobody draws it twice in the same place. */
function fresh(random, pool) {
  const { x } = pick(random, pool);
  return warp(x, {
    dx: 1.5 * (random() - 0.5),
    dy: 1.5 * (random() - 0.5),
    angle: 0.15 * (random() - 0.5),
    gain: 0.9 + 0.2 * random(),
  });
}

const KINDS = {
  /** Anything at any time; three in a hundred requests are sent again because the answer was late. */
  *app(random, pool) {
    for (let left = between(random, 20, 200); left > 0; left -= 1) {
      const [at, x] = [random() * DAY_MS, fresh(random, pool)];
      yield { at, x };
      if (random() < 0.03) yield { at: at + 2_000, x };
    }
  },
  /** One burst, a row every few milliseconds. */
  *batch(random, pool) {
    const start = random() * DAY_MS * 0.9;
    const rows = between(random, 100, 400);
    for (let row = 0; row < rows; row += 1) yield { at: start + 20 * row, x: fresh(random, pool) };
  },
  /** Scenes of one digit that moves, turns and fades through sensor noise; in one of three the camera stands still. */
  *film(random, pool) {
    for (let scenes = between(random, 1, 4); scenes > 0; scenes -= 1) {
      const start = random() * DAY_MS * 0.9;
      const still = random() < 1 / 3;
      const [speedX, speedY, turn] = [random() - 0.5, random() - 0.5, 0.1 * (random() - 0.5)].map((v) =>
        still ? 0 : v,
      );
      const noise = 0.03 * random();
      const { x } = pick(random, pool);
      const frames = between(random, 20, 150);
      for (let frame = 0; frame < frames; frame += 1) {
        const swing = Math.sin(frame / 15);
        const moved = {
          dx: 4 * speedX * swing,
          dy: 4 * speedY * swing,
          angle: 4 * turn * swing,
          gain: still ? 1 : 0.9 + 0.1 * swing,
        };
        yield { at: start + 40 * frame, x: withNoise(warp(x, moved), noise, random) };
      }
    }
  },
  /** One picture every ten minutes that slowly turns into another one. */
  *sensor(random, pool) {
    const [from, to] = [pick(random, pool).x, pick(random, pool).x];
    const noise = 0.02 * random();
    for (let tick = 0; tick < 144; tick += 1) {
      const part = (0.6 * tick) / 144;
      yield {
        at: tick * 600_000,
        x: withNoise(
          from.map((v, i) => (1 - part) * v + part * to[i]),
          noise,
          random,
        ),
      };
    }
  },
  /** The same request every six minutes, and a few real ones. */
  *health(random, pool) {
    const { x } = pool[0];
    for (let tick = 0; tick < 240; tick += 1) yield { at: tick * 360_000, x };
    for (let left = 10; left > 0; left -= 1) yield { at: random() * DAY_MS, x: fresh(random, pool) };
  },
  /** One or two classes and nothing else. */
  *few(random, pool) {
    const classes = [between(random, 0, 9), between(random, 0, 9)];
    const own = pool.filter(({ y }) => classes.includes(y));
    for (let left = between(random, 30, 150); left > 0; left -= 1)
      yield { at: random() * DAY_MS, x: fresh(random, own) };
  },
  /** Each thing is photographed two or three times by hand. */
  *bursts(random, pool) {
    for (let left = between(random, 10, 40); left > 0; left -= 1) {
      const at = random() * DAY_MS;
      const x = fresh(random, pool);
      for (let shot = between(random, 2, 3); shot > 0; shot -= 1) {
        const shake = { dx: 2 * (random() - 0.5), dy: 2 * (random() - 0.5), angle: 0.1 * (random() - 0.5) };
        yield { at: at + 700 * shot, x: withNoise(warp(x, shake), 0.015, random) };
      }
    }
  },
};
/** Of a hundred callers. */
const MIX = { app: 30, batch: 10, film: 15, sensor: 10, health: 10, few: 15, bursts: 10 };
export const HONEST_KINDS = Object.keys(KINDS);

function kindOf(random) {
  let draw = random() * 100;
  for (const [kind, part] of Object.entries(MIX)) if ((draw -= part) < 0) return kind;
  return 'app';
}

/** Callers stay for so many days. */
export const STAY = 5;

/**
 * Days of honest callers, one cohort after the other; queries of a day in the order of time.
 * @yields `{ day, callers: [{ principal, kind }], queries: [{ at, principal, kind, x }] }`
 */
export function* days({ seed, callers, cohorts, pool }) {
  for (let cohort = 0; cohort < cohorts; cohort += 1) {
    const random = mulberry32(seed * 1_000 + cohort);
    const present = Array.from({ length: callers }, (_, i) => ({ principal: `c${cohort}-${i}`, kind: kindOf(random) }));
    for (let stay = 0; stay < STAY; stay += 1) {
      const day = cohort * STAY + stay;
      const queries = present.flatMap((caller) =>
        Array.from(KINDS[caller.kind](random, pool), ({ at, x }) => ({ ...caller, at: day * DAY_MS + at, x })),
      );
      queries.sort((a, b) => a.at - b.at);
      yield { day, callers: present, queries };
    }
  }
}
