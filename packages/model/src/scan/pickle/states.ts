// States that BUILD sets. An attribute can become a callback while the file still loads: `__setstate__`, `append` and the
// like are looked up on the object, so a state that sets one makes the next opcode call it. Some classes run what stands
// under keys of their own; such a key is judged on every class, because classes inherit and modules import one another's.
// Semantics: CPython Modules/_pickle.c, load_build, do_append and do_setitems.
import type { CallSite, Value } from '@vallum/formats';
import { isDunder, mayBeCallable } from '@vallum/formats';
import type { Permit } from './allowlist.js';

/** Methods that unpickling looks up on an object. */
export const RUN_BY_UNPICKLING: ReadonlySet<string> = new Set(['append', 'extend', 'add', 'update', 'persistent_load']);
/** Attributes that change what the object is, whatever stands there. */
const STRUCTURE: ReadonlySet<string> = new Set(['__class__', '__dict__']);

/** True for a dict, or a state of two of them, that sets a name which Python or unpickling looks up on the object. */
export function isRunByUnpickling(state: Value): boolean {
  return halves(state).some(
    (half) => half.kind === 'dict' && [...(half.entries ?? [])].some(([key, value]) => runs(key, value)),
  );
}

function runs(key: string, value: Value): boolean {
  return STRUCTURE.has(key) || ((RUN_BY_UNPICKLING.has(key) || isDunder(key)) && mayBeCallable(value));
}

/** What is wrong with a state, or undefined. @param unread true for an object whose content nobody can tell */
export function stateFault(
  permit: Permit,
  keys: ReadonlyMap<string, readonly RegExp[]>,
  { target, args, stated }: CallSite,
  unread: (state: Value) => boolean,
): string | undefined {
  if (stated) return 'it is set twice';
  // A mapping whose attributes are its items is its own state, and its items have been judged.
  if (args !== target && unread(args)) return 'it is an object that cannot be read';
  if (isRunByUnpickling(args)) return 'it sets what unpickling calls';
  const dicts = halves(args).filter((half) => half.kind === 'dict');
  if (dicts.some((dict) => !dict.whole)) return 'it has keys that are no text';
  if (permit.state !== undefined && dicts.length === 0) return 'it is no dict';
  for (const { entries } of dicts)
    for (const [key, value] of entries ?? []) {
      const own = permit.state?.get(key);
      const patterns = own === undefined ? keys.get(key) : [own];
      if (patterns === undefined || value.kind === 'none') continue;
      const fine = value.kind === 'text' && value.whole && patterns.some((pattern) => pattern.test(value.text));
      if (!fine) return `its ${key} would be run`;
    }
  return undefined;
}

/** A state of two is one for the dict and one for the slots. */
function halves(state: Value): readonly Value[] {
  return state.kind === 'tuple' && state.size === 2 ? state.items : [state];
}
