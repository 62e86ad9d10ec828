// Pickles whose constants carry something else: a further pickle behind an encoding or a compression, compiled Python in the
// layouts of several versions, a program, Python source behind an encoding. Inert: bytes only.
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { pickle, zip } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const data = pickle().proto(2).op('EMPTY_DICT').str('note').str('text').op('SETITEM').stop();
const source = Buffer.from('import os\nos.system("id")\n');
const prose = 'a long text of many words that compresses well, and of many words it has many. '.repeat(4);

const bytes = (value: Uint8Array): Uint8Array => pickle().proto(3).bytes(value).stop();
const text = (value: string): Uint8Array => pickle().proto(2).str(value).stop();
const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
const u32 = (...values: readonly number[]): Uint8Array => {
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => void buffer.writeUInt32LE(value, 4 * index));
  return buffer;
};

/** The start of a marshalled code object with so many counts before its bytes of code. */
function marshalled(counts: number, type = 0xe3): Uint8Array {
  const numbers = Array.from({ length: counts }, (_, index) => (index === counts - 1 ? 0x43 : index % 3));
  const code = Buffer.from('970064005301', 'hex');
  return Buffer.concat([Buffer.of(type), u32(...numbers), Buffer.of(0xf3), u32(code.length), code, Buffer.alloc(12)]);
}

const pyc = Buffer.concat([Buffer.from('a70d0d0a', 'hex'), Buffer.alloc(12), marshalled(5)]);
const elf = Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(57)]);
const pe = Buffer.alloc(256);
pe.write('MZ', 0, 'latin1');
pe.writeUInt32LE(128, 60);
pe.write('PE\0\0', 128, 'latin1');

/** STRING of protocol 0 with every byte as an escape. */
const escaped = (value: Uint8Array): Uint8Array =>
  pickle()
    .line([...value].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''))
    .stop();

const octet = (value: Uint8Array): Uint8Array => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.of(0x80, 5, 0x96), length, value, Buffer.of(0x2e)]);
};

export const CONSTANT_ATTACKS: readonly AttackClass[] = [
  {
    name: 'pickles in compressed constants',
    attacks: {
      zlib: bytes(deflateSync(shell)),
      'zlib with another window': bytes(deflateSync(shell, { windowBits: 9 })),
      gzip: bytes(gzipSync(shell)),
      'zlib in base64': text(base64(deflateSync(shell))),
      'gzip in hexadecimal': text(gzipSync(shell).toString('hex')),
      'gzip in zlib': bytes(deflateSync(gzipSync(shell))),
      'base64 in zlib': bytes(deflateSync(Buffer.from(base64(shell)))),
      'a zip': bytes(zip([{ name: 'a.pkl', data: shell }])),
      'in a pickle in a pickle': bytes(bytes(deflateSync(bytes(shell)))),
    },
    clean: {
      'compressed data': bytes(deflateSync(data)),
      'compressed text': bytes(gzipSync(Buffer.from(prose))),
      'bytes that only start as zlib': bytes(Buffer.from('789cffffffffffffffffffffffff', 'hex')),
      'raw deflate': bytes(deflateRawSync(data)),
    },
  },
  {
    name: 'pickles in encoded constants',
    attacks: {
      'base64 twice': text(base64(Buffer.from(base64(shell)))),
      'base64 in hexadecimal': text(Buffer.from(base64(shell)).toString('hex')),
      'base64 for URLs': text(Buffer.from(shell).toString('base64url')),
      'base64 in lines': text(base64(shell).replace(/(.{20})/g, '$1\n')),
      'base64 in bytes': bytes(Buffer.from(base64(shell))),
      'characters for bytes': text(Buffer.from(shell).toString('latin1')),
      'escapes in protocol 0': escaped(shell),
      'a bytearray': octet(shell),
    },
    clean: {
      'a harmless pickle in base64': text(base64(data)),
      'a harmless pickle in a bytearray': octet(data),
      'a long identifier': text('model_layers_attention_self_query_weight_of_the_first_block'),
      'a digest': text('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'),
    },
  },
  {
    name: 'code in constants',
    attacks: {
      'marshal of Python 2': bytes(marshalled(4, 0x63)),
      'marshal of Python 3.6': bytes(marshalled(5)),
      'marshal of Python 3.8': bytes(marshalled(6)),
      'marshal in base64': text(base64(marshalled(5))),
      'marshal in zlib': bytes(deflateSync(marshalled(5))),
      'marshal in a tuple': bytes(Buffer.concat([Buffer.of(0xa9, 1), marshalled(5)])),
      'a compiled module': bytes(pyc),
      'source in base64': text(base64(source)),
      'source in hexadecimal': text(source.toString('hex')),
      'source in zlib': bytes(deflateSync(source)),
      'source in base64 twice': text(base64(Buffer.from(base64(source)))),
      'a program for Linux': bytes(elf),
      'a program for Windows': bytes(pe),
      'a program in base64': text(base64(elf)),
    },
    clean: {
      'a text about code': text('Call os.system only where you must, and never exec what you read.'),
      'prose in base64': text(base64(Buffer.from(prose))),
      'numbers that start like code': bytes(Buffer.from(`e3${'ff'.repeat(60)}`, 'hex')),
      'letters that start like a program': bytes(Buffer.from('MZ is how some words begin, as everybody knows by now')),
    },
  },
];
