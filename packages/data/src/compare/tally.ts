// Counts differences while rows go by: in all, by source, and which label became which.
import { Broken } from '../tables/finding.js';
import type { Names } from './names.js';
import { shownName } from '../tables/shown-name.js';
import type { Row } from './sides.js';
import type { SourceDifference, TableComparison } from './result.js';

export type Kind = 'same' | 'added' | 'removed' | 'relabelled' | 'changed';
type Counts = Record<'old' | 'new' | Kind, number>;

const TOLD_RELABELS = 50;
const MAX_RELABELS = 10_000;
/** Old rows of one content had several labels. */
export const SEVERAL = -1;

export class Tally {
  readonly kinds: Readonly<Record<Kind, Broken>> = {
    same: new Broken(),
    added: new Broken(),
    removed: new Broken(),
    relabelled: new Broken(),
    changed: new Broken(),
  };
  readonly #sources = new Map<number, Counts>();
  readonly #relabels = new Map<string, { readonly from: number; readonly to: number; count: number }>();

  seen(side: 'old' | 'new', { source }: Row): void {
    this.#counts(source)[side] += 1;
  }

  add(kind: Kind, { index, source }: Row): void {
    this.kinds[kind].add(index);
    this.#counts(source)[kind] += 1;
  }

  relabel(from: number, { label: to }: Row): void {
    const known = this.#relabels.get(`${from}:${to}`);
    if (known !== undefined) known.count += 1;
    else if (this.#relabels.size < MAX_RELABELS) this.#relabels.set(`${from}:${to}`, { from, to, count: 1 });
  }

  relabels(labels: Names): TableComparison['relabels'] {
    return [...this.#relabels.values()]
      .sort((a, b) => b.count - a.count || a.from - b.from || a.to - b.to)
      .slice(0, TOLD_RELABELS)
      .map(({ from, to, count }) => ({
        from: from === SEVERAL ? '(several)' : shownName(labels.name(from)),
        to: shownName(labels.name(to)),
        count,
      }));
  }

  sources(names: Names): readonly SourceDifference[] {
    return [...this.#sources]
      .map(([source, { same: _same, ...counts }]) => ({ source: shownName(names.name(source)), ...counts }))
      .sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  #counts(source: number): Counts {
    let counts = this.#sources.get(source);
    if (counts === undefined) {
      counts = { old: 0, new: 0, same: 0, added: 0, removed: 0, relabelled: 0, changed: 0 };
      this.#sources.set(source, counts);
    }
    return counts;
  }
}
