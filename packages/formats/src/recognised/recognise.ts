// Formats of models that are known when they are seen: by fixed bytes, by the end of the file, or by the fields of a
// protobuf message, never by name. What only is recognised is said to be so, instead of being taken for unknown.
import type { Parser } from '../bytes/parser.js';
import type { RecognisedFormat } from './formats.js';
import { protobufFormat } from './protobuf-shapes.js';
import { isTable } from '../tensorflow/read-table.js';
import { isRecordFile } from '../tensorflow/read-records.js';
import { tensorflowKinds } from '../tensorflow/shapes.js';
import { looksLikeMnn } from './mnn.js';

interface Row {
  readonly format: RecognisedFormat;
  readonly at: number;
  readonly bytes: string;
}

const ROWS: readonly Row[] = [
  { format: 'ort', at: 4, bytes: '4f52544d' },
  { format: 'catboost', at: 0, bytes: '43424d31' },
  { format: 'tensorrt', at: 0, bytes: '66747274' },
  { format: 'tensorrt', at: 0, bytes: '70747274' },
  { format: 'rknn', at: 0, bytes: '524b4e4e' },
  { format: 'mxnet-arrays', at: 0, bytes: '12010000000000000000000000000000' },
  { format: 'ncnn', at: 0, bytes: 'dd857600' },
  { format: 'coreml-weights', at: 64, bytes: 'efbeadde' },
  { format: 'cntk', at: 0, bytes: '420043004e00' },
];

/** @param head the first 4 KiB */
export function* recognise(size: number, head: Uint8Array): Parser<readonly RecognisedFormat[]> {
  const found = new Set<RecognisedFormat>();
  for (const { format, at, bytes } of ROWS)
    if (
      Buffer.from(head.buffer, head.byteOffset, head.byteLength)
        .subarray(at, at + bytes.length / 2)
        .toString('hex') === bytes
    )
      found.add(format);
  if (isTorch7(head)) found.add('torch7');
  if (isPaddleArrays(head)) found.add('paddle-arrays');
  if (yield* isTable(size)) found.add('checkpoint-index');
  if (yield* isRecordFile(size)) found.add('tfrecord');
  if (found.size === 0 && (yield* looksLikeMnn(size))) found.add('mnn');
  if ((yield* tensorflowKinds(size)).length > 0) found.add('tensorflow');
  else {
    const shape = yield* protobufFormat(size);
    if (shape !== undefined) found.add(shape);
  }
  return [...found];
}

/** Torch 7 writes numbers as four bytes: an object or a table, and somewhere early the version of a class of `torch` or `nn`. */
function isTorch7(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 24 || bytes.readInt32LE(4) !== 1) return false;
  const kind = bytes.readInt32LE(0);
  if (kind !== 3 && kind !== 4) return false;
  const version = bytes.indexOf('\x03\0\0\0V 1', 0, 'latin1');
  return version >= 0 && /^.{4}(?:torch|nn|cudnn|cunn)\.\w/s.test(bytes.toString('latin1', version + 7, version + 40));
}

/** Tensors of PaddlePaddle, one behind the other: version 0, no levels, version 0, and a description of a few bytes. */
function isPaddleArrays(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 24 || bytes.subarray(0, 16).some((byte) => byte !== 0)) return false;
  const length = bytes.readInt32LE(16);
  // Field 1 is the type of the elements, field 2 a dimension.
  return (
    length >= 2 && length <= 128 && bytes[20] === 8 && (bytes[21] ?? 255) < 32 && (length === 2 || bytes[22] === 16)
  );
}
