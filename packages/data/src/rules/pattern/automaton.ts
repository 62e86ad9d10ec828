// A pattern as a nondeterministic automaton (Thompson 1968). Its size is bounded, because {1000} in {1000} is a million.
import type { Part, Ranges } from './syntax.js';
import { refusePattern } from './syntax.js';

const MAX_STATES = 5000;

/** Index of the state that accepts is the last one. */
export interface Automaton {
  /** What a state reads, undefined where it goes on without reading. */
  readonly reads: readonly (Ranges | undefined)[];
  /** Where it goes: one state after reading, any number without. */
  readonly goes: readonly (readonly number[])[];
  readonly start: number;
  readonly accept: number;
}

/** @throws VallumError `DATA_PATTERN` for one with too many states */
export function automatonOf(part: Part, pattern: string): Automaton {
  const reads: (Ranges | undefined)[] = [];
  const goes: number[][] = [];
  const state = (ranges: Ranges | undefined, targets: number[]): number => {
    if (reads.length >= MAX_STATES) throw refusePattern(`unfolded, it has more than ${MAX_STATES} states`, pattern);
    reads.push(ranges);
    return goes.push(targets) - 1;
  };
  /** Built from its end: a state that leads through `inner` to `next`. */
  const build = (inner: Part, next: number): number => {
    switch (inner.kind) {
      case 'set':
        return state(inner.ranges, [next]);
      case 'sequence':
        return inner.parts.reduceRight((to, each) => build(each, to), next);
      case 'choice':
        return state(
          undefined,
          inner.parts.map((each) => build(each, next)),
        );
      case 'repeat': {
        let to = next;
        if (inner.max === Infinity) {
          to = state(undefined, [next]);
          goes[to]?.push(build(inner.part, to));
        } else {
          for (let more = inner.max - inner.min; more > 0; more -= 1)
            to = state(undefined, [build(inner.part, to), next]);
        }
        for (let needed = inner.min; needed > 0; needed -= 1) to = build(inner.part, to);
        return to;
      }
    }
  };
  const accept = state(undefined, []);
  const start = build(part, accept);
  return { reads, goes, start, accept };
}
