// Sketches on their way to the detectors, gathered for a moment. Detectors are advice: what does not fit is counted and left out.
import type { QuerySketch } from '../../detectors/sketch.js';
import type { ToPrimary } from './messages.js';

const GATHER_MS = 20;
const MOST = 2_000;

export class SketchPost {
  readonly #send: (message: ToPrimary) => void;
  #sketches: QuerySketch[] = [];
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (message: ToPrimary) => void) {
    this.#send = send;
  }

  add(sketch: QuerySketch): void {
    if (this.#sketches.length >= MOST) this.#lost += 1;
    else this.#sketches.push(sketch);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sketches.length + this.#lost === 0) return;
    this.#send({ type: 'sketches', sketches: this.#sketches, lost: this.#lost });
    this.#sketches = [];
    this.#lost = 0;
  }
}
