// A first look at a text: which of the rules can match at all? Every match of a rule with anchors holds one of them, so one
// pass for all anchors of all rules (Aho and Corasick 1975) spares most rules their own pass. Letters are compared without
// case; a text that holds anchors on purpose only costs what it cost without this look.

const CODES = 128;
const SPACE = 32;

/** As texts are compared: without case, and with `_`, `-` and a space for one another. */
function folded(anchor: string): string {
  return anchor.toLowerCase().replace(/[_-]/g, ' ');
}

export class AnchorSearch {
  /** For each state and character class where the row of the next state begins; negative where an anchor ends there. */
  readonly #next: Int32Array;
  /** Character class of each ASCII code; 0 is every character that no anchor has. */
  readonly #classOf = new Uint8Array(CODES);
  readonly #classes: number;
  /** For each state the groups whose anchor ends there. */
  readonly #groups: readonly (readonly number[])[];

  /** @param anchorsOf for each group (rule) its anchors: ASCII */
  constructor(anchorsOf: readonly (readonly string[])[]) {
    const anchors = anchorsOf.map((list) => list.map(folded));
    let classes = 1;
    for (const anchor of anchors.flat())
      for (let index = 0; index < anchor.length; index += 1) {
        const code = anchor.charCodeAt(index);
        if (this.#classOf[code] === 0) this.#classOf[code] = classes++;
      }
    for (let code = 65; code <= 90; code += 1) this.#classOf[code] = this.#classOf[code + 32] ?? 0;
    for (const joint of '_-') this.#classOf[joint.charCodeAt(0)] = this.#classOf[SPACE] ?? 0;
    this.#classes = classes;
    const { next, groups } = automaton(anchors, this.#classOf, classes);
    this.#next = next.map((state) => (groups[state]?.length === 0 ? state : -state) * classes);
    this.#groups = groups;
  }

  /** Which groups have an anchor in the text. */
  look(text: string): ReadonlySet<number> {
    const found = new Set<number>();
    const told = new Set<number>();
    const [next, classOf] = [this.#next, this.#classOf];
    let row = 0;
    for (let index = 0; index < text.length; index += 1) {
      // Beyond ASCII a character counts as its last seven bits: at worst a rule is run for nothing.
      row = next[row + (classOf[text.charCodeAt(index) & (CODES - 1)] as number)] as number;
      if (row >= 0) continue;
      row = -row;
      if (told.has(row)) continue;
      told.add(row);
      for (const group of this.#groups[row / this.#classes] ?? []) found.add(group);
    }
    return found;
  }
}

function automaton(
  anchors: readonly (readonly string[])[],
  classOf: Uint8Array,
  classes: number,
): { next: Int32Array; groups: readonly (readonly number[])[] } {
  const states = 1 + anchors.flat().reduce((sum, anchor) => sum + anchor.length, 0);
  const next = new Int32Array(states * classes);
  const groups: number[][] = [[]];
  for (const [group, list] of anchors.entries())
    for (const anchor of list) {
      let state = 0;
      for (let index = 0; index < anchor.length; index += 1) {
        const at = state * classes + (classOf[anchor.charCodeAt(index)] ?? 0);
        if (next[at] === 0) next[at] = groups.push([]) - 1;
        state = next[at] ?? 0;
      }
      groups[state]?.push(group);
    }
  linkFailures(next, groups, classes);
  return { next, groups };
}

/** Turns the tree of anchors into an automaton without failing steps, breadth first. */
function linkFailures(next: Int32Array, groups: number[][], classes: number): void {
  const failure = new Int32Array(groups.length);
  const queue: number[] = [];
  for (let kind = 0; kind < classes; kind += 1) if (next[kind] !== 0) queue.push(next[kind] ?? 0);
  for (const state of queue) {
    const back = failure[state] ?? 0;
    groups[state]?.push(...(groups[back] ?? []));
    for (let kind = 0; kind < classes; kind += 1) {
      const child = next[state * classes + kind] ?? 0;
      const other = next[back * classes + kind] ?? 0;
      if (child === 0) next[state * classes + kind] = other;
      else {
        failure[child] = other;
        queue.push(child);
      }
    }
  }
}
