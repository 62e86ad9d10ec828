// Which nodes and buffers of a batch belong to which column. They stand in the order of the fields, parents first; a column
// below a struct is missing where the struct is.
import { brokenTable } from '../columnar/fault.js';
import type { RecordBatch } from './messages.js';
import type { Field } from './schema.js';
import type { Reading } from './types.js';
import { KIND, layoutOf, readingOf, storedType } from './types.js';

/** A column that is read, or why it is not. */
export interface Leaf {
  readonly name: string;
  readonly field: Field;
  readonly stored: string;
  readonly reading: Reading | undefined;
}

/** A bitmap of what is there. */
export interface Validity {
  readonly buffer: number;
  readonly nulls: number;
}

/** Where a leaf stands in one batch. */
export interface Place {
  /** Index of its first buffer behind the bitmap. */
  readonly buffer: number;
  /** Buffers of any number behind that, for views. */
  readonly variadic: number;
  /** Its own bitmap last. */
  readonly validity: readonly Validity[];
}

/** The columns of a schema: fields, and the fields of structs as `a.b`. */
export function leavesOf(fields: readonly Field[], prefix = ''): readonly Leaf[] {
  return fields.flatMap((field): readonly Leaf[] => {
    const name = `${prefix}${field.name}`;
    if (isStruct(field)) return leavesOf(field.children, `${name}.`);
    const stored = storedType(field.type);
    const type = field.dictionary === undefined ? stored : `dictionary<${stored}>`;
    return [{ name, field, stored: type, reading: readingOf(field.type) }];
  });
}

const isStruct = (field: Field): boolean => field.type.kind === KIND.struct && field.dictionary === undefined;

/**
 * Places of the leaves of a batch, in the order of `leavesOf`.
 * @throws VallumError `TABLE_BROKEN` when nodes, buffers and fields do not fit together
 */
export function placesOf(fields: readonly Field[], batch: RecordBatch): readonly Place[] {
  const places: Place[] = [];
  const next = { node: 0, buffer: 0, variadic: 0 };
  const walk = (field: Field, above: readonly Validity[], read: boolean): void => {
    const [length, nulls] = [batch.nodes[next.node * 2], batch.nodes[next.node * 2 + 1]];
    next.node += 1;
    const type = field.dictionary === undefined ? field.type : INDEX_TYPE;
    const layout = layoutOf(type, batch.unionHasValidity);
    if (layout === undefined) throw brokenTable(`a column has a type that is not known: ${field.type.kind}`);
    const first = next.buffer;
    const variadic = layout.variadic ? (batch.variadic[next.variadic++] ?? -1) : 0;
    next.buffer += layout.buffers + variadic;
    if (length === undefined || nulls === undefined || variadic < 0 || next.buffer > batch.buffers.length / 2)
      throw brokenTable('a batch has fewer columns than its schema');
    const bitmapped = type.kind !== KIND.null && type.kind !== KIND.runEnd && type.kind !== KIND.union;
    const validity = bitmapped ? [...above, { buffer: first, nulls }] : above;
    const struct = isStruct(field);
    if (read) {
      if (length !== batch.rows || nulls < 0 || nulls > length)
        throw brokenTable('a column has another length than its batch');
      if (!struct) places.push({ buffer: first + 1, variadic, validity });
    }
    if (field.dictionary === undefined) for (const child of field.children) walk(child, validity, read && struct);
  };
  for (const field of fields) walk(field, [], true);
  if (next.node * 2 !== batch.nodes.length || next.buffer * 2 !== batch.buffers.length)
    throw brokenTable('a batch has more columns than its schema');
  return places;
}

/** Indices have a bitmap and one buffer, whatever their width. */
const INDEX_TYPE = { kind: KIND.int, width: 32, signed: true, unit: 0, scale: 0 } as const;
