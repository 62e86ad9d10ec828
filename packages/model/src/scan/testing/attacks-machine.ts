// Attacks on the machine itself and on how objects are built: the extension registry, states that are set, objects that
// unfold, loaders of further pickles, other places that hold a pickle.
import type { Assembler } from '@vallum/formats/testing';
import { pickle } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const instance = (module: string, name: string): Assembler =>
  pickle().proto(2).global(module, name).op('EMPTY_TUPLE').op('NEWOBJ');
const state = (stream: Assembler, key: string, value: string): Assembler =>
  stream.op('EMPTY_DICT').str(key).str(value).op('SETITEM').op('BUILD');

/** Wraps what is on the stack so often in what holds it several times. */
function unfold(stream: Assembler, times: number, wrap: (stream: Assembler) => Assembler): Assembler {
  for (let index = 0; index < times; index++) wrap(stream);
  return stream;
}
const pair = (stream: Assembler): Assembler => stream.op('DUP').op('TUPLE2');

const TEMPLATE = `
def _parse_args(self,  loc=0, scale=1):
    return (), loc, scale

def _parse_args_rvs(self,  loc=0, scale=1, size=None):
    return self._argcheck_rvs( loc, scale, size=size)

def _parse_args_stats(self,  loc=0, scale=1, moments='mv'):
    return (), loc, scale, moments
`;

