// Patterns of a rules file: the part of regular expressions that an automaton can decide in one walk over the text. There
// are no back references and no look-around; those are what makes other engines take exponential time (CWE-1333).
import { VallumError } from '@vallum/core';

/** A set of code points, as sorted ranges without gaps between them. */
export type Ranges = readonly (readonly [low: number, high: number])[];

export type Part =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'sequence'; readonly parts: readonly Part[] }
  | { readonly kind: 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly min: number; readonly max: number };

const MAX_PATTERN = 1000;
const MAX_REPEAT = 1000;
const MAX_DEPTH = 50;
export const LAST = 0x10ffff;
const DIGIT: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x2028, 0x2029],
];
const CLASSES: Readonly<Record<string, Ranges>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  D: complement(DIGIT),
  W: complement(WORD),
  S: complement(SPACE),
};
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09 };

export function refusePattern(why: string, pattern: string): VallumError {
  return new VallumError('DATA_PATTERN', `the pattern ${JSON.stringify(pattern.slice(0, 60))} is refused: ${why}`, {
    fix: 'write it with characters, sets, groups, "|", "*", "+", "?" and {m,n}; it is matched against the whole text',
  });
}

/** @throws VallumError `DATA_PATTERN` */
export function parsePattern(pattern: string): Part {
  if (pattern.length > MAX_PATTERN) throw refusePattern(`it has more than ${MAX_PATTERN} characters`, pattern);
  return new Reader(pattern).whole();
}

class Reader {
  readonly #pattern: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#characters = [...pattern];
  }

  whole(): Part {
    const part = this.#choice(0);
    if (this.#at < this.#characters.length) throw this.#refuse('a ")" closes nothing');
    return part;
  }

  #refuse(why: string): VallumError {
    return refusePattern(why, this.#pattern);
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #choice(depth: number): Part {
    if (depth > MAX_DEPTH) throw this.#refuse(`its groups are nested deeper than ${MAX_DEPTH}`);
    const parts = [this.#sequence(depth)];
    while (this.#take('|')) parts.push(this.#sequence(depth));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  }

  #sequence(depth: number): Part {
    const parts: Part[] = [];
    for (let next = this.#characters[this.#at]; next !== undefined && next !== '|' && next !== ')';) {
      parts.push(this.#repeated(this.#atom(next, depth)));
      next = this.#characters[this.#at];
    }
    return { kind: 'sequence', parts };
  }

  #atom(character: string, depth: number): Part {
    this.#at += 1;
    switch (character) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw this.#refuse('it looks ahead, looks behind or names a group');
        const inner = this.#choice(depth + 1);
        if (!this.#take(')')) throw this.#refuse('a ")" is missing');
        return inner;
      }
      case '[':
        return { kind: 'set', ranges: this.#set() };
      case '.':
        return { kind: 'set', ranges: complement([[0x0a, 0x0a]]) };
      case '\\':
        return { kind: 'set', ranges: this.#escape() };
      case '^':
      case '$':
        throw this.#refuse(`it holds "${character}", and is matched against the whole text anyway`);
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#refuse(`"${character}" repeats nothing`);
      default:
        return { kind: 'set', ranges: one(character.codePointAt(0) ?? 0) };
    }
  }

  #repeated(part: Part): Part {
    if (this.#take('*')) return { kind: 'repeat', part, min: 0, max: Infinity };
    if (this.#take('+')) return { kind: 'repeat', part, min: 1, max: Infinity };
    if (this.#take('?')) return { kind: 'repeat', part, min: 0, max: 1 };
    if (!this.#take('{')) return part;
    const min = this.#count();
    const max = this.#take(',') ? (this.#characters[this.#at] === '}' ? Infinity : this.#count()) : min;
    if (!this.#take('}') || max < min) throw this.#refuse('a repeat is written {3}, {3,} or {3,5}');
    return { kind: 'repeat', part, min, max };
  }

  #count(): number {
    let digits = '';
    for (let next = this.#characters[this.#at]; next !== undefined && /^\d$/.test(next);) {
      digits += next;
      this.#at += 1;
      next = this.#characters[this.#at];
    }
    const count = Number(digits);
    if (digits === '' || count > MAX_REPEAT) throw this.#refuse(`a repeat counts up to ${MAX_REPEAT}`);
    return count;
  }

  #escape(): Ranges {
    const character = this.#characters[this.#at];
    this.#at += 1;
    if (character === undefined) throw this.#refuse('it ends in "\\"');
    const known = CLASSES[character];
    if (known !== undefined) return known;
    const control = CONTROLS[character];
    if (control !== undefined) return one(control);
    if (/[\p{L}\p{N}]/u.test(character)) throw this.#refuse(`"\\${character}" is not known`);
    return one(character.codePointAt(0) ?? 0);
  }

  #set(): Ranges {
    const negated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take(']')) {
      const low = this.#member();
      const [first] = low;
      const isRange = this.#characters[this.#at] === '-' && this.#characters[this.#at + 1] !== ']';
      if (!isRange || first === undefined) {
        ranges.push(...low);
        continue;
      }
      this.#at += 1;
      const [last] = this.#member();
      if (low.length > 1 || last === undefined || last[0] !== last[1] || first[0] !== first[1] || last[0] < first[0])
        throw this.#refuse('a range in a set runs from one character to a later one');
      ranges.push([first[0], last[0]]);
    }
    const sorted = merge(ranges);
    return negated ? complement(sorted) : sorted;
  }

  #member(): Ranges {
    const character = this.#characters[this.#at];
    if (character === undefined) throw this.#refuse('a "]" is missing');
    this.#at += 1;
    return character === '\\' ? this.#escape() : one(character.codePointAt(0) ?? 0);
  }
}

function one(code: number): Ranges {
  return [[code, code]];
}

function merge(ranges: Ranges): Ranges {
  const merged: [number, number][] = [];
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

function complement(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) result.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= LAST) result.push([from, LAST]);
  return result;
}
