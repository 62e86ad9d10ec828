// The header in front of every page of a column.
import { Thrift, THRIFT, ThriftError } from './thrift.js';

export interface PageHeader {
  readonly kind: 'data' | 'data-v2' | 'dictionary' | 'other';
  readonly packed: number;
  readonly unpacked: number;
  /** CRC-32 of the page as it stands in the file. */
  readonly crc: number | undefined;
  readonly values: number;
  readonly encoding: number;
  /** Version 1: how the definition levels are coded. */
  readonly levels: number;
  /** Version 2. */
  readonly nulls: number;
  readonly rows: number;
  readonly levelBytes: number;
  readonly repetitionBytes: number;
  readonly compressed: boolean;
}

const KINDS = ['data', 'other', 'dictionary', 'data-v2'] as const;
/** The structure that belongs to each kind, by its field. */
const FIELD = { data: 5, dictionary: 7, 'data-v2': 8, other: 6 } as const;

/** @returns the header, and its length @throws ThriftError */
export function readPageHeader(bytes: Uint8Array): { header: PageHeader; length: number } {
  const input = new Thrift(bytes);
  const outer = new Map<number, number>();
  const inner = new Map<number, number>();
  const seen = new Set<number>();
  let compressed = true;
  input.struct((id, type) => {
    if (id >= 1 && id <= 4) outer.set(id, input.integer());
    else if (type === THRIFT.struct && (id === 5 || id === 7 || id === 8)) {
      seen.add(id);
      input.struct((field, kind) => {
        if (id === 8 && field === 7) compressed = kind !== THRIFT.false;
        if (field > 7 || kind === THRIFT.true || kind === THRIFT.false || kind >= THRIFT.binary) return false;
        inner.set(id * 16 + field, input.integer());
        return true;
      });
    } else return false;
    return true;
  });
  const kind = KINDS[outer.get(1) ?? -1];
  const [packed, unpacked] = [outer.get(3) ?? -1, outer.get(2) ?? -1];
  if (kind === undefined || packed < 0 || unpacked < 0) throw new ThriftError('a page has no valid header');
  const field = FIELD[kind];
  if (kind !== 'other' && !seen.has(field)) throw new ThriftError('a page has no valid header');
  const of = (id: number): number => inner.get(field * 16 + id) ?? 0;
  const v2 = kind === 'data-v2';
  const crc = outer.get(4);
  const header: PageHeader = {
    kind,
    packed,
    unpacked,
    crc: crc === undefined ? undefined : crc >>> 0,
    values: of(1),
    encoding: of(v2 ? 4 : 2),
    levels: of(3),
    nulls: v2 ? of(2) : 0,
    rows: v2 ? of(3) : 0,
    levelBytes: v2 ? of(5) : 0,
    repetitionBytes: v2 ? of(6) : 0,
    compressed,
  };
  if ([header.values, header.nulls, header.rows, header.levelBytes, header.repetitionBytes].some((n) => n < 0))
    throw new ThriftError('a page has a negative count');
  return { header, length: input.pos };
}
