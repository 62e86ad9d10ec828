// By content, never by name: each format is told, and texts that look like programs stay texts.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { onnxModel, pickle, safetensors, zip } from '../testing/index.js';
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
