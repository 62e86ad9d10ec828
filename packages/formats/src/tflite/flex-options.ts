// The options of a Flex operator: a FlexBuffer of two texts, the name of a TensorFlow operator and its `NodeDef`. What runs
// is the `NodeDef`; the name before it is only what the custom operator is called. A FlexBuffer is read from its end.
import type { Parser } from '../bytes/parser.js';
import type { FlatBuffer, Vector } from '../flatbuffers/flat-buffer.js';
import { FlatBufferError } from '../flatbuffers/flat-buffer.js';

export interface FlexOptions {
  /** The operator that the definition names; empty where there is none. */
  readonly op: string;
  readonly start: number;
  readonly end: number;
}

const NONE: FlexOptions = { op: '', start: 0, end: 0 };
const TYPE = { text: 5, vector: 10, texts: 15, blob: 25 } as const;
const MAX_DEFINITION = 16 * 1024 * 1024;

export function* readFlexOptions(buffer: FlatBuffer, { start, length }: Vector): Parser<FlexOptions> {
  if (length < 4) return NONE;
  const end = start + length;
  const within = (at: number): number => {
    if (!(at >= start && at < end)) throw new FlatBufferError('options of an operator point outside themselves');
    return at;
  };
  const tail = yield* buffer.bytes(end - 2, 2);
  const width = widthOf(tail[1] ?? 0);
  const rootWidth = widthOf(1 << ((tail[0] ?? 0) & 3));
  if ((tail[0] ?? 0) >> 2 !== TYPE.vector && (tail[0] ?? 0) >> 2 !== TYPE.texts) return NONE;
  const rootAt = within(end - 2 - width);
  const root = within(rootAt - (yield* buffer.number(rootAt, width)));
  const count = yield* buffer.number(within(root - rootWidth), rootWidth);
  if (count < 2 || count > 16) return NONE;
  const texts: Vector[] = [];
  for (let index = 0; index < count; index++) {
    const at = within(root + index * rootWidth);
    const text = within(at - (yield* buffer.number(at, rootWidth)));
    const packed =
      (tail[0] ?? 0) >> 2 === TYPE.vector ? yield* buffer.number(within(root + count * rootWidth + index), 1) : 20;
    const textWidth = widthOf(1 << (packed & 3));
    const size = yield* buffer.number(within(text - textWidth), textWidth);
    within(text + Math.max(0, size - 1));
    texts.push({ start: text, length: size });
  }
  const definition = texts[1] ?? { start: 0, length: 0 };
  if (definition.length > MAX_DEFINITION) throw new FlatBufferError('the definition of an operator is too long');
  const bytes = yield* buffer.bytes(definition.start, definition.length);
  return { op: opOf(bytes), start: definition.start, end: definition.start + definition.length };
}

function widthOf(bytes: number): 1 | 2 | 4 | 8 {
  if (bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8) return bytes;
  throw new FlatBufferError('options of an operator have no valid width');
}

/** Field 2 of a `NodeDef`, the last one if there are several. */
function opOf(bytes: Uint8Array): string {
  let op = '';
  for (let at = 0; at < bytes.length;) {
    const key = bytes[at++] ?? 0;
    if ((key & 7) !== 2) break;
    let length = 0;
    for (let shift = 0; shift < 35 && at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (key >> 3 === 2) op = Buffer.from(bytes.subarray(at, at + Math.min(length, 200))).toString('utf8');
    at += length;
  }
  return op;
}
