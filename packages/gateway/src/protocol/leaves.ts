// Any JSON as tensors: rectangular arrays become one tensor, records become columns, and everything else is listed flat under
// the name of its key. A second walk in the same order puts replaced numbers and texts back in their places.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { Datatype, InputTensor } from './inspected.js';

export interface Leaves {
  readonly tensors: readonly InputTensor[];
  /** Numbers and texts in all; null, true and false count too. */
  readonly elements: number;
}

/** Names of columns and keys that one body may have. */
const MAX_COLUMNS = 10_000;
const MAX_NAME = 256;

/** Under which name the leaves of a value are kept: records (and lists of them) by key, all others together. */
export function visitBlocks(name: string, value: JsonValue, visit: (name: string, block: JsonValue) => void): void {
  if (isRecord(value)) {
    for (const key of Object.keys(value)) visitBlocks(joined(name, key), value[key] as JsonValue, visit);
  } else if (Array.isArray(value) && isNested(value)) {
    for (const item of value as readonly JsonValue[]) visitBlocks(name, item, visit);
  } else visit(name, value);
}

function joined(name: string, key: string): string {
  return name === '' ? key : `${name}.${key}`;
}

function isRecord(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list that holds a record somewhere is taken apart; lists of plain values stay whole. */
function isNested(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value)) return true;
  for (const item of value as readonly JsonValue[]) if (typeof item === 'object' && isNested(item)) return true;
  return false;
}

interface Column {
  readonly numbers: number[];
  readonly texts: string[];
  nulls: number;
  isBoolean: boolean;
  /** Of every block so far, or undefined once two differ. */
  shape: readonly number[] | undefined;
  blocks: number;
}

/** Gathers blocks into columns. */
export class LeafColumns {
  readonly #columns = new Map<string, Column>();
  #elements = 0;

  /** @returns why the block is refused */
  add(name: string, block: JsonValue): string | undefined {
    if (name.length > MAX_NAME) return `a name is longer than ${MAX_NAME} characters`;
    let column = this.#columns.get(name);
    const shape = shapeOf(block);
    if (column === undefined) {
      if (this.#columns.size >= MAX_COLUMNS) return `it has more than ${MAX_COLUMNS} columns`;
      column = { numbers: [], texts: [], nulls: 0, isBoolean: true, shape, blocks: 0 };
      this.#columns.set(name, column);
    } else if (column.shape !== undefined && !isSameShape(column.shape, shape)) column.shape = undefined;
    column.blocks += 1;
    this.#addLeaves(column, block);
    return undefined;
  }

  #addLeaves(column: Column, value: JsonValue): void {
    if (Array.isArray(value)) {
      for (const item of value as readonly JsonValue[])
        if (typeof item === 'number') {
          this.#elements += 1;
          column.isBoolean = false;
          column.numbers.push(item);
        } else this.#addLeaves(column, item);
      return;
    }
    this.#elements += 1;
    if (typeof value === 'string') column.texts.push(value);
    else if (value === null) {
      column.nulls += 1;
      column.numbers.push(NaN);
    } else {
      if (typeof value === 'number') column.isBoolean = false;
      column.numbers.push(Number(value));
    }
  }

  /** @param asBatch a column of one block has no dimension for the batch; several always have one */
  done(asBatch = false): Leaves {
    const tensors: InputTensor[] = [];
    for (const [name, column] of this.#columns) {
      const { numbers, texts, nulls, isBoolean, blocks } = column;
      const shape =
        column.shape === undefined ? undefined : blocks > 1 || asBatch ? [blocks, ...column.shape] : column.shape;
      const isWhole = numbers.length === 0 || texts.length === 0 || numbers.length === nulls;
      // A column of texts and numbers becomes two tensors, so that a text cannot hide numbers from a check of ranges.
      if (texts.length > 0)
        tensors.push({ name, datatype: 'BYTES', shape: fitting(shape, texts.length, isWhole), texts });
      if (numbers.length > nulls || (texts.length === 0 && numbers.length > 0)) {
        const datatype: Datatype = isBoolean && nulls === 0 ? 'BOOL' : 'FP64';
        const fits = fitting(shape, numbers.length, isWhole);
        tensors.push({ name, datatype, shape: fits, numbers: new Float64Array(numbers) });
      }
    }
    return { tensors, elements: this.#elements };
  }
}

function fitting(shape: readonly number[] | undefined, count: number, isWhole: boolean): readonly number[] {
  const product = shape?.reduce((size, dimension) => size * dimension, 1);
  return isWhole && shape !== undefined && product === count ? shape : [count];
}

function isSameShape(a: readonly number[], b: readonly number[] | undefined): boolean {
  return a.length === b?.length && a.every((dimension, i) => dimension === b[i]);
}

/** @returns the dimensions of a rectangular block, [] for one value, undefined for a ragged one */
function shapeOf(block: JsonValue): readonly number[] | undefined {
  if (!Array.isArray(block)) return [];
  const items = block as readonly JsonValue[];
  const first = items[0];
  // Most lists hold plain values only.
  if (!items.some((item) => typeof item === 'object' && item !== null)) return [items.length];
  const inner = first === undefined ? undefined : shapeOf(first);
  if (inner === undefined) return undefined;
  // The first is not measured again: twice at each level would be 2^depth times.
  for (let i = 1; i < items.length; i++) if (!isSameShape(inner, shapeOf(items[i] as JsonValue))) return undefined;
  return [items.length, ...inner];
}

/** Takes the values of replaced tensors one after the other, in the order in which they were gathered. */
export class LeafWriter {
  readonly #numbers = new Map<string, { readonly values: ArrayLike<number>; at: number }>();
  readonly #texts = new Map<string, { readonly values: readonly string[]; at: number }>();

  constructor(tensors: readonly InputTensor[], replaced: readonly Pick<InputTensor, 'numbers' | 'texts'>[]) {
    tensors.forEach((tensor, i) => {
      const next = replaced[i];
      if (next === undefined || (next.numbers === tensor.numbers && next.texts === tensor.texts)) return;
      if (next.texts !== undefined) this.#texts.set(tensor.name, { values: next.texts, at: 0 });
      if (next.numbers !== undefined) this.#numbers.set(tensor.name, { values: next.numbers, at: 0 });
    });
  }

  /** The value with what was replaced under this name, and under the names of records within. */
  write(name: string, value: JsonValue): JsonValue {
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => this.write(name, item));
    if (isRecord(value)) {
      const entries = Object.keys(value).map((key) => [key, this.write(joined(name, key), value[key] as JsonValue)]);
      return Object.fromEntries(entries) as JsonObject;
    }
    if (typeof value === 'string') {
      const texts = this.#texts.get(name);
      return texts === undefined ? value : (texts.values[texts.at++] ?? value);
    }
    const numbers = this.#numbers.get(name);
    if (numbers === undefined) return value;
    const next = numbers.values[numbers.at++];
    // What was no number stays what it was; what is not finite has no word in JSON.
    if (typeof value !== 'number' || next === undefined) return value;
    return Number.isFinite(next) ? next : null;
  }
}
