// Rows in, a profile out: one pass, memory that depends on the columns and never on the rows.
import { refuse } from '../refuse.js';
import { BLOCK, NumberColumn } from './number-column.js';
import { PROFILE_SCHEMA } from './profile.js';
import type { ColumnProfile, Profile, ProfileBatch, ProfileColumn, ProfileNumbers, ProfileTexts } from './profile.js';
import { invalidBatch, mismatch } from './refuse.js';
import { TextColumn } from './text-column.js';

export interface ProfileOptions {
  /** Edges of each distribution function; the certified width is about 1.2 / bins. Default 1024. */
  readonly bins?: number;
  /** Of the KLL sketches; default 200. */
  readonly k?: number;
  /** For the coin flips of the KLL sketches; default 1. */
  readonly seed?: number;
  /**
   * Count exactly on the edges of this profile. For a window that is compared with it, or for a second pass over the same
   * rows: then edges are known from the beginning, and the certificate is as tight as the bins allow.
   */
  readonly reference?: Profile;
}

/** Values that all columns together keep while edges are not known: 32 MiB, and never more than 64 Ki in one column. */
const BUFFERED = 2 ** 22;
const MOST_BUFFERED = 65_536;
const LEAST_BUFFERED = 1024;

export class ProfileBuilder {
  readonly #columns: readonly Building[];
  readonly #bins: number;
  #rows = 0;

  /** @throws VallumError `PROFILE_MISMATCH` if the reference has other columns */
  constructor(columns: readonly ProfileColumn[], options: ProfileOptions = {}) {
    const { reference, k = 200, seed = 1 } = options;
    this.#bins = options.bins ?? reference?.bins ?? 1024;
    if (!Number.isInteger(this.#bins) || this.#bins < 8 || this.#bins > 16_384)
      throw refuse(`a profile has 8 to 16384 bins, not ${this.#bins}`);
    if (reference !== undefined) requireColumns(reference, columns);
    const share = Math.floor(BUFFERED / Math.max(1, columns.length));
    const buffer = Math.min(MOST_BUFFERED, Math.max(LEAST_BUFFERED, share));
    const clean = new Float64Array(BLOCK);
    this.#columns = columns.map(({ name, type }, i) => {
      if (type === 'text') return { name, type, column: new TextColumn() };
      if (type === 'boolean') return { name, type, column: new BooleanColumn() };
      const known = reference?.columns[i];
      const edges = known !== undefined && 'cdf' in known ? { edges: known.cdf.edges } : {};
      return { name, type, column: new NumberColumn({ bins: this.#bins, buffer, k, seed: seed + i, clean, ...edges }) };
    });
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** @throws VallumError `PROFILE_BATCH` if the batch does not have the announced columns; nothing is to be expected of the builder then */
  add(batch: ProfileBatch): void {
    if (batch.columns.length !== this.#columns.length)
      throw invalidBatch(`there are ${batch.columns.length} columns where ${this.#columns.length} were announced`);
    this.#columns.forEach((building, i) => {
      const values = batch.columns[i] as ProfileNumbers | ProfileTexts;
      const length = values.type === 'text' ? values.codes.length : values.values.length;
      if (values.type !== building.type) throw invalidBatch(`column ${i + 1} is ${values.type}, not ${building.type}`);
      if (length < batch.rows || (values.type !== 'text' && (values.missing?.length ?? length) < batch.rows))
        throw invalidBatch(`column ${i + 1} is shorter than ${batch.rows} rows`);
      if (building.type === 'text') building.column.add(values as ProfileTexts, batch.rows);
      else building.column.add(values as ProfileNumbers, batch.rows);
    });
    this.#rows += batch.rows;
  }

  /** The profile of the rows so far; more may follow. */
  finish(): Profile {
    const columns = this.#columns.map((building): ColumnProfile => {
      if (building.type === 'text') return building.column.value(building.name);
      if (building.type === 'boolean') return building.column.value(building.name);
      return building.column.value(building.name, building.type);
    });
    return { schema: PROFILE_SCHEMA, rows: this.#rows, bins: this.#bins, columns };
  }
}

type Building =
  | { readonly name: string; readonly type: 'text'; readonly column: TextColumn }
  | { readonly name: string; readonly type: 'boolean'; readonly column: BooleanColumn }
  | { readonly name: string; readonly type: 'number' | 'time'; readonly column: NumberColumn };

class BooleanColumn {
  #missing = 0;
  #false = 0;
  #true = 0;

  add({ values, missing }: ProfileNumbers, rows: number): void {
    for (let i = 0; i < rows; i += 1) {
      if (missing !== undefined && missing[i] !== 0) this.#missing += 1;
      else if (values[i] === 1) this.#true += 1;
      else if (values[i] === 0) this.#false += 1;
      else throw invalidBatch(`a boolean is 0 or 1, not ${String(values[i])}`);
    }
  }

  value(name: string): ColumnProfile {
    return { name, type: 'boolean', missing: this.#missing, false: this.#false, true: this.#true };
  }
}

/** @throws VallumError `PROFILE_MISMATCH` */
export function requireColumns(profile: Profile, columns: readonly ProfileColumn[]): void {
  if (profile.columns.length !== columns.length)
    throw mismatch(`one has ${profile.columns.length} columns and the other ${columns.length}`);
  columns.forEach(({ name, type }, i) => {
    const other = profile.columns[i] as ColumnProfile;
    if (other.name !== name || other.type !== type)
      throw mismatch(
        `column ${i + 1} is ${JSON.stringify(other.name)} (${other.type}) in one and ${JSON.stringify(name)} (${type}) in the other`,
      );
  });
}
