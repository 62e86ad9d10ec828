// Reads Python source and says what it would do and when, without running any of it: every call with the full name of what
// is called, through aliases, getattr, constants that spell names, and code in strings. Facts only; judging is the caller's.
import { decodeSource } from './decode-source.js';
import { parsePython } from './parse-python.js';
import type { Oddity, SourceFault } from './tokens.js';
import { Tracer } from './trace.js';
import type { Place, TracedCall, TracedImport, TracedWrite } from './trace-state.js';
import { TraceBudget, TraceState } from './trace-state.js';
import type { Definition } from './values.js';
import { newScope } from './values.js';

export interface PythonLimits {
  readonly maxBytes: number;
  /** Words of the source. */
  readonly maxTokens: number;
  /** Steps of following values. */
  readonly maxSteps: number;
}

export const PYTHON_LIMITS: PythonLimits = { maxBytes: 8 * 1024 * 1024, maxTokens: 500_000, maxSteps: 1_000_000 };

/**
 * When code runs: while the file is imported; when Python or a framework calls it by its name (`__init__`, `forward`);
 * when somebody calls the function; when the file is run as a program.
 */
export type When = 'import' | 'implicit' | 'function' | 'main';

interface Timed {
  readonly when: When;
  /** The function it stands in; undefined at module level. */
  readonly where: string | undefined;
}

export type PythonCall = Omit<TracedCall, 'place'> & Timed;
export type PythonWrite = Omit<TracedWrite, 'place'> & Timed;
export type PythonImport = Omit<TracedImport, 'place'> & Timed;

export interface PythonReport {
  readonly encoding: string;
  readonly oddEncoding?: string;
  readonly calls: readonly PythonCall[];
  readonly writes: readonly PythonWrite[];
  readonly imports: readonly PythonImport[];
  readonly oddities: readonly Oddity[];
  readonly faults: readonly SourceFault[];
  /** Whether it has a part that runs only when it is a program. */
  readonly hasMain: boolean;
}

/** @param implicit whether a function, or a method, of this name is called without its name being written */
export function readPython(
  bytes: Uint8Array,
  implicit: (name: string, method: boolean) => boolean,
  limits: PythonLimits = PYTHON_LIMITS,
): PythonReport {
  const empty = { calls: [], writes: [], imports: [], oddities: [], hasMain: false };
  if (bytes.length > limits.maxBytes)
    return { ...empty, encoding: '', faults: [{ line: 0, message: `it has more than ${limits.maxBytes} bytes` }] };
  const source = decodeSource(bytes);
  const parsed = parsePython(source.text, limits.maxTokens);
  const faults = [...parsed.faults];
  if (source.fault !== undefined) faults.push({ line: 1, message: source.fault });
  const state = new TraceState(limits.maxSteps);
  try {
    new Tracer(state, newScope('module')).file(parsed.body);
  } catch (error) {
    if (!(error instanceof TraceBudget)) throw error;
    faults.push({ line: 0, message: error.message });
  }
  const when = timing(state, implicit);
  const timed = <T extends { place: Place }>({ place, ...rest }: T): Omit<T, 'place'> & Timed => ({
    ...rest,
    when: when(place),
    where: typeof place === 'string' ? undefined : nameOf(place),
  });
  return {
    encoding: source.encoding,
    ...(source.odd === undefined ? {} : { oddEncoding: source.odd }),
    calls: state.calls.map(timed),
    writes: state.writes.map(timed),
    imports: state.imports.map(timed),
    oddities: [...lookOf(source.text), ...parsed.oddities],
    faults,
    hasMain: state.calls.some(({ place }) => place === 'main'),
  };
}

const BIDI = /[\u202a-\u202e\u2066-\u2069]/;
/** Characters that show nothing and can carry bytes: variation selectors and tags. */
const INVISIBLE = /[\ufe00-\ufe0f\u{e0000}-\u{e01ef}\u200b\u2060-\u2064]{12}/u;

/** What a reader of the text does not see, wherever it stands. */
function lookOf(text: string): readonly Oddity[] {
  if (!BIDI.test(text) && !INVISIBLE.test(text)) return [];
  const found: Oddity[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (found.length >= 20) break;
    if (BIDI.test(line))
      found.push({ code: 'bidi', line: index + 1, detail: 'characters that turn the direction of text' });
    if (INVISIBLE.test(line))
      found.push({ code: 'invisible', line: index + 1, detail: 'a run of characters that show nothing' });
  }
  return found;
}

function nameOf({ name, owner }: Definition): string {
  return owner === undefined ? name : `${owner.name}.${name}`;
}

/** A function that import leads to runs at import; the same from functions that are called by their name. */
function timing(state: TraceState, implicit: (name: string, method: boolean) => boolean): (place: Place) => When {
  const atImport = reached(state, ['module']);
  const roots: Place[] = [...state.definitions].filter(
    ({ kind, name, owner, scope }) =>
      kind === 'function' && implicit(name, owner !== undefined || scope.kind === 'class'),
  );
  const byName = reached(state, roots);
  return (place) => {
    if (place === 'module') return 'import';
    if (place === 'main') return 'main';
    return atImport.has(place) ? 'import' : byName.has(place) ? 'implicit' : 'function';
  };
}

function reached(state: TraceState, roots: readonly Place[]): ReadonlySet<Place> {
  const found = new Set<Place>(roots);
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    for (const to of state.edges.get(next) ?? [])
      if (!found.has(to)) {
        found.add(to);
        queue.push(to);
      }
  return found;
}
