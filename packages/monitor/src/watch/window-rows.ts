// Rows as they arrive, batch by batch and file by file, until a window is full. Its columns are those of the reference; what a
// file has besides is not judged, and a column that one of its files lacks is missing from the whole window.
import type { Batch, Column, Values } from '@vallum/formats';
import type { Sample, SampleColumn } from '../drift/sample.js';

const TEXT_KEPT = 4_096;
type Kind = SampleColumn['kind'];

export interface WantedColumn {
  readonly name: string;
  readonly kind: Kind;
}

/** Where a wanted column stands among those of a file. */
export type Places = readonly (number | undefined)[];

export class WindowRows {
  readonly #wanted: readonly WantedColumn[];
  readonly #numbers: Float64Array[];
  readonly #codes: Int32Array[];
  #levels: Map<string, number>[];
  #lost: boolean[];
  #rows = 0;

  /** @param size rows of a window */
  constructor(wanted: readonly WantedColumn[], size: number) {
    this.#wanted = wanted;
    this.#numbers = wanted.map(({ kind }) => new Float64Array(kind === 'text' ? 0 : size));
    this.#codes = wanted.map(({ kind }) => new Int32Array(kind === 'text' ? size : 0));
    this.#levels = wanted.map(() => new Map<string, number>());
    this.#lost = wanted.map(() => false);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Columns of a file that are as the reference has them: text is text, and everything else is a number. */
  places(columns: readonly Column[]): Places {
    return this.#wanted.map(({ name, kind }) => {
      const at = columns.findIndex((column) => column.name === name);
      return at >= 0 && (columns[at]?.type === 'text') === (kind === 'text') ? at : undefined;
    });
  }

  /** @param row of the batch, whose columns are those of the file in order */
  add(batch: Batch, row: number, places: Places): void {
    const to = this.#rows;
    places.forEach((place, at) => {
      const values = place === undefined ? undefined : batch.columns[place];
      if (values === undefined) this.#lost[at] = true;
      else if (values.type === 'text') this.#codes[at]![to] = this.#codeOf(at, values, row);
      else this.#numbers[at]![to] = values.missing?.[row] === 1 ? NaN : (values.values[row] as number);
    });
    this.#rows += 1;
  }

  #codeOf(at: number, { codes, levels }: Extract<Values, { type: 'text' }>, row: number): number {
    const code = codes[row] as number;
    if (code < 0) return -1;
    const level = (levels[code] as string).slice(0, TEXT_KEPT);
    const known = this.#levels[at] as Map<string, number>;
    const own = known.get(level) ?? known.size;
    known.set(level, own);
    return own;
  }

  /** The rows so far as a sample of its own; the next row begins a new window. */
  take(name: string): Sample {
    const rows = this.#rows;
    const columns = this.#wanted.flatMap(({ name: column, kind }, at): readonly SampleColumn[] => {
      if (this.#lost[at] === true) return [];
      if (kind !== 'text') return [{ name: column, kind, values: this.#numbers[at]!.slice(0, rows) }];
      const levels = [...(this.#levels[at] as Map<string, number>).keys()];
      return [{ name: column, kind, codes: this.#codes[at]!.slice(0, rows), levels }];
    });
    this.#rows = 0;
    this.#levels = this.#wanted.map(() => new Map<string, number>());
    this.#lost = this.#wanted.map(() => false);
    return { name, rows, columns };
  }
}
