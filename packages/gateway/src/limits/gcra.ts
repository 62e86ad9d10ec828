// The generic cell rate algorithm over a bounded table of keys, in its leaky-bucket form (ITU-T I.371, annex A: both forms
// decide alike). A level in tokens rather than a time of arrival: with large rates, small costs do not vanish in rounding.
import type { RateSettings } from '../config/schema.js';

/** So many tokens at once, and so many back a millisecond. */
export interface Bucket {
  readonly burst: number;
  readonly perMs: number;
}

const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export function bucketOf({ limit, per, burst }: RateSettings): Bucket {
  return { burst: burst ?? limit, perMs: limit / MS[per] };
}

/** Rounding of sums must not refuse the last token of a burst. */
const SLACK = 1e-12;
/** Slots that a newcomer looks at for one that is idle; all of them are looked at in turn. */
const LOOK = 16;
/** Asked again after this when the table is full. */
export const FULL_MS = 1_000;
const FIRST_SLOTS = 64;

/**
 * Tokens taken of one key in any stretch of time t never exceed burst + rate x t, where t counts what the clock moved
 * forward: a clock that steps back gives no tokens and locks nobody out. A key whose bucket is full again is forgotten when
 * its place is needed, and costs nothing that way; with no such key a newcomer is refused.
 */
export class Gcra {
  bucket: Bucket;
  readonly #most: number;
  readonly #slots = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  /** Two numbers a slot: tokens in use, and when that was, in milliseconds. */
  #state = new Float64Array(2 * FIRST_SLOTS);
  readonly #free: number[] = [];
  #hand = 0;

  /** @param most keys at once */
  constructor(bucket: Bucket, most = 1_000_000) {
    this.bucket = bucket;
    this.#most = most;
  }

  get size(): number {
    return this.#slots.size;
  }

  /**
   * Takes tokens, or none.
   * @param now milliseconds, of a clock that does not step if one is at hand
   * @param held tokens of this key that are lent out and not used yet: they count as in use
   * @returns 0 when taken; milliseconds until they could be; Infinity when the bucket is too small for so many
   */
  take(key: string, cost: number, now: number, held = 0): number {
    const { burst, perMs } = this.bucket;
    // Written so that NaN is refused.
    if (!(cost >= 0 && cost <= burst)) return Infinity;
    const level = this.level(key, now, held);
    const over = level + cost - burst * (1 + SLACK);
    if (over > 0) return held + cost > burst * (1 + SLACK) ? FULL_MS : over / perMs;
    return this.#put(key, level + cost, now) ? 0 : FULL_MS;
  }

  /**
   * Puts tokens back that were lent out and not used.
   * @param held tokens lent out until now, these among them; what of them does not come back was used up to now
   * @returns false when the table is full, and then nothing happened
   */
  give(key: string, tokens: number, now: number, held: number): boolean {
    const level = this.level(key, now, held) - tokens;
    return level > 0 || this.#slots.has(key) ? this.#put(key, Math.max(0, level), now) : true;
  }

  /** Tokens in use: what was taken and has not flowed back yet, and at least what is held. */
  level(key: string, now: number, held = 0): number {
    const slot = this.#slots.get(key);
    const level = slot === undefined ? 0 : this.#levelAt(slot, now);
    return Math.min(Math.max(level, held), this.bucket.burst);
  }

  #levelAt(slot: number, now: number): number {
    const [level = 0, at = 0] = this.#state.subarray(2 * slot, 2 * slot + 2);
    return Math.max(0, level - Math.max(0, now - at) * this.bucket.perMs);
  }

  #put(key: string, level: number, now: number): boolean {
    const slot = this.#slots.get(key) ?? this.#enter(key, now);
    if (slot === undefined) return false;
    this.#state[2 * slot] = level;
    this.#state[2 * slot + 1] = now;
    return true;
  }

  #enter(key: string, now: number): number | undefined {
    this.#forgetIdle(now);
    const slot = this.#free.pop() ?? (this.#keys.length < this.#most ? this.#keys.length : undefined);
    if (slot === undefined) return undefined;
    if (2 * slot >= this.#state.length) {
      const larger = new Float64Array(2 * this.#state.length);
      larger.set(this.#state);
      this.#state = larger;
    }
    this.#keys[slot] = key;
    this.#slots.set(key, slot);
    return slot;
  }

  #forgetIdle(now: number): void {
    for (let looked = 0; looked < Math.min(LOOK, this.#keys.length); looked += 1) {
      this.#hand = (this.#hand + 1) % this.#keys.length;
      const key = this.#keys[this.#hand];
      if (key === undefined || this.#levelAt(this.#hand, now) > 0) continue;
      this.#keys[this.#hand] = undefined;
      this.#slots.delete(key);
      this.#free.push(this.#hand);
    }
  }
}
