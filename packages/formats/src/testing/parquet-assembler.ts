// Parquet files put together by hand, so that each of their claims can be a lie. Thrift's compact protocol is written here.
export type Thrift =
  | { readonly int: number }
  | { readonly text: string }
  | { readonly flag: boolean }
  | { readonly list: readonly Thrift[] }
  | Struct;
export interface Struct {
  readonly struct: Readonly<Record<number, Thrift>>;
}

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};

function typeOf(value: Thrift): number {
  if ('int' in value) return 6;
  if ('text' in value) return 8;
  if ('flag' in value) return value.flag ? 1 : 2;
  return 'list' in value ? 9 : 12;
}

export function thrift(value: Thrift): Buffer {
  if ('int' in value) return varint(value.int >= 0 ? value.int * 2 : -value.int * 2 - 1);
  if ('text' in value) return Buffer.concat([varint(Buffer.byteLength(value.text)), Buffer.from(value.text)]);
  if ('flag' in value) return Buffer.alloc(0);
  if ('list' in value) {
    const head = Buffer.from([0xf0 | typeOf(value.list[0] ?? { int: 0 })]);
    return Buffer.concat([head, varint(value.list.length), ...value.list.map(thrift)]);
  }
  const fields = Object.entries(value.struct).flatMap(([id, field]) => [
    // The id in full, so that no field depends on the one before.
    Buffer.from([typeOf(field)]),
    thrift({ int: Number(id) }),
    thrift(field),
  ]);
  return Buffer.concat([...fields, Buffer.of(0)]);
}

export const int = (value: number): Thrift => ({ int: value });

export interface PageParts {
  readonly kind: 'data' | 'dictionary' | 'data-v2';
  readonly values: number;
  readonly body: Uint8Array;
  readonly encoding?: number;
  /** How the definition levels of a page of version 1 are coded. */
  readonly levels?: number;
  readonly unpacked?: number;
  readonly packed?: number;
  readonly crc?: number;
  /** Of version 2: number of missing values, bytes of levels. */
  readonly nulls?: number;
  readonly levelBytes?: number;
}

export function page({
  kind,
  values,
  body,
  encoding = 0,
  levels = 3,
  unpacked,
  packed,
  crc,
  nulls,
  levelBytes,
}: PageParts): Buffer {
  const counts: Record<PageParts['kind'], Readonly<Record<number, Thrift>>> = {
    data: { 5: { struct: { 1: int(values), 2: int(encoding), 3: int(levels), 4: int(3) } } },
    dictionary: { 7: { struct: { 1: int(values), 2: int(encoding) } } },
    'data-v2': {
      8: {
        struct: {
          1: int(values),
          2: int(nulls ?? 0),
          3: int(values),
          4: int(encoding),
          5: int(levelBytes ?? 0),
          6: int(0),
        },
      },
    },
  };
  const header = {
    1: int({ data: 0, dictionary: 2, 'data-v2': 3 }[kind]),
    2: int(unpacked ?? body.length),
    3: int(packed ?? body.length),
    ...(crc === undefined ? {} : { 4: int(crc) }),
    ...counts[kind],
  };
  return Buffer.concat([thrift({ struct: header }), body]);
}

export interface ColumnParts {
  readonly name?: string;
  /** BOOLEAN 0, INT32 1, INT64 2, INT96 3, FLOAT 4, DOUBLE 5, BYTE_ARRAY 6, FIXED_LEN_BYTE_ARRAY 7. */
  readonly physical?: number;
  readonly optional?: boolean;
  /** Fields of the schema element, over those that are written. */
  readonly element?: Readonly<Record<number, Thrift>>;
  readonly pages: readonly Buffer[];
  readonly codec?: number;
  /** Fields of the chunk, and of its metadata, over those that are written. */
  readonly chunk?: Readonly<Record<number, Thrift>>;
  readonly metadata?: Readonly<Record<number, Thrift>>;
}

/** One group of rows. @param footer fields of the file's metadata, over those that are written */
export function parquetFile(
  rows: number,
  columns: readonly ColumnParts[],
  footer: Readonly<Record<number, Thrift>> = {},
): Buffer {
  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let at = 4;
  const chunks = columns.map(({ physical = 1, pages, codec = 0, name = 'a', chunk, metadata }): Struct => {
    const length = pages.reduce((sum, { length: one }) => sum + one, 0);
    const start = at;
    at += length;
    parts.push(...pages);
    const described = {
      1: int(physical),
      3: { list: [{ text: name }] },
      4: int(codec),
      5: int(rows),
      6: int(length),
      7: int(length),
      9: int(start),
      ...metadata,
    };
    return { struct: { 2: int(start), 3: { struct: described }, ...chunk } };
  });
  const schema: Struct[] = [
    { struct: { 4: { text: 'root' }, 5: int(columns.length) } },
    ...columns.map(({ physical = 1, optional, name = 'a', element }): Struct => {
      return { struct: { 1: int(physical), 3: int(optional === true ? 1 : 0), 4: { text: name }, ...element } };
    }),
  ];
  const metadata = thrift({
    struct: {
      1: int(2),
      2: { list: schema },
      3: int(rows),
      4: { list: [{ struct: { 1: { list: chunks }, 2: int(at - 4), 3: int(rows) } }] },
      ...footer,
    },
  });
  const tail = Buffer.alloc(8, 'PAR1');
  tail.writeUInt32LE(metadata.length, 0);
  tail.write('PAR1', 4);
  return Buffer.concat([...parts, metadata, tail]);
}
