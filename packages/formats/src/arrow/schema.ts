// The schema of an Arrow file: a tree of fields. Offsets in it are the attacker's; the reader of FlatBuffers bounds them.
import type { Parser } from '../bytes/parser.js';
import type { FlatBuffer, Table as FlatTable } from '../flatbuffers/flat-buffer.js';
import { FlatBufferError } from '../flatbuffers/flat-buffer.js';
import type { ArrowType } from './types.js';
import { KIND } from './types.js';

const MAX_FIELDS = 2 ** 20;
const MAX_DEPTH = 64;
const MAX_NAME = 64 * 1024;

export interface Field {
  readonly name: string;
  readonly type: ArrowType;
  /** Its values stand in a dictionary, and its indices are of this type. */
  readonly dictionary: { readonly id: number; readonly width: number; readonly signed: boolean } | undefined;
  readonly children: readonly Field[];
}

export interface Schema {
  readonly bigEndian: boolean;
  readonly fields: readonly Field[];
}

export function* readSchema(flat: FlatBuffer, table: FlatTable): Parser<Schema> {
  const bigEndian = (yield* flat.scalar(table, 0, 2)) !== 0;
  const count = { left: MAX_FIELDS };
  return { bigEndian, fields: yield* readFields(flat, table, 1, count, 0) };
}

function* readFields(
  flat: FlatBuffer,
  table: FlatTable,
  field: number,
  count: { left: number },
  depth: number,
): Parser<readonly Field[]> {
  if (depth > MAX_DEPTH) throw new FlatBufferError('the schema is nested deeper than allowed');
  const tables = yield* flat.tables(table, field, count.left);
  count.left -= tables.length;
  const fields: Field[] = [];
  for (const one of tables) {
    const kind = yield* flat.scalar(one, 2, 1);
    const typeAt = one.fields[3] ?? 0;
    const type = typeAt === 0 ? undefined : yield* flat.table(yield* flat.follow(typeAt));
    const encodedAt = one.fields[4] ?? 0;
    const encoded = encodedAt === 0 ? undefined : yield* flat.table(yield* flat.follow(encodedAt));
    fields.push({
      name: yield* flat.text(one, 0, MAX_NAME),
      type: yield* readType(flat, kind, type),
      dictionary: encoded === undefined ? undefined : yield* readEncoding(flat, encoded),
      children: yield* readFields(flat, one, 5, count, depth + 1),
    });
  }
  return fields;
}

/** Dates, times and durations are in milliseconds where they do not say. */
const DEFAULT_UNIT = new Map<number, number>([
  [KIND.date, 1],
  [KIND.time, 1],
  [KIND.duration, 1],
]);

function* readType(flat: FlatBuffer, kind: number, table: FlatTable | undefined): Parser<ArrowType> {
  const none: ArrowType = { kind, width: 0, signed: false, unit: 0, scale: 0 };
  if (table === undefined) return none;
  switch (kind) {
    case KIND.int:
      return { ...none, width: yield* flat.scalar(table, 0, 4, true), signed: (yield* flat.scalar(table, 1, 1)) !== 0 };
    case KIND.decimal:
      return {
        ...none,
        scale: yield* flat.scalar(table, 1, 4, true),
        width: yield* flat.scalar(table, 2, 4, true, 128),
      };
    case KIND.time:
      return {
        ...none,
        unit: yield* flat.scalar(table, 0, 2, true, 1),
        width: yield* flat.scalar(table, 1, 4, true, 32),
      };
    case KIND.fixedBinary:
      return { ...none, width: yield* flat.scalar(table, 0, 4, true) };
    case KIND.float:
    case KIND.date:
    case KIND.timestamp:
    case KIND.duration:
    case KIND.union:
      return { ...none, unit: yield* flat.scalar(table, 0, 2, true, DEFAULT_UNIT.get(kind) ?? 0) };
    default:
      return none;
  }
}

function* readEncoding(flat: FlatBuffer, table: FlatTable): Parser<NonNullable<Field['dictionary']>> {
  const id = yield* flat.scalar(table, 0, 8, true);
  const indexAt = table.fields[1] ?? 0;
  if (indexAt === 0) return { id, width: 32, signed: true };
  const index = yield* flat.table(yield* flat.follow(indexAt));
  return { id, width: yield* flat.scalar(index, 0, 4, true), signed: (yield* flat.scalar(index, 1, 1)) !== 0 };
}
