// Rows of callers that the reference does not have, or that send more than chance explains. A caller that brings the drift with it
// leaves all the others as they were, and would read as another mix. What an attacker chooses is names and numbers of rows: a
// fresh name for each row makes every group too small to be judged, so unknown names are counted together, too.
import { normalQuantile } from '@vallum/stats';
import { countLevels } from '../drift/code-levels.js';
import { compareSamples } from '../drift/compare.js';
import { asLevels } from '../drift/levels.js';
import type { CompareOptions } from '../drift/options.js';
import type { Sample } from '../drift/sample.js';
import { columnOf, pickRows } from '../drift/sample.js';

/** Chance that a share of a stable mix counts as grown, over all groups; and that the others count as drifted when they are not. */
const GROWN = 0.01;
const OTHERS = 0.01;

export interface Newcomers {
  /** Columns whose drift they brought. */
  readonly columns: readonly string[];
  /** Groups that are large enough to be told apart from chance, largest first. */
  readonly groups: readonly string[];
  /** Unknown names are more than the reference lets expect. */
  readonly unknown: boolean;
  readonly rows: number;
}

/**
 * They brought the drift of a column where their rows drifted and all the other rows of the window did not.
 * @param columns that drifted in the whole window
 */
export async function drifting(
  by: string,
  reference: Sample,
  window: Sample,
  columns: readonly string[],
  options: CompareOptions,
): Promise<Newcomers | undefined> {
  if (columns.length === 0) return undefined;
  const own = asLevels(columnOf(window, by));
  const { groups, unknown, isNew } = grown(
    countLevels(asLevels(columnOf(reference, by)), own),
    reference.rows,
    window.rows,
  );
  const theirs: number[] = [];
  const others: number[] = [];
  own.codes.forEach((code, row) => (code >= 0 && isNew(own.levels[code] as string) ? theirs : others).push(row));
  if (theirs.length === 0) return undefined;
  const among = async (rows: readonly number[], alpha: number): Promise<readonly string[]> => {
    if (rows.length === 0) return [];
    const wanted = (sample: Sample): Sample => ({
      ...sample,
      columns: sample.columns.filter(({ name }) => columns.includes(name)),
    });
    const picked = wanted(pickRows(window, Int32Array.from(rows)));
    const compared = await compareSamples(wanted(reference), picked, { ...options, alpha });
    return compared.columns.filter(({ state }) => state === 'drift').map(({ name }) => name);
  };
  const moved = await among(theirs, options.alpha);
  const elsewhere = await among(others, OTHERS);
  const brought = moved.filter((name) => !elsewhere.includes(name));
  return brought.length === 0 ? undefined : { columns: brought, groups, unknown, rows: theirs.length };
}

interface Counted {
  readonly name: string;
  readonly reference: number;
  readonly current: number;
}

/** Names that come once in the reference stand for those that it does not have: their share is that of unknown names (Good 1953). */
function grown(
  levels: readonly Counted[],
  before: number,
  now: number,
): { readonly groups: readonly string[]; readonly unknown: boolean; readonly isNew: (name: string) => boolean } {
  const limit = normalQuantile(1 - GROWN / (levels.length + 1));
  const more = (old: number, current: number): boolean => {
    const share = (old + current) / (before + now);
    const error = Math.sqrt(share * (1 - share) * (1 / before + 1 / now));
    return current / now - old / before > limit * error;
  };
  const groups = levels
    .filter(({ reference, current }) => more(reference, current))
    .sort((a, b) => b.current - a.current)
    .map(({ name }) => name);
  const strange = levels.filter(({ reference }) => reference === 0);
  const once = levels.filter(({ reference }) => reference === 1).length;
  const unknown = more(
    once,
    strange.reduce((sum, { current }) => sum + current, 0),
  );
  const names = new Set([...groups, ...(unknown ? strange.map(({ name }) => name) : [])]);
  return { groups, unknown, isNew: (name) => names.has(name) };
}
