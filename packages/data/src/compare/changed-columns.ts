// Which columns changed, in rows whose content did: a further look at these rows alone. Their number is bounded.
import { DigestMap } from '../tables/digest-map.js';
import type { Walk } from './sides.js';
import { walkRows } from './sides.js';
import { Words } from './by-key.js';

const MAX_CELLS = 20_000_000;

/** Keys of changed rows, as many as there is room for. */
export class ChangedKeys {
  readonly keys = new DigestMap();
  readonly #room: number;
  left = 0;

  /** @param columns that will be compared */
  constructor(columns: number) {
    this.#room = Math.floor(MAX_CELLS / Math.max(1, columns));
  }

  add(key: Uint32Array): void {
    if (this.keys.size < this.#room) this.keys.enter(key, this.keys.size);
    else this.left += 1;
  }
}

/** In how many of the changed rows each column changed, most first. */
export async function changedColumns(
  before: Walk,
  after: Walk,
  { keys }: ChangedKeys,
): Promise<readonly { readonly column: string; readonly count: number }[]> {
  if (keys.size === 0) return [];
  const names = before.roles.content;
  const counts = names.map((column) => ({ column, count: 0 }));
  // One column at a time: two walks each, but a table seldom changes in more than a few, and memory stays small.
  for (const entry of counts) {
    const roles = { ...before.roles, content: [entry.column], label: undefined, source: undefined };
    const old = new Words(4);
    const places = new DigestMap();
    await walkRows(
      { ...before, roles },
      ({ key, content }) => {
        if (keys.find(key) < 0) return;
        places.enter(key, places.size);
        old.push(content);
      },
      `looking at ${entry.column}`,
    );
    await walkRows(
      { ...after, roles },
      ({ key, content }) => {
        const slot = places.find(key);
        if (slot >= 0 && !old.equal(places.rowAt(slot), content)) entry.count += 1;
      },
      `looking at ${entry.column}`,
    );
  }
  return counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
}
