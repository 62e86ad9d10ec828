// What a look at settings as a whole can find: where it stands, what does not fit, and what would.
import type { GatewaySettings } from '../schema.js';

export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  readonly fix: string;
}

export type Check = (settings: GatewaySettings) => Contradiction | undefined;

export function first<T, R>(all: readonly T[], look: (one: T, index: number) => R | undefined): R | undefined {
  for (const [index, one] of all.entries()) {
    const found = look(one, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The index of the first one whose name another one before it has. */
export function firstTwin<T>(all: readonly T[], nameOf: (one: T) => string): number | undefined {
  const seen = new Set<string>();
  return first(all, (one, index) => {
    const name = nameOf(one);
    if (seen.has(name)) return index;
    seen.add(name);
    return undefined;
  });
}
