// Each format is known by its bytes or its fields, and other bytes are not taken for it.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { sniff } from '../sniff/sniff.js';
import {
  checkpointIndex,
  field,
  flatBuffer,
  kerasMetadata,
  message,
  savedModel,
  tfGraph,
  tfMetaGraph,
  tfNode,
} from '../testing/index.js';
import { crc32c } from '../tensorflow/read-records.js';

const formatsOf = (bytes: Uint8Array): readonly string[] => parseBytes(sniff(bytes.length), bytes);
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const padded = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.alloc(200, 0xfe)]);
const fixed32 = (number: number): Uint8Array => Uint8Array.of(number * 8 + 5, 0, 0, 0x80, 0x3f);

function record(data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(data.length);
  const crc = crc32c(head.subarray(0, 8));
  head.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 8);
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

const layer = message(field(1, 'conv1'), field(2, 'Convolution'), field(3, 'data'));
const variable = message(field(1, 'w'), field(2, field(1, 7)));
const block = message(field(1, 0), field(2, 1), field(3, variable));
const calculator = message(
  field(1, 'face'),
  field(2, 'FaceDetectionCalculator'),
  field(3, 'in'),
  field(4, 'out'),
  field(7, 'x'),
);

describe('recognise', () => {
  it.each([
    ['tensorflow', savedModel()],
    ['tensorflow', tfMetaGraph()],
    ['tensorflow', tfGraph([tfNode('x', 'Placeholder')])],
    ['tensorflow', kerasMetadata('{}')],
    ['tensorflow', Buffer.concat([field(500, 'before'), savedModel()])],
    ['checkpoint-index', checkpointIndex([{ name: 'a', shard: 0, offset: 0, size: 4 }])],
    ['tfrecord', record(Buffer.from('data'))],
    [
      'tensorflow-fingerprint',
      message(field(1, 99), field(2, 98), field(3, 97), field(4, 96), field(6, field(1, 1)), field(7, '12345678')),
    ],
    ['sentencepiece', message(field(1, message(field(1, '<unk>'), fixed32(2), field(3, 2))), field(2, field(1, 'x')))],
    ['coreml', message(field(1, 5), field(2, field(1, message(field(1, 'x')))), field(500, 'layers'))],
    ['caffe', message(field(1, 'net'), field(100, layer))],
    ['caffe', message(field(1, 'net'), field(2, message(field(4, 'conv1'), field(5, 4))))],
    ['paddle', message(field(1, block), field(4, field(1, 0)))],
    ['cntk', message(field(1, 1), field(2, message(field(1, 'uid'), field(2, field(1, 1)))))],
    ['mediapipe', message(field(1, calculator), field(10, 'in'))],
    ['paddle-arrays', padded(hex('00000000 0000000000000000 00000000 06000000 080510201000'))],
    ['torch7', padded(hex('04000000 01000000 03000000 562031 0d000000 6e6e2e53657175656e7469616c'))],
    ['catboost', padded(Buffer.from('CBM1'))],
    ['tensorrt', padded(Buffer.from('ftrt'))],
    ['rknn', padded(Buffer.from('RKNN'))],
    ['ncnn', padded(hex('dd857600'))],
    ['mxnet-arrays', padded(hex('1201000000000000 0000000000000000'))],
    ['coreml-weights', padded(Buffer.concat([hex('01000000 02000000'), Buffer.alloc(56), hex('efbeadde')]))],
    ['cntk', padded(hex('42004300 4e00'))],
    ['mnn', flatBuffer({ 3: { tables: [{ 0: { number: 1, bytes: 4 } }] }, 7: { texts: ['input'] } }, '\0\0\0\0')],
  ])('%s', (format, bytes) => {
    expect(formatsOf(bytes)).toEqual([format]);
  });

  it.each([
    ['zeros', Buffer.alloc(200)],
    ['numbers', Buffer.from(Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)).buffer)],
    ['a short message', message(field(1, 8), field(2, 'x'))],
    ['random bytes', Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % 251))],
  ])('knows nothing in %s', (_name, bytes) => {
    expect(formatsOf(bytes)).toEqual([]);
  });
});
