// What a trace of one file collects: calls, assignments to things of others, and which function leads to which.
import type { Block, Expression, Parameter } from './syntax.js';
import type { Definition, PythonValue, Scope } from './values.js';
import { UNKNOWN } from './values.js';

/** Code that runs when the file is imported, when it is run as a program, or when a definition is called. */
export type Place = Definition | 'module' | 'main';

export interface TracedCall {
  readonly path: string;
  readonly arguments: readonly PythonValue[];
  readonly keywords: ReadonlyMap<string, PythonValue>;
  readonly line: number;
  readonly place: Place;
  /** Inside how many layers of code in strings. */
  readonly layers: number;
}

export interface TracedWrite {
  readonly path: string;
  readonly key: string | undefined;
  readonly value: PythonValue;
  readonly line: number;
  readonly place: Place;
}

export interface TracedImport {
  readonly module: string;
  readonly names: readonly string[];
  readonly line: number;
  readonly place: Place;
}

/** Stops the trace: the source costs more work than a file may. */
export class TraceBudget extends Error {}

const MAX_EVENTS = 20_000;

export class TraceState {
  calls: TracedCall[] = [];
  writes: TracedWrite[] = [];
  imports: TracedImport[] = [];
  readonly edges = new Map<Place, Set<Definition>>();
  readonly #definitions = new Map<object, Definition>();
  readonly #maxSteps: number;
  #steps = 0;
  #quiet = 0;

  constructor(maxSteps: number) {
    this.#maxSteps = maxSteps;
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps > this.#maxSteps) throw new TraceBudget('following its values takes too long');
  }

  get steps(): number {
    return this.#steps;
  }

  /** A new pass sees everything again; what is known about definitions stays. */
  restart(): void {
    this.calls = [];
    this.writes = [];
    this.imports = [];
  }

  /** Nothing new is noted while a loop over constants is worked out again. */
  quietly<T>(run: () => T): T {
    this.#quiet += 1;
    try {
      return run();
    } finally {
      this.#quiet -= 1;
    }
  }

  call(call: TracedCall): void {
    if (this.#quiet > 0) return;
    if (this.calls.length >= MAX_EVENTS) throw new TraceBudget(`it has more than ${MAX_EVENTS} calls`);
    this.calls.push(call);
  }

  write(write: TracedWrite): void {
    if (this.#quiet === 0 && this.writes.length < MAX_EVENTS) this.writes.push(write);
  }

  import(one: TracedImport): void {
    if (this.imports.length < MAX_EVENTS) this.imports.push(one);
  }

  leads(place: Place, to: Definition): void {
    const found = this.edges.get(place);
    if (found === undefined) this.edges.set(place, new Set([to]));
    else found.add(to);
  }

  /** The definition that a piece of source makes: the same in every pass. */
  definition(
    source: { readonly parameters?: readonly Parameter[]; readonly line: number },
    kind: Definition['kind'],
    name: string,
    body: Block | Expression,
    scope: Scope,
    owner?: Definition,
  ): Definition {
    const known = this.#definitions.get(source);
    if (known !== undefined) {
      known.scope = scope;
      return known;
    }
    const made: Definition = {
      kind,
      name,
      line: source.line,
      parameters: source.parameters ?? [],
      body,
      owner,
      scope,
      given: new Map(),
      attributes: new Map(),
      bases: [],
      returns: UNKNOWN,
    };
    this.#definitions.set(source, made);
    return made;
  }

  get definitions(): IterableIterator<Definition> {
    return this.#definitions.values();
  }
}
