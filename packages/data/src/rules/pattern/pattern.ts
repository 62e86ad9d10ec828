// Matches a pattern in time linear in the text, whatever pattern and text are: the sets of states that can be reached are
// themselves states, made when they are first needed and forgotten when there are too many (a lazy deterministic automaton).
import type { Automaton } from './automaton.js';
import { automatonOf } from './automaton.js';
import { parsePattern } from './syntax.js';

/** Longer texts are not matched: the work of a text is its length times the states of the pattern at worst. */
export const MAX_MATCHED = 65_536;
const MAX_SETS = 500;
const ASCII = 128;

interface StateSet {
  /** States that read, sorted. */
  readonly states: readonly number[];
  readonly accepts: boolean;
  /** Next set by ASCII character. */
  readonly next: (StateSet | undefined)[];
}

export interface Pattern {
  /** Whether the whole text is a match; undefined for a text that is too long to tell. */
  test(text: string): boolean | undefined;
}

/** @throws VallumError `DATA_PATTERN` */
export function compilePattern(pattern: string): Pattern {
  return new Matcher(automatonOf(parsePattern(pattern), pattern));
}

class Matcher implements Pattern {
  readonly #automaton: Automaton;
  #sets = new Map<string, StateSet>();

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
  }

  test(text: string): boolean | undefined {
    if (text.length > MAX_MATCHED) return undefined;
    let set = this.#reach([this.#automaton.start]);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.codePointAt(at) ?? 0;
      if (code > 0xffff) at += 1;
      set = code < ASCII ? (set.next[code] ??= this.#step(set, code)) : this.#step(set, code);
      if (set.states.length === 0 && !set.accepts) return false;
    }
    return set.accepts;
  }

  #step(set: StateSet, code: number): StateSet {
    const { reads, goes } = this.#automaton;
    const targets: number[] = [];
    for (const state of set.states) {
      const [target] = goes[state] ?? [];
      if (target !== undefined && reads[state]?.some(([low, high]) => low <= code && code <= high) === true)
        targets.push(target);
    }
    return this.#reach(targets);
  }

  /** What can be reached without reading. */
  #reach(from: readonly number[]): StateSet {
    const { reads, goes, accept } = this.#automaton;
    const seen = new Set(from);
    const open = [...from];
    const states: number[] = [];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (reads[state] !== undefined) states.push(state);
      else
        for (const target of goes[state] ?? [])
          if (!seen.has(target)) {
            seen.add(target);
            open.push(target);
          }
    }
    states.sort((a, b) => a - b);
    const accepts = seen.has(accept);
    const key = `${accepts ? 1 : 0}:${states.join()}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    // The sets that are still in use live on through their links until the walk ends; then they are gone too.
    if (this.#sets.size >= MAX_SETS) this.#sets = new Map();
    const set: StateSet = { states, accepts, next: [] };
    this.#sets.set(key, set);
    return set;
  }
}
