// A bounded list that a flood cannot use: what is mild makes room for what is grave, and a list that left something out
// says so.

export class Gravest<T> {
  readonly #most: number;
  readonly #isGrave: (value: T) => boolean;
  readonly #kept = new Map<string, T>();
  /** Keys of mild ones, those that came first before the others. */
  readonly #mild = new Set<string>();
  #left = 0;

  constructor(most: number, isGrave: (value: T) => boolean) {
    this.#most = most;
    this.#isGrave = isGrave;
  }

  /** @param key two values with one key are one */
  add(key: string, value: T): void {
    if (this.#kept.has(key)) return;
    const grave = this.#isGrave(value);
    if (this.#kept.size >= this.#most) {
      this.#left += 1;
      const [mild] = this.#mild;
      if (!grave || mild === undefined) return;
      this.#mild.delete(mild);
      this.#kept.delete(mild);
    }
    this.#kept.set(key, value);
    if (!grave) this.#mild.add(key);
  }

  get values(): readonly T[] {
    return [...this.#kept.values()];
  }

  /** How many were left out; those of one key may count more than once. */
  get left(): number {
    return this.#left;
  }
}
