// Counts of labels: exact while there are at most 4096 different ones, and after that the heavy ones with a certain bound
// (Misra and Gries 1982; mergeable as in Agarwal et al. 2012, "Mergeable summaries"). A true count lies between the count
// kept and that count plus `error`, and `error` is at most n / 2049, for any order of the labels.

/** Labels that may be kept at any time; when there is one more, the lighter half goes. */
export const MAX_LABELS = 4096;
const KEPT = MAX_LABELS / 2;

/** As JSON: labels by falling count, then by code units. */
export interface LabelCounts {
  /** Labels seen in all, each as often as it occurred. */
  readonly n: number;
  /** 0: the counts are exact and complete. Otherwise no count is short by more than this. */
  readonly error: number;
  readonly counts: readonly (readonly [string, number])[];
}

export class HeavyHitters {
  readonly #counts = new Map<string, number>();
  #n = 0;
  #error = 0;

  add(label: string, count = 1): void {
    this.#n += count;
    this.#put(label, count);
    if (this.#counts.size > MAX_LABELS) this.#cut();
  }

  #put(label: string, count: number): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + count);
  }

  /** Takes the count of the first label that does not fit from all of them: each cut of d removes at least 2049 d in all. */
  #cut(): void {
    const sorted = Float64Array.from(this.#counts.values()).sort();
    const cut = sorted[sorted.length - 1 - KEPT] as number;
    this.#error += cut;
    for (const [label, count] of this.#counts) {
      if (count > cut) this.#counts.set(label, count - cut);
      else this.#counts.delete(label);
    }
  }

  /** All of the other's counts first, one cut at the end: the bound is that of a single pass. */
  merge(other: LabelCounts): void {
    this.#n += other.n;
    this.#error += other.error;
    for (const [label, count] of other.counts) this.#put(label, count);
    if (this.#counts.size > MAX_LABELS) this.#cut();
  }

  toJson(): LabelCounts {
    const counts = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return { n: this.#n, error: this.#error, counts };
  }
}
