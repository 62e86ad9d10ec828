// Attacks that make an attribute a callback while the file still loads, and classes built with arguments of the attacker.
import type { Assembler } from '@vallum/formats/testing';
import { pickle } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const made = (module: string, name: string): Assembler =>
  pickle().proto(4).stackGlobal(module, name).op('EMPTY_TUPLE').op('REDUCE');
const fresh = (module: string, name: string): Assembler =>
  pickle().proto(4).stackGlobal(module, name).op('EMPTY_TUPLE').op('NEWOBJ');
const holding = (stream: Assembler, key: string): Assembler =>
  stream.op('EMPTY_DICT').str(key).stackGlobal('numpy', 'mean').op('SETITEM');

export const STATE_ATTACKS: readonly AttackClass[] = [
  {
    name: 'attributes that become callbacks',
    attacks: {
      '__setstate__, then BUILD': holding(made('argparse', 'Namespace'), '__setstate__')
        .op('BUILD')
        .str('x')
        .op('BUILD')
        .stop(),
      '__setstate__ alone': holding(made('argparse', 'Namespace'), '__setstate__').op('BUILD').stop(),
      'append, then APPEND': holding(made('collections', 'OrderedDict'), 'append')
        .op('BUILD')
        .str('x')
        .op('APPEND')
        .stop(),
      '__dict__ in slots': holding(made('argparse', 'Namespace').op('NONE'), '__dict__')
        .op('TUPLE2')
        .op('BUILD')
        .stop(),
      'a second state': made('argparse', 'Namespace').op('EMPTY_DICT').op('BUILD').op('EMPTY_DICT').op('BUILD').stop(),
      'a key of another class': holding(fresh('sklearn.calibration', 'IsotonicRegression'), '_build_f')
        .op('BUILD')
        .stop(),
    },
    clean: {
      'texts under such names': made('argparse', 'Namespace')
        .op('EMPTY_DICT')
        .str('append')
        .str('x')
        .op('SETITEM')
        .op('BUILD')
        .stop(),
      'a function under another name': holding(made('argparse', 'Namespace'), 'score').op('BUILD').stop(),
    },
  },
  {
    name: 'classes built with arguments',
    attacks: {
      'a file that numpy creates': pickle()
        .proto(4)
        .stackGlobal('numpy', 'memmap')
        .str('new')
        .op('TUPLE1')
        .op('NEWOBJ')
        .stop(),
      'a partial function': pickle()
        .proto(4)
        .stackGlobal('functools', 'partial')
        .stackGlobal('numpy', 'mean')
        .op('TUPLE1')
        .op('NEWOBJ')
        .stop(),
      'named arguments': holding(pickle().proto(4).stackGlobal('numpy', 'memmap').op('EMPTY_TUPLE'), 'filename')
        .raw(0x92)
        .stop(),
      'the base that _reconstructor calls': pickle()
        .proto(4)
        .stackGlobal('copyreg', '_reconstructor')
        .stackGlobal('xgboost.callback', 'DMatrix')
        .stackGlobal('xgboost.callback', 'DMatrix')
        .str('x')
        .op('TUPLE3')
        .op('REDUCE')
        .stop(),
      'a constructor of random bits': pickle()
        .proto(4)
        .stackGlobal('numpy.random._pickle', '__generator_ctor')
        .str('x')
        .stackGlobal('xgboost.callback', 'DMatrix')
        .op('TUPLE2')
        .op('REDUCE')
        .stop(),
      'a name of Python 2 in protocol 4': pickle().proto(4).stackGlobal('copy_reg', '_reconstructor').call('x').stop(),
    },
    clean: {
      'a text of its own class': pickle()
        .proto(4)
        .stackGlobal('collections', 'UserString')
        .str('x')
        .op('TUPLE1')
        .op('NEWOBJ')
        .stop(),
    },
  },
];
