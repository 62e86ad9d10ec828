// One thing that was seen in one window, before it is known whether an alert about it is open already.
import type { WatchRule } from './rules.js';

export interface Signal {
  /** The same for the same thing in every window: alerts are told apart by it. */
  readonly key: string;
  readonly rule: WatchRule;
  readonly columns: readonly string[];
  /** Callers or sources by name, where it is about some of them. */
  readonly groups: readonly string[];
  /** A sentence with the figures. */
  readonly why: string;
}

const MOST_NAMED = 8;
const NAME_KEPT = 80;

/** Names are the sender's: cut, quoted, and no more than eight of them. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => JSON.stringify(name.slice(0, NAME_KEPT)));
  return `${shown.join(', ')}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''}`;
}
