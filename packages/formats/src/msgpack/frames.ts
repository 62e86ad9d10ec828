// The lists and maps that are open while MessagePack is walked: how many values are still to come, which keys a map has
// had, and the few values that tell an array of msgpack-numpy.
import type { MsgpackArray } from './arrays.js';
import { sizeProblem, widthOfType } from './arrays.js';

/** One value, by what it is and where it lies; small texts, byte strings and numbers with their content. */
export interface Seen {
  readonly kind: 'plain' | 'text' | 'bytes' | 'list' | 'map' | 'extension';
  readonly offset: number;
  readonly length: number;
  /** The content of a text or byte string of at most 64 bytes, as Latin-1. */
  readonly text?: string;
  readonly value?: number | bigint | boolean | null;
  /** Numbers of a list of at most 64 that holds nothing else. */
  readonly numbers?: readonly bigint[];
}

export interface Frame {
  readonly map: boolean;
  readonly offset: number;
  left: number;
  /** Of a map, the key whose value comes next. */
  key: Seen | undefined;
  keys: Set<string> | undefined;
  /** Values by the names that tell an array; undefined for maps that are too large for one. */
  readonly told: Map<string, Seen> | undefined;
  numbers: bigint[] | undefined;
}

/** A map of msgpack-numpy has at most five entries. */
const ARRAY_VALUES = 16;
const ARRAY_KEYS: ReadonlySet<string> = new Set(['nd', 'type', 'kind', 'shape', 'data']);

export function openFrame(map: boolean, count: number, offset: number): Frame {
  return {
    map,
    offset,
    left: count,
    key: undefined,
    keys: undefined,
    told: map && count <= ARRAY_VALUES ? new Map() : undefined,
    numbers: !map && count <= 64 ? [] : undefined,
  };
}

/** What makes two keys the same for a reader that has one dictionary; undefined for keys that are not compared. */
export function keyName(seen: Seen): string | undefined {
  if (seen.text !== undefined) return `${seen.kind} ${seen.text}`;
  if (seen.kind !== 'plain') return undefined;
  return `plain ${String(seen.value)}`;
}

/** Takes a value into the list or map that is open. */
export function tell(frame: Frame, seen: Seen): void {
  if (!frame.map) {
    if (seen.kind === 'plain' && (typeof seen.value === 'bigint' || Number.isInteger(seen.value)))
      frame.numbers?.push(BigInt(seen.value as number | bigint));
    else frame.numbers = undefined;
    return;
  }
  const name = frame.key?.text;
  if (name !== undefined && ARRAY_KEYS.has(name)) frame.told?.set(name, seen);
}

/** The array of msgpack-numpy that a map is, when it is one. */
export function arrayOf({ told, offset }: Frame): MsgpackArray | undefined {
  const nd = told?.get('nd');
  const data = told?.get('data');
  if (told === undefined || nd === undefined || data === undefined) return undefined;
  const kind = told.get('kind')?.text;
  const type = told.get('type');
  const dtype = type?.text ?? '';
  const objects = kind === 'O' || /^[|<>=]?O/.test(dtype);
  const common = { writer: 'msgpack-numpy', offset, dtype, dataOffset: data.offset, dataLength: data.length } as const;
  if (objects) return { ...common, objects };
  const shape = nd.value === true ? told.get('shape')?.numbers : [1n];
  // The type of a record is a list of fields; its numbers are not added up here.
  if (kind === 'V' || type?.kind === 'list') return { ...common, objects };
  const problem = shape === undefined ? 'it has no shape' : sizeProblem(shape, widthOfType(dtype), data.length, dtype);
  return problem === undefined ? { ...common, objects } : { ...common, objects, problem };
}
