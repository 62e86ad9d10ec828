// The footer of a Parquet file (parquet-format, parquet.thrift): its schema, and where each column of each group of rows
// lies. All of it is a claim; what is used is checked here against the size of the file, later against the pages.
import type { Field } from './thrift.js';
import { Thrift, THRIFT, ThriftError } from './thrift.js';

const MAX_ELEMENTS = 2 ** 20;
const MAX_GROUPS = 2 ** 20;
/** Column chunks of all groups of rows. */
const MAX_CHUNKS = 2 ** 22;

export type Unit = 'MILLIS' | 'MICROS' | 'NANOS';

/** A logical type, from the newer or the older of the two fields that say it. */
export interface Logical {
  readonly name: string;
  readonly unit?: Unit;
  readonly signed?: boolean;
}

export interface SchemaElement {
  readonly name: string;
  /** Undefined for a group. */
  readonly physical: number | undefined;
  readonly length: number;
  readonly repetition: number;
  readonly children: number;
  readonly logical: Logical | undefined;
  readonly scale: number;
}

export interface ColumnChunk {
  readonly physical: number;
  readonly codec: number;
  readonly values: number;
  readonly start: number;
  readonly firstDataPage: number;
  readonly packed: number;
  readonly unpacked: number;
  /** Missing values, where the footer counts them. */
  readonly nulls: number | undefined;
  readonly elsewhere: boolean;
  readonly encrypted: boolean;
}

export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
}

export interface FileMetadata {
  readonly rows: number;
  readonly schema: readonly SchemaElement[];
  readonly groups: readonly RowGroup[];
  readonly encrypted: boolean;
}

const CONVERTED: readonly Logical[] = [
  { name: 'STRING' },
  { name: 'MAP' },
  { name: 'MAP_KEY_VALUE' },
  { name: 'LIST' },
  { name: 'ENUM' },
  { name: 'DECIMAL' },
  { name: 'DATE' },
  { name: 'TIME', unit: 'MILLIS' },
  { name: 'TIME', unit: 'MICROS' },
  { name: 'TIMESTAMP', unit: 'MILLIS' },
  { name: 'TIMESTAMP', unit: 'MICROS' },
  ...[8, 16, 32, 64].map((bits) => ({ name: `UINT${bits}`, signed: false })),
  ...[8, 16, 32, 64].map((bits) => ({ name: `INT${bits}`, signed: true })),
  { name: 'JSON' },
  { name: 'BSON' },
  { name: 'INTERVAL' },
];
const LOGICAL: readonly (string | undefined)[] =
  ', STRING, MAP, LIST, ENUM, DECIMAL, DATE, TIME, TIMESTAMP, , INT, NULL, JSON, BSON, UUID, FLOAT16, VARIANT, GEOMETRY, GEOGRAPHY'
    .split(', ')
    .map((name) => (name === '' ? undefined : name));
const UNITS: readonly (Unit | undefined)[] = [undefined, 'MILLIS', 'MICROS', 'NANOS'];

/** @throws ThriftError when it is broken or beyond what is read */
export function readMetadata(bytes: Uint8Array): FileMetadata {
  const input = new Thrift(bytes);
  const schema: SchemaElement[] = [];
  const groups: RowGroup[] = [];
  let rows = -1;
  let encrypted = false;
  let chunks = 0;
  input.struct((id, type) => {
    if (id === 2 && type === THRIFT.list) input.list(MAX_ELEMENTS, () => schema.push(readElement(input)));
    else if (id === 3) rows = input.integer();
    else if (id === 4 && type === THRIFT.list)
      input.list(MAX_GROUPS, () => {
        const group = readGroup(input, MAX_CHUNKS - chunks);
        chunks += group.chunks.length;
        groups.push(group);
      });
    else {
      if (id === 8) encrypted = true;
      return false;
    }
    return true;
  });
  if (rows < 0 || schema.length === 0) throw new ThriftError('it has no schema or no count of rows');
  return { rows, schema, groups, encrypted };
}

