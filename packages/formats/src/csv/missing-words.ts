// Words that stand for "no value" in a text file, as pandas, R and databases write them; the list is data (missing-words.json).
import MISSING_WORDS from './missing-words.json' with { type: 'json' };

export class WordSet {
  readonly #byFirst: (readonly Buffer[] | undefined)[];

  constructor(words: readonly string[] = MISSING_WORDS) {
    const lists: Buffer[][] = Array.from({ length: 256 }, () => []);
    for (const word of words) {
      const bytes = Buffer.from(word);
      lists[bytes[0] ?? 0]?.push(bytes);
    }
    this.#byFirst = lists.map((list) => (list.length === 0 ? undefined : list));
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const list = this.#byFirst[bytes[start]!];
    if (list === undefined) return false;
    for (const word of list) {
      if (word.length !== end - start) continue;
      let at = 1;
      while (at < word.length && word[at] === bytes[start + at]) at += 1;
      if (at === word.length) return true;
    }
    return false;
  }
}
