// By content, never by name: each format is told, and texts that look like programs stay texts.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { onnxModel, PACKED, pickle, safetensors, tar, zip } from '../testing/index.js';
import { sniff } from './sniff.js';

const told = (bytes: Uint8Array): readonly string[] => parseBytes(sniff(bytes.length), bytes);
const text = (value: string): Uint8Array => Buffer.from(value);
const attack = pickle().global('os', 'system').op('MARK').line('x').op('TUPLE').op('REDUCE').stop();

describe('sniff', () => {
  it.each([
    ['pickle, protocol 4', pickle().proto(4).int(1).stop(), ['pickle']],
    ['pickle, protocol 0, which is text too', attack, ['text', 'pickle']],
    ['pickle, protocol 1', pickle().op('EMPTY_LIST').int(7).op('APPEND').stop(), ['pickle']],
    ['zip', zip([{ name: 'a', data: text('x') }]), ['zip']],
    [
      'zip behind a picture',
      Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), zip([{ name: 'a', data: text('x') }])]),
      ['png', 'zip'],
    ],
    ['onnx', onnxModel(), ['onnx']],
    ['safetensors', safetensors({}, new Uint8Array(0)), ['safetensors']],
    ['json', text('{"a": 1}'), ['text', 'json']],
    ['text', text('Grüße\n'), ['text']],
    ['a text that names os.system', text('cos is a word. os.system("x") is dangerous.\n'), ['text']],
    ['a licence', text('(c) Copyright 2024 Somebody\nPermission is granted\nReally.\n'), ['text']],
    ['a text that starts like data', text('N.B. this is a note.\n'), ['text']],
    ['nothing', new Uint8Array(0), ['text']],
    ['a script', text('#!/bin/sh\necho\n'), ['script', 'text']],
    ['gzip', Buffer.from('1f8b0800', 'hex'), ['gzip']],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), ['7z']],
    ['tar', Buffer.concat([Buffer.alloc(257), text('ustar\0'), Buffer.alloc(300)]), ['tar']],
    ['hdf5', Buffer.from('894844460d0a1a0a00', 'hex'), ['hdf5']],
    ['gguf', text('GGUF\x03\0\0\0'), ['gguf']],
    ['a tar without a mark', tar([{ name: 'a', magic: 'none' }]), ['tar']],
    ['a tar whose last entry is a zip', tar([{ name: 'a.zip', data: zip([{ name: 'a', data: text('x') }]) }]), ['tar']],
    ['a tar whose first entry is HDF5', tar([{ name: 'a', data: Buffer.from('894844460d0a1a0a00', 'hex') }]), ['tar']],
    [
      'a zip behind a tar',
      Buffer.concat([tar([{ name: 'a' }]), zip([{ name: 'a', data: text('x') }])]),
      ['tar', 'zip'],
    ],
    [
      'a zip behind a picture that only 64-bit fields describe',
      Buffer.concat([
        Buffer.from('89504e470d0a1a0a', 'hex'),
        zip([{ name: 'a', data: text('x') }], {
          end64: {},
          end: { count: 0xffff, size: 0xffffffff, offset: 0xffffffff },
        }),
      ]),
      ['png', 'zip'],
    ],
    ['zlib', PACKED.text.zlib, ['zlib']],
    ['zlib with another window', PACKED.text['zlib with a small window'], ['zlib']],
    ["joblib's old form", PACKED.text["joblib's old form"], ['zfile']],
    ['a text that begins like zlib', text('x^2 is a square, and h^3 is a cube\n'), ['text']],
    ['numbers that begin like zlib', Buffer.from('789c00ffffffff00112233445566778899aabbcc', 'hex'), []],
    ['the old form of LZMA', PACKED.text.lzma, ['lzma']],
    ['bzip2', PACKED.text.bzip2, ['bzip2']],
    ['xz', PACKED.text.xz, ['xz']],
    ['lz4', PACKED.text.lz4, ['lz4']],
    [
      'lz4 behind a skippable frame',
      Buffer.concat([Buffer.from('502a4d1801000000ff', 'hex'), PACKED.text.lz4]),
      ['lz4'],
    ],
    ['compress', Buffer.from('1f9d90616263', 'hex'), ['compress']],
    ['a Java class', Buffer.from('cafebabe00000034000a', 'hex'), ['java-class']],
    ['a Mach-O file for two processors', Buffer.from('cafebabe00000002010000070000', 'hex'), ['mach-o']],
    ['WebAssembly', Buffer.from('0061736d01000000', 'hex'), ['wasm']],
    ['Dalvik bytecode', text('dex\n035\0rest'), ['dex']],
    ['bytecode of Python 3.12', Buffer.from('cb0d0d0a000000000000e3', 'hex'), ['python-bytecode']],
    ['bytecode of Python 2.7', Buffer.from('03f30d0a0000000063000000', 'hex'), ['python-bytecode']],
    ['UTF-16', Buffer.from('\ufeffGr\u00fc\u00dfe\n', 'utf16le'), ['utf-16']],
    ['UTF-16, the high byte first', Buffer.from('\ufeffhallo', 'utf16le').swap16(), ['utf-16']],
    ['UTF-16 with a control character', Buffer.from('\ufeffa\u0001b', 'utf16le'), []],
    ['a program whose first letters are those of a picture', text('GIF89a = 1\nprint(GIF89a)\n'), ['gif', 'text']],
    ['a disk image', Buffer.concat([Buffer.alloc(32769), text('CD001'), Buffer.alloc(100)]), ['iso']],
    ['other bytes', Buffer.from('00010203fffefdfc', 'hex'), []],
    ['raw numbers that begin like an extension code', Buffer.from('830102ff0001', 'hex'), []],
    ['an extension code that is called', Buffer.from('82012952', 'hex'), ['pickle']],
    ['an extension code in a whole pickle', Buffer.from('82012e', 'hex'), ['pickle']],
  ])('%s', (_name, bytes, expected) => {
    expect(told(bytes)).toEqual(expected);
  });

  it('finds a call behind ten thousand harmless opcodes of protocol 0', () => {
    const stream = pickle();
    for (let index = 0; index < 10_000; index++) stream.raw(Buffer.from('I1\n0'));
    expect(told(stream.raw(attack).done())).toContain('pickle');
  });

  it('judges UTF-8 across the border of two pieces', () => {
    expect(told(Buffer.concat([Buffer.alloc(1024 * 1024 - 1, 'a'), text('üü')]))).toEqual(['text']);
    expect(told(Buffer.concat([Buffer.alloc(1024 * 1024, 'a'), Buffer.from([0xc3])]))).toEqual([]);
  });
});
