// Sketches on their way to the detectors: made when answers are out, gathered for a moment, and packed once for the whole way
// over the primary to the thread that reads them. Detectors are advice: what does not fit is counted and left out.
import { serialize } from 'node:v8';
import type { QuerySketch } from '../../detectors/sketch.js';
import type { ToPrimary } from './messages.js';

const GATHER_MS = 20;
const MOST = 2_000;

export class SketchPost {
  readonly #send: (message: ToPrimary) => void;
  #work: (() => void)[] = [];
  #sketches: QuerySketch[] = [];
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (message: ToPrimary) => void) {
    this.#send = send;
  }

  /** Does the work of making sketches after the answers that are being written now. */
  afterwards(work: () => void): void {
    if (this.#work.length >= MOST) this.#lost += 1;
    else if (this.#work.push(work) === 1) setImmediate(() => this.#make());
  }

  add(sketch: QuerySketch): void {
    if (this.#sketches.length >= MOST) this.#lost += 1;
    else this.#sketches.push(sketch);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    this.#make();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sketches.length + this.#lost === 0) return;
    const sketches = this.#sketches;
    this.#send({ type: 'sketches', packed: serialize(sketches), count: sketches.length, lost: this.#lost });
    this.#sketches = [];
    this.#lost = 0;
  }

  #make(): void {
    const waiting = this.#work;
    this.#work = [];
    for (const work of waiting)
      try {
        work();
      } catch {
        this.#lost += 1;
      }
  }
}