function readElement(input: Thrift): SchemaElement {
  let name = '';
  let physical: number | undefined;
  let logical: Logical | undefined;
  const numbers = new Map<number, number>();
  let decimal: number | undefined;
  input.struct((id, type) => {
    if (id === 4) name = input.text();
    else if (id === 1) physical = input.integer();
    else if ([2, 3, 5, 6, 7].includes(id)) numbers.set(id, input.integer());
    else if (id === 10 && type === THRIFT.struct) ({ logical, scale: decimal } = readLogical(input));
    else return false;
    return true;
  });
  logical ??= CONVERTED[numbers.get(6) ?? -1];
  const scale = decimal ?? numbers.get(7) ?? 0;
  const [length = 0, repetition = 0, children = 0] = [2, 3, 5].map((id) => numbers.get(id));
  return { name, physical, length, repetition, children, logical, scale };
}

function readLogical(input: Thrift): { logical: Logical | undefined; scale: number | undefined } {
  let logical: Logical | undefined;
  let scale: number | undefined;
  input.struct((kind, type) => {
    if (type !== THRIFT.struct) return false;
    const name = LOGICAL[kind] ?? `LOGICAL_${kind}`;
    let unit: Unit | undefined;
    let bits = 0;
    let signed = false;
    input.struct((id, inner) => {
      if (name === 'DECIMAL' && id === 1) scale = input.integer();
      else if (name === 'INT' && id === 1) bits = input.byte();
      else if (name === 'INT' && id === 2) signed = inner === THRIFT.true;
      else if ((name === 'TIME' || name === 'TIMESTAMP') && id === 2 && inner === THRIFT.struct)
        input.struct((which) => {
          unit = UNITS[which];
          return false;
        });
      else return false;
      return true;
    });
    if (name === 'INT') logical = { name: `${signed ? 'INT' : 'UINT'}${bits}`, signed };
    else logical = unit === undefined ? { name } : { name, unit };
    return true;
  });
  return { logical, scale };
}

function readGroup(input: Thrift, maxChunks: number): RowGroup {
  const chunks: ColumnChunk[] = [];
  let rows = -1;
  input.struct((id, type) => {
    if (id === 1 && type === THRIFT.list) input.list(maxChunks, () => chunks.push(readChunk(input)));
    else if (id === 3) rows = input.integer();
    else return false;
    return true;
  });
  if (rows < 0) throw new ThriftError('a group of rows does not say how many they are');
  return { rows, chunks };
}

function readChunk(input: Thrift): ColumnChunk {
  const numbers = new Map<number, number>();
  let nulls: number | undefined;
  let elsewhere = false;
  let encrypted = false;
  const statistics: Field = (id) => {
    if (id !== 3) return false;
    nulls = input.integer();
    return true;
  };
  const metadata: Field = (id, type) => {
    if ([1, 4, 5, 6, 7, 9, 11].includes(id)) numbers.set(id, input.integer());
    else if (id === 12 && type === THRIFT.struct) input.struct(statistics);
    else return false;
    return true;
  };
  input.struct((id, type) => {
    if (id === 8 || id === 9) encrypted = true;
    if (id === 1 && type === THRIFT.binary) elsewhere = input.binary().length > 0;
    else if (id === 3 && type === THRIFT.struct) input.struct(metadata);
    else return false;
    return true;
  });
  const at = (id: number): number => {
    const value = numbers.get(id);
    if (value === undefined && !encrypted) throw new ThriftError('a column chunk is not fully described');
    return value ?? 0;
  };
  const dictionary = numbers.get(11) ?? 0;
  const firstDataPage = at(9);
  return {
    physical: at(1),
    codec: at(4),
    values: at(5),
    unpacked: at(6),
    packed: at(7),
    firstDataPage,
    start: dictionary > 0 && dictionary < firstDataPage ? dictionary : firstDataPage,
    nulls,
    elsewhere,
    encrypted,
  };
}
