// The memo. Writers number it from zero, so it is an array; an attacker may write any 32-bit index, which must not make the
// array grow, so what lies far beyond its end goes into a map. Millions of entries are data that nobody reads again: past
// the first ones, an entry keeps only what a call, a name or a state could still need.
import { Broken } from './broken.js';
import type { DictValue, TextValue, Value } from './values.js';

const SLACK = 1024;
/** Entries that keep everything. */
const DETAILED = 50_000;
const NO_NAME = /[^\w.]/;

/** Stand-ins, with nothing known of what they hold: whoever needs to know refuses them. */
const SOME_TEXT: TextValue = { kind: 'text', text: '', whole: false };
const SOME_DICT: DictValue = { kind: 'dict', entries: undefined, whole: false, empty: false };
const SOME_TUPLES = new Map<number, Value>();

export class Memo {
  readonly #dense: (Value | undefined)[] = [];
  readonly #sparse = new Map<number, Value>();
  readonly #limit: number;
  /** Entries that were written; MEMOIZE uses it as the next index. */
  size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  set(index: number, value: Value): void {
    // Counting an entry twice would shift every later MEMOIZE: another program than CPython's.
    if (this.#dense[index] === undefined && !this.#sparse.has(index)) this.size += 1;
    if (this.size > this.#limit) throw new Broken(`its memo grows above ${this.#limit}`, 'budget');
    const kept = this.size > DETAILED ? lighten(value) : value;
    if (index >= this.#dense.length + SLACK) {
      this.#sparse.set(index, kept);
      return;
    }
    while (this.#dense.length < index) this.#dense.push(undefined);
    this.#dense[index] = kept;
  }

  /** @throws Broken for an entry that was never written */
  get(index: number): Value {
    const value = this.#dense[index] ?? this.#sparse.get(index);
    if (value === undefined) throw new Broken('it reads a memo entry that was never written');
    return value;
  }
}

function lighten(value: Value): Value {
  if (value.kind === 'dict') return SOME_DICT;
  if (value.kind === 'text') return value.text.length > 0 && NO_NAME.test(value.text) ? SOME_TEXT : value;
  if (value.kind !== 'tuple' || value.size > 16 || value.items.some(({ kind }) => !isData(kind))) return value;
  let stub = SOME_TUPLES.get(value.size);
  if (stub === undefined)
    SOME_TUPLES.set(value.size, (stub = { kind: 'tuple', items: [], size: value.size, weight: value.size }));
  return stub;
}

function isData(kind: Value['kind']): boolean {
  return (
    kind === 'int' || kind === 'float' || kind === 'text' || kind === 'none' || kind === 'bool' || kind === 'bytes'
  );
}
