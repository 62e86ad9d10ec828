// Five ways to copy a model through its answers, small enough to read. Each is a function that gets `ask` and spends a budget:
// `ask(x)` gives `{ label, p? }`, or nothing once the thief is shut out. The student is a network of the victim's form.
import { clip, warp } from './digits.mjs';
import { Network } from './network.mjs';

const train = (rows, seed, epochs = 10) =>
  new Network({ hidden: 32, seed }).train(
    rows.map(({ x, p, label }) => ({ x, p: p ?? label })),
    { epochs, rate: 0.03 },
  );

/** Asks for each, keeps what is answered. */
function learn(xs, ask, known) {
  for (const x of xs) {
    const answer = ask(x);
    if (answer !== undefined) known.push({ x, ...answer });
  }
}

const drawn = (pool, random) => pool[Math.floor(random() * pool.length)].x;
const shaken = (x, random) =>
  warp(x, { dx: 2 * (random() - 0.5), dy: 2 * (random() - 0.5), angle: 0.2 * (random() - 0.5) });

export const THIEVES = {
  /** Uniform noise of random brightness (Tramèr et al. 2016). */
  synthetic({ random, ask, budget, known }) {
    for (let i = 0; i < budget; i += 1) {
      const [gain, part] = [random(), random()];
      learn([Float32Array.from({ length: 784 }, () => (random() < part ? gain * random() : 0))], ask, known);
    }
  },
  /** A few natural seeds, doubled again and again along the signs of the student's gradient (Papernot et al. 2017). */
  jacobian({ random, ask, budget, known, pool, seed }) {
    learn(
      pool.slice(0, 100).map(({ x }) => x),
      ask,
      known,
    );
    while (known.length < budget) {
      const student = train(known, seed);
      const before = known.length;
      const steps = known.slice(0, budget - before).map(({ x, label }) => {
        const gradient = student.gradient(x, label);
        const step = random() < 0.5 ? -0.1 : 0.1;
        return x.map((value, i) => clip(value + step * Math.sign(gradient[i])));
      });
      learn(steps, ask, known);
      if (known.length === before) return;
    }
  },
  /** Natural inputs of the victim's own kind, none twice (Orekondy et al., Knockoff Nets, 2019). */
  natural({ random, ask, budget, known, pool }) {
    for (let i = 0; i < budget; i += 1) learn([shaken(drawn(pool, random), random)], ask, known);
  },
  /** Natural inputs, always those of which the student is least sure (Pal et al., ActiveThief, 2020). */
  active({ random, ask, budget, known, pool, seed }) {
    learn(
      Array.from({ length: 100 }, () => shaken(drawn(pool, random), random)),
      ask,
      known,
    );
    while (known.length < budget) {
      const student = train(known, seed, 5);
      const before = known.length;
      const offered = Array.from({ length: 1_500 }, () => shaken(drawn(pool, random), random));
      const sure = offered.map((x) => Math.max(...student.predict(x)));
      const order = [...offered.keys()].sort((a, b) => sure[a] - sure[b]);
      learn(
        order.slice(0, Math.min(200, budget - before)).map((i) => offered[i]),
        ask,
        known,
      );
      if (known.length === before) return;
    }
  },
};

export const student = train;
