// A flood of equal refusals is told in one entry a second: otherwise whoever can send requests could fill the disk with them.
// The first of a kind is recorded as it is, those of the rest of its second are counted, and the last stands for all.
import type { Decision, Recorder } from './decision.js';

const WINDOW_MS = 1000;
/** Kinds that are told apart; each key holds an address that a caller chose. Beyond, all addresses of a code count as one. */
const MOST_KINDS = 10_000;

interface Kind {
  /** End of the window, in milliseconds of the caller's monotonic clock. */
  until: number;
  times: number;
  last: Decision | undefined;
}

export class Repeats {
  readonly #kinds = new Map<string, Kind>();

  /** Kinds that are remembered now. */
  get size(): number {
    return this.#kinds.size;
  }

  /**
   * True when the decision has to be recorded by itself; false when it was counted and comes back from `due`, without a
   * promise that it is durable.
   * @param now milliseconds of a clock that never goes back
   */
  isFirst(decision: Decision, now: number): boolean {
    if (decision.outcome !== 'refused') return true;
    const key = this.#keyOf(decision);
    const kind = this.#kinds.get(key);
    if (kind === undefined) {
      this.#kinds.set(key, { until: now + WINDOW_MS, times: 0, last: undefined });
      return true;
    }
    kind.times += decision.times ?? 1;
    kind.last = decision;
    return false;
  }

  /** The entries of all windows that have ended; call it about once a second, and with Infinity before the end. */
  due(now: number): readonly Decision[] {
    const told: Decision[] = [];
    for (const [key, kind] of this.#kinds) {
      if (now < kind.until) continue;
      if (kind.last === undefined) {
        this.#kinds.delete(key);
        continue;
      }
      told.push(kind.times === 1 ? kind.last : { ...kind.last, times: kind.times });
      this.#kinds.set(key, { until: now + WINDOW_MS, times: 0, last: undefined });
    }
    return told;
  }

  #keyOf({ peer, code, route, principal, credential }: Decision): string {
    const what = `${code ?? ''}\0${route ?? ''}`;
    const key = `${what}\0${peer}\0${principal ?? ''}\0${credential ?? ''}`;
    return this.#kinds.size < MOST_KINDS || this.#kinds.has(key) ? key : what;
  }
}

/** A recorder in front of another that lets equal refusals through as `Repeats` tells them. */
export class SparingRecorder implements Recorder {
  readonly #recorder: Recorder;
  readonly #ticks: () => number;
  readonly #seen: (decision: Decision) => void;
  readonly #repeats = new Repeats();

  /**
   * @param ticks milliseconds of a clock that never goes back
   * @param seen told of each decision that is recorded, such as to make an event of it
   */
  constructor(recorder: Recorder, ticks: () => number, seen: (decision: Decision) => void = () => undefined) {
    this.#recorder = recorder;
    this.#ticks = ticks;
    this.#seen = seen;
  }

  get ready(): boolean {
    return this.#recorder.ready;
  }

  record(decision: Decision): Promise<void> {
    return this.#repeats.isFirst(decision, this.#ticks()) ? this.#enter(decision) : Promise.resolve();
  }

  /** Records what was counted in the windows that ended; call it once a second, and with Infinity at the end. */
  async tell(now = this.#ticks()): Promise<void> {
    await Promise.all(this.#repeats.due(now).map((decision) => this.#enter(decision)));
  }

  #enter(decision: Decision): Promise<void> {
    this.#seen(decision);
    return this.#recorder.record(decision);
  }
}
