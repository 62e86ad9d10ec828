// The types of elements, as far as a reader needs them: how large an element is, and whether it holds text, bytes or a
// reference to bytes elsewhere in the file.
import type { Cursor } from './file.js';
import { Damage } from './file.js';

export type TypeClass =
  | 'integer'
  | 'float'
  | 'time'
  | 'string'
  | 'bits'
  | 'opaque'
  | 'compound'
  | 'reference'
  | 'enum'
  | 'sequence'
  | 'text'
  | 'array'
  | 'complex';

export interface Datatype {
  /** `sequence` and `text` are of variable length: an element is a length and a place in a global heap. */
  readonly class: TypeClass;
  /** Bytes of one element. */
  readonly size: number;
  /** Of an array, an enumeration or a sequence. */
  readonly base?: Datatype;
  /** Elements of an array. */
  readonly count?: number;
  readonly members?: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly offset: number;
  readonly type: Datatype;
}

const CLASSES: readonly (TypeClass | undefined)[] = [
  'integer',
  'float',
  'time',
  'string',
  'bits',
  'opaque',
  'compound',
  'reference',
  'enum',
  'sequence',
  'array',
  'complex',
];
const MAX_DEPTH = 24;

export function readDatatype(cursor: Cursor, depth = 0): Datatype {
  if (depth > MAX_DEPTH) throw new Damage('a type is nested too deep');
  const head = cursor.number(1);
  const version = head >> 4;
  const bits = cursor.number(3);
  const size = cursor.number(4);
  const name = CLASSES[head & 15];
  if (name === undefined || version === 0 || version > 5) throw new Damage(`a type of class ${head & 15}`);
  switch (name) {
    case 'integer':
    case 'bits':
      cursor.skip(4);
      return { class: name, size };
    case 'float':
      cursor.skip(12);
      return { class: name, size };
    case 'time':
      cursor.skip(2);
      return { class: name, size };
    case 'opaque':
      cursor.skip(bits & 0xff);
      return { class: name, size };
    case 'sequence':
      return { class: (bits & 15) === 1 ? 'text' : 'sequence', size, base: readDatatype(cursor, depth + 1) };
    case 'compound':
      return { class: name, size, members: readMembers(cursor, version, bits & 0xffff, size, depth) };
    case 'enum':
      return readEnum(cursor, version, bits & 0xffff, size, depth);
    case 'array':
      return readArray(cursor, version, size, depth);
    case 'complex':
      return { class: name, size, base: readDatatype(cursor, depth + 1) };
    default:
      return { class: name, size };
  }
}

function readMembers(cursor: Cursor, version: number, count: number, size: number, depth: number): readonly Member[] {
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const name = readName(cursor, version);
    const offset = cursor.number(version >= 3 ? widthFor(size) : 4);
    let times = 1;
    if (version === 1) {
      const rank = cursor.number(1);
      cursor.skip(11);
      for (let side = 0; side < 4; side++) {
        const length = cursor.number(4);
        if (side < rank) times *= length;
      }
    }
    const type = readDatatype(cursor, depth + 1);
    members.push({ name, offset, type: times === 1 ? type : { class: 'array', size: type.size * times, base: type } });
  }
  return members;
}

function readEnum(cursor: Cursor, version: number, count: number, size: number, depth: number): Datatype {
  const base = readDatatype(cursor, depth + 1);
  for (let index = 0; index < count; index++) readName(cursor, version);
  cursor.skip(count * base.size);
  return { class: 'enum', size, base };
}

function readArray(cursor: Cursor, version: number, size: number, depth: number): Datatype {
  const rank = cursor.number(1);
  if (version < 3) cursor.skip(3);
  let count = 1;
  for (let side = 0; side < rank; side++) count *= cursor.number(4);
  if (version < 3) cursor.skip(4 * rank);
  return { class: 'array', size, count, base: readDatatype(cursor, depth + 1) };
}

// Before version 3, names fill up to a multiple of eight bytes.
function readName(cursor: Cursor, version: number): string {
  const start = cursor.at;
  const name = cursor.text();
  if (version < 3) cursor.skip((8 - ((cursor.at - start) % 8)) % 8);
  return name;
}

/** Bytes that hold any number up to `value`. */
export function widthFor(value: number): number {
  let width = 1;
  for (let rest = Math.floor(value / 256); rest >= 1; rest = Math.floor(rest / 256)) width += 1;
  return width;
}
