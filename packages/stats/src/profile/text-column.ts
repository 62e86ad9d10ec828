// One text column while its rows come in. A batch is coded: its codes are counted, and then each distinct text is looked at
// once. Batches that share their levels are counted together: a file may hold one text of a megabyte and millions of rows of
// it. Memory does not grow with the length of a text: long ones are known by their hash.
import { HeavyHitters } from './heavy-hitters.js';
import { HyperLogLog } from './hyper-log-log.js';
import { wordsOf } from './hash.js';
import { invalidBatch } from './refuse.js';
import type { ProfileTexts, TextProfile } from './profile.js';
import { TextCounter } from './text-summary.js';

/** Longer texts (UTF-16 units) are not labels that a person would read, and may be personal. */
const LONGEST_LABEL = 64;
const HASHED = '#text:';

export class TextColumn {
  readonly #labels = new HeavyHitters();
  readonly #distinct = new HyperLogLog();
  readonly #text = new TextCounter();
  #missing = 0;
  /** Of the last batches; texts may be appended to it from one to the next. */
  #levels: readonly string[] = [];
  /** Rows by code that no summary has seen yet. */
  #counts = new Float64Array(0);

  add({ codes, levels }: ProfileTexts, rows: number): void {
    if (levels !== this.#levels) this.#look();
    this.#levels = levels;
    if (levels.length > this.#counts.length) {
      const counts = new Float64Array(levels.length);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    const counts = this.#counts;
    for (let i = 0; i < rows; i += 1) {
      const code = codes[i] as number;
      if (code === -1) {
        this.#missing += 1;
        continue;
      }
      if (code < 0 || code >= levels.length) throw invalidBatch(`code ${code} is none of ${levels.length} levels`);
      counts[code] = (counts[code] as number) + 1;
    }
  }

  /** Looks at the texts whose rows were counted, and lets go of them. */
  #look(): void {
    this.#counts.forEach((count, code) => {
      if (count === 0) return;
      const level = this.#levels[code] as string;
      this.#labels.add(labelOf(level), count);
      this.#distinct.addText(level);
      this.#text.add(level, count);
    });
    this.#levels = [];
    this.#counts = new Float64Array(0);
  }

  value(name: string): TextProfile {
    this.#look();
    return {
      name,
      type: 'text',
      missing: this.#missing,
      labels: this.#labels.toJson(),
      distinct: this.#distinct.toJson(),
      text: this.#text.toJson(),
    };
  }
}

/** The label says only how long a text is, and its hash. */
export function isHashedLabel(label: string): boolean {
  return label.startsWith(HASHED);
}

/**
 * A short text is its own label. A long one, one that is not well-formed and one that looks like such a label becomes
 * `#text:LENGTH:HASH`, so no short text can pass for a long one; two long texts can be made to share a label by who tries.
 */
export function labelOf(text: string): string {
  if (text.length <= LONGEST_LABEL && !text.startsWith(HASHED) && text.isWellFormed()) return text;
  const { low, high } = wordsOf(text);
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return `${HASHED}${text.length}:${hex(high)}${hex(low)}`;
}
