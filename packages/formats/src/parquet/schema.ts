// The columns of a Parquet schema: its leaves, with how many levels say that a value is missing. A leaf below a list or a
// map has any number of values a row; it is named, and not read.
import type { SchemaElement } from './metadata.js';
import { ThriftError } from './thrift.js';

const MAX_DEPTH = 64;

export interface Leaf {
  /** `a.b` for a field of a group. */
  readonly name: string;
  readonly element: SchemaElement;
  /** Definition level of a value that is there. */
  readonly maxLevel: number;
  readonly repeated: boolean;
}

const OPTIONAL = 1;
const REPEATED = 2;

/** @throws ThriftError when the tree does not add up */
export function leavesOf(schema: readonly SchemaElement[]): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const [root] = schema;
  const open = [{ left: root?.children ?? 0, name: '', maxLevel: 0, repeated: false }];
  for (const element of schema.slice(1)) {
    const parent = open.at(-1);
    if (parent === undefined) throw new ThriftError('the schema has more fields than it says');
    parent.left -= 1;
    const name = parent.name === '' ? element.name : `${parent.name}.${element.name}`;
    const maxLevel = parent.maxLevel + (element.repetition === OPTIONAL || element.repetition === REPEATED ? 1 : 0);
    const repeated = parent.repeated || element.repetition === REPEATED;
    if (element.repetition < 0 || element.repetition > REPEATED)
      throw new ThriftError('a field of the schema has no valid repetition');
    if (element.physical === undefined || element.children > 0) {
      if (element.children < 0 || open.length > MAX_DEPTH)
        throw new ThriftError('the schema is nested deeper than allowed');
      open.push({ left: element.children, name, maxLevel, repeated });
    } else leaves.push({ name, element, maxLevel, repeated });
    while (open.at(-1)?.left === 0) open.pop();
  }
  if (open.length > 0 && !(schema.length === 1 && root?.children === 0))
    throw new ThriftError('the schema has fewer fields than it says');
  return leaves;
}
