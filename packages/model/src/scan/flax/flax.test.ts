// MessagePack: attacks, clean twins, files of the real libraries, and hostile bytes.
import { flaxArray, Extension, msgpack, numpyArray, Pairs, pickle } from '@vallum/formats/testing';
import type { Packed } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { holdAgainst } from '../testing/attack-tables.js';
import { holdRealFiles } from '../testing/real-files.js';
import { verdictOf } from '../testing/scan-bytes.js';
import real from '../testing/flax-files.json' with { type: 'json' };

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const harmless = pickle().proto(2).op('EMPTY_DICT').str('a').int(1).op('SETITEM').stop();
const floats = (count: number): Uint8Array => new Uint8Array(count * 4);
const weights = {
  params: { kernel: flaxArray([2, 2], 'float32', floats(4)), bias: flaxArray([2], 'float32', floats(2)) },
};
const checkpoint = (extra: { readonly [key: string]: Packed } = {}): Uint8Array => msgpack({ ...weights, ...extra });

describe('msgpack', () => {
  holdAgainst('flax_model.msgpack', [
    {
      what: 'an array of objects of msgpack-numpy, which is a pickle',
      rule: 'VLM-PKL-001',
      attack: msgpack({ weights: numpyArray('O', [['', '|O']], [1], shell) }),
      clean: msgpack({ weights: numpyArray('', '<f4', [2, 2], floats(4)) }),
    },
    {
      what: 'an array of objects whose pickle is harmless',
      rule: 'VLM-MSG-001',
      attack: msgpack({ weights: numpyArray('O', [['', '|O']], [1], harmless) }),
      clean: msgpack({ weights: numpyArray('', '|u1', [4], new Uint8Array(4)) }),
    },
    {
      what: 'a program as a text',
      rule: 'VLM-MSG-006',
      attack: checkpoint({ restore: "__import__('os').system('id')" }),
      clean: checkpoint({ restore: 'import the weights first; os.system is not used' }),
    },
    {
      what: 'a pickle in a byte string',
      rule: 'VLM-PKL-014',
      attack: checkpoint({ optimizer: shell }),
      clean: checkpoint({ optimizer: harmless }),
    },
    {
      what: 'a pickle in base64',
      rule: 'VLM-PKL-014',
      attack: checkpoint({ note: Buffer.from(shell).toString('base64') }),
      clean: checkpoint({ note: Buffer.from(harmless).toString('base64') }),
    },
    {
      what: 'a pickle as the data of an array',
      rule: 'VLM-PKL-014',
      attack: msgpack({ a: flaxArray([shell.length], 'uint8', shell) }),
      clean: msgpack({ a: flaxArray([harmless.length], 'uint8', harmless) }),
    },
    {
      what: 'an array of Flax whose type is object',
      rule: 'VLM-MSG-002',
      attack: msgpack({ a: flaxArray([1], 'object', new Uint8Array(8)) }),
      clean: msgpack({ a: flaxArray([1], 'int64', new Uint8Array(8)) }),
    },
    {
      what: 'an array whose shape needs more than it holds',
      rule: 'VLM-MSG-002',
      attack: msgpack({ a: flaxArray([65536, 65536, 65536], 'float32', floats(4)) }),
      clean: msgpack({ a: flaxArray([4], 'float32', floats(4)) }),
    },
    {
      what: 'an array with bytes behind its data',
      rule: 'VLM-MSG-002',
      attack: msgpack({
        ...weights,
        a: new Extension(1, Buffer.concat([msgpack([[1], 'int8', Buffer.of(1)]), shell])),
      }),
      clean: msgpack({ ...weights, a: new Extension(1, msgpack([[1], 'int8', Buffer.of(1)])) }),
    },
    {
      what: 'a key that stands twice',
      rule: 'VLM-MSG-003',
      attack: msgpack(new Pairs(['params', 1], ['step', 2], ['params', shell])),
      clean: msgpack(new Pairs(['params', 1], ['step', 2], ['Params', 3])),
    },
    {
      what: 'a pickle behind the document',
      rule: 'VLM-PKL-001',
      attack: Buffer.concat([checkpoint(), shell]),
      clean: Buffer.concat([checkpoint(), checkpoint()]),
    },
    {
      what: 'a pickle in front of a fault, which a reader of streams has loaded by then',
      rule: 'VLM-PKL-001',
      attack: Buffer.concat([
        msgpack({ a: 1, b: [1, 2, 3], c: 'text', d: numpyArray('O', [['', '|O']], [1], shell) }).with(0, 0x85),
        Uint8Array.of(0xc1),
      ]),
      clean: msgpack({ a: 1, b: [1, 2, 3], c: 'text', d: numpyArray('', '|u1', [1], Buffer.of(1)) }),
    },
  ]);

  it('is not proven for what it cannot read', async () => {
    expect(await verdictOf('m.msgpack', checkpoint().subarray(0, 60))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.msgpack', msgpack({ ...weights, x: new Extension(42, floats(2)) }))).toBe('inconclusive');
    expect(await verdictOf('m.msgpack', Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01))).toMatch(/^inconclusive/);
    const deep = Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.of(1)]);
    expect(await verdictOf('m.msgpack', deep)).toMatch(/^inconclusive/);
  });

  it('never passes a checkpoint that is cut off', async () => {
    const whole = checkpoint();
    for (let cut = 1; cut < whole.length; cut++)
      expect([cut, await verdictOf('m.msgpack', whole.subarray(0, cut))]).not.toEqual([cut, 'pass']);
  });
});

holdRealFiles('flax', real);