/** An object array of npy: the header, then a pickle. */
function objectArray(content: Uint8Array): Uint8Array {
  const header = Buffer.from("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(117) + '\n');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('934e554d50590100', 'hex'), length, header, content]);
}

export const MACHINE_ATTACKS: readonly AttackClass[] = [
  {
    name: 'the extension registry',
    attacks: {
      EXT1: pickle().proto(2).ext(1).stop(),
      EXT2: pickle()
        .proto(2)
        .raw(0x83, Buffer.from([1, 1]))
        .stop(),
      EXT4: pickle()
        .proto(2)
        .raw(0x84, Buffer.from([1, 1, 1, 0]))
        .stop(),
      'registered, then used': pickle()
        .proto(2)
        .global('copy_reg', 'add_extension')
        .op('MARK')
        .str('os')
        .str('system')
        .int(7)
        .op('TUPLE')
        .op('REDUCE')
        .op('POP')
        .ext(7)
        .call('id')
        .stop(),
      'registered only': pickle().proto(2).global('copyreg', 'add_extension').call('os', 'system').stop(),
      'in data': pickle().proto(2).op('EMPTY_LIST').ext(9).op('APPEND').stop(),
    },
    clean: { 'a small number': pickle().proto(2).int(0x82).stop() },
  },
  {
    name: 'states that are set',
    attacks: {
      'on a module': pickle().proto(2).global('sys', 'modules').op('EMPTY_DICT').op('BUILD').stop(),
      'on a class, then read back': pickle()
        .proto(4)
        .stackGlobal('collections', 'OrderedDict')
        .op('EMPTY_DICT')
        .str('run')
        .stackGlobal('os', 'system')
        .op('SETITEM')
        .op('BUILD')
        .stackGlobal('collections', 'OrderedDict.run')
        .call('id')
        .stop(),
      'on a function': pickle().proto(2).global('numpy', 'log1p').op('EMPTY_DICT').op('BUILD').stop(),
      'another class through the slots': instance('argparse', 'Namespace')
        .op('NONE')
        .op('EMPTY_DICT')
        .str('__class__')
        .global('collections', 'OrderedDict')
        .op('SETITEM')
        .op('TUPLE2')
        .op('BUILD')
        .stop(),
      'text that scipy runs': state(
        instance('scipy.stats._continuous_distns', 'norm_gen'),
        '_parse_arg_template',
        'import os',
      ).stop(),
      'text that scipy runs, behind the usual one': state(
        instance('scipy.stats._continuous_distns', 'norm_gen'),
        '_parse_arg_template',
        `${TEMPLATE}\nimport os\n`,
      ).stop(),
      'a formula that statsmodels evaluates': state(
        instance('statsmodels.base.data', 'PandasData'),
        'formula',
        'y ~ exec(x)',
      ).stop(),
      'a method that sklearn calls on loading': instance('sklearn.isotonic', 'IsotonicRegression')
        .op('EMPTY_DICT')
        .str('_build_f')
        .global('numpy', 'mean')
        .op('SETITEM')
        .op('BUILD')
        .stop(),
      'a method that torch calls on loading': instance('torch.optim.sgd', 'SGD')
        .op('EMPTY_DICT')
        .str('_patch_step_function')
        .global('numpy', 'mean')
        .op('SETITEM')
        .op('BUILD')
        .stop(),
      'another function in a partial one': pickle()
        .proto(2)
        .global('functools', 'partial')
        .global('numpy', 'mean')
        .op('TUPLE1')
        .op('REDUCE')
        .op('MARK')
        .global('torch.storage', '_load_from_bytes')
        .op('EMPTY_TUPLE')
        .op('EMPTY_DICT')
        .op('NONE')
        .op('TUPLE')
        .op('BUILD')
        .stop(),
      'a state that is no dict': instance('statsmodels.base.data', 'PandasData').op('EMPTY_LIST').op('BUILD').stop(),
    },
    clean: {
      'a distribution of scipy': state(
        instance('scipy.stats._continuous_distns', 'norm_gen'),
        '_parse_arg_template',
        TEMPLATE,
      ).stop(),
      'a partial function': pickle()
        .proto(2)
        .global('functools', 'partial')
        .global('numpy', 'mean')
        .put(0)
        .op('TUPLE1')
        .op('REDUCE')
        .op('MARK')
        .get(0)
        .op('EMPTY_TUPLE')
        .op('EMPTY_DICT')
        .op('NONE')
        .op('TUPLE')
        .op('BUILD')
        .stop(),
      'a formula of columns': state(instance('statsmodels.base.data', 'PandasData'), 'formula', 'y ~ x + C(z)').stop(),
    },
  },
  {
    name: 'objects that unfold',
    attacks: {
      'pairs of pairs': unfold(pickle().proto(2).op('NONE'), 40, pair).stop(),
      'triples of triples': unfold(pickle().proto(2).op('NONE'), 30, (one) =>
        one.op('DUP').op('DUP').op('TUPLE3'),
      ).stop(),
      'through the memo': unfold(pickle().proto(2).op('NONE'), 40, (one) => one.put(0).get(0).op('TUPLE2')).stop(),
      'ten at a time': unfold(pickle().proto(2).op('NONE').put(0), 12, (one) => {
        one.put(0).op('POP').op('MARK');
        for (let copy = 0; copy < 10; copy++) one.get(0);
        return one.op('TUPLE');
      }).stop(),
      'as a key': unfold(pickle().proto(2).op('EMPTY_DICT').op('NONE'), 40, pair).int(1).op('SETITEM').stop(),
    },
    clean: {
      'nested pairs': unfold(pickle().proto(2).op('NONE'), 40, (one) => one.op('NONE').op('TUPLE2')).stop(),
      'a few shared ones': unfold(pickle().proto(2).op('NONE'), 10, pair).stop(),
    },
  },
  {
    name: 'loaders of further pickles',
    attacks: {
      'pickle.loads': pickle().proto(3).global('pickle', 'loads').bytes(shell).op('TUPLE1').op('REDUCE').stop(),
      'numpy.load': pickle().proto(3).global('numpy', 'load').call('x.npy').stop(),
      'joblib.load': pickle().proto(3).global('joblib', 'load').call('x').stop(),
      'torch.load': pickle().proto(3).global('torch', 'load').call('x').stop(),
      'pandas.read_pickle': pickle().proto(3).global('pandas', 'read_pickle').call('x').stop(),
      'bytes of a storage': pickle()
        .proto(3)
        .global('torch.storage', '_load_from_bytes')
        .bytes(shell)
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
      'bytes of a storage that are no pickle': pickle()
        .proto(3)
        .global('torch.storage', '_load_from_bytes')
        .bytes(Buffer.alloc(600))
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
      'a bytearray that grew': pickle()
        .proto(5)
        .global('torch.storage', '_load_from_bytes')
        .raw(0x96, Buffer.alloc(8))
        .int(0x80)
        .op('APPEND')
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
    },
    clean: {
      'bytes of a storage': pickle()
        .proto(3)
        .global('torch.storage', '_load_from_bytes')
        .bytes(pickle().proto(2).int(1).stop())
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
    },
  },
  {
    name: 'other places for a pickle',
    attacks: {
      'an array of objects': objectArray(shell),
      'an array of objects with more behind it': Buffer.concat([objectArray(pickle().proto(2).int(1).stop()), shell]),
      'behind bytes that are no pickle, in protocol 0': Buffer.concat([
        pickle().proto(2).int(1).stop(),
        Buffer.from('\x01\x02'),
        pickle().global('os', 'system').call('id').stop(),
      ]),
      'behind a frame that is too long': Buffer.concat([
        pickle().proto(4).int(1).stop(),
        pickle().proto(4).frame(4).global('os', 'system').call('id').stop(),
      ]),
      'in protocol 1 without PROTO': pickle().op('MARK').global('os', 'system').str('x').op('OBJ').stop(),
      'after an error that the loader catches': Buffer.concat([
        pickle().proto(2).global('os', 'system').call('id').op('POP').op('POP').stop(),
        pickle().proto(2).int(1).stop(),
      ]),
    },
    clean: { 'an array of objects': objectArray(pickle().proto(2).op('EMPTY_LIST').stop()) },
  },
];
