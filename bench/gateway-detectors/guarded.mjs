// A guarded model without a network: the real sketcher and desk around a model in memory. Callers get what the step leaves them:
// all probabilities; a tenth of the queries; the label alone; nothing.
import { mulberry32 } from '@vallum/stats';
import { Baseline, DetectorDesk, makeSketcher } from './detectors.mjs';

export const ROUTE = 'oip/digits';

export class Guarded {
  /** @param training rows that the gateway learned from */
  constructor({ victim, training, seed, most = 'block', blocksPerHour = 1_000, halfLifeSeconds = 3_600 }) {
    this.victim = victim;
    const secret = Buffer.alloc(32);
    secret.writeUInt32LE(seed >>> 0);
    this.sketcher = makeSketcher({ kind: 'tensor', secret, ranges: new Map([['image', { minimum: 0, maximum: 1 }]]) });
    const baseline = Baseline.of(training.slice(0, 512).map(({ x }) => this.sketch(x).means));
    this.desk = new DetectorDesk({
      halfLifeSeconds,
      blocksPerHour,
      random: mulberry32(seed),
      routes: new Map([[ROUTE, { most, baseline }]]),
    });
    this.asked = 0;
  }

  sketch(x) {
    const input = { name: 'image', datatype: 'FP32', shape: [1, x.length], numbers: x };
    return this.sketcher({ inputs: [input], rows: 1, elements: x.length })[0];
  }

  /** @returns the model's probabilities and who moved; the detectors see the query as the gateway would */
  observe(x, { at, principal, group = principal, own = false }) {
    const p = this.victim.predict(x);
    const confidence = Math.max(...p);
    const label = p.indexOf(confidence);
    this.asked += 1;
    const changes = this.desk.observe({
      ...this.sketch(x),
      decision: String(this.asked),
      at,
      principal,
      group,
      route: ROUTE,
      own,
      kind: 'tensor',
      cost: 1,
      label,
      confidence,
    });
    return { p, label, changes };
  }

  step(principal) {
    return this.desk.postures.get(`${principal}\0${ROUTE}`) ?? 'observe';
  }

  /** As a caller sees it: the step of the moment shapes the answer. Nothing for who is blocked. */
  ask(x, who) {
    if (this.step(who.principal) === 'block') return undefined;
    const { p, label } = this.observe(x, who);
    const isPoor = this.step(who.principal) === 'degrade' || this.step(who.principal) === 'block';
    return isPoor ? { label } : { label, p };
  }
}
