// Malicious pickles by class of bypass, written out opcode by opcode, and the clean twin of each class. Inert: bytes only.
import type { Assembler } from '@vallum/formats/testing';
import { pickle } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';
import { CONSTANT_ATTACKS } from './attacks-constants.js';
import { MACHINE_ATTACKS } from './attacks-machine.js';
import { ARRAY_ATTACKS } from './attacks-arrays.js';
import { STATE_ATTACKS } from './attacks-states.js';
import { TORCH_ATTACKS } from './attacks-torch.js';

const ordered = (stream: Assembler): Assembler =>
  stream.global('collections', 'OrderedDict').op('EMPTY_TUPLE').op('REDUCE');
const harmless = pickle().proto(2).op('EMPTY_DICT').str('note').str('os.system').op('SETITEM').stop();
const shell = pickle().global('os', 'system').call('id').stop();
const gadget = (module: string, name: string): Uint8Array => pickle().proto(2).global(module, name).call('x').stop();

/** `getattr(module.name, attribute)(argument)` */
function viaGetattr(module: string, name: string, attribute: string): Uint8Array {
  const owner = pickle().proto(2).global('builtins', 'getattr').global(module, name).str(attribute);
  return owner.op('TUPLE2').op('REDUCE').call('x').stop();
}

const BASIC_ATTACKS: readonly AttackClass[] = [
  {
    name: 'known gadgets',
    attacks: {
      'os.system': shell,
      'posix.system': gadget('posix', 'system'),
      'subprocess.Popen': gadget('subprocess', 'Popen'),
      eval: gadget('__builtin__', 'eval'),
      'pip.main': gadget('pip', 'main'),
      'socket.create_connection': gadget('socket', 'create_connection'),
    },
    clean: { 'the names as text': harmless, 'OrderedDict()': ordered(pickle().proto(2)).stop() },
  },
  {
    name: 'names that nobody listed',
    attacks: {
      'an unknown package': gadget('some.package', 'run'),
      main: gadget('__main__', 'helper'),
      'a private module': gadget('_aix_support', '_read_cmd_output'),
      'a function of a known package': gadget('numpy', 'fromfile'),
      'a submodule of a known package': gadget('torch.hub', 'load'),
      'a module named like a known one': gadget('collectionsx', 'OrderedDict'),
    },
    clean: {
      'an allowlisted class': pickle().proto(2).global('collections', 'deque').op('EMPTY_TUPLE').op('REDUCE').stop(),
    },
  },
  {
    name: 'universal resolvers',
    attacks: {
      'getattr of a module': viaGetattr('os', 'path', 'system'),
      'getattr of an allowlisted class': viaGetattr('collections', 'OrderedDict', '__reduce__'),
      'importlib.import_module': gadget('importlib', 'import_module'),
      'pkgutil.resolve_name': gadget('pkgutil', 'resolve_name'),
      'operator.attrgetter, called': pickle().proto(2).global('operator', 'attrgetter').call('system').call('x').stop(),
      'functools.partial with state': pickle()
        .proto(2)
        .global('functools', 'partial')
        .global('os', 'system')
        .op('TUPLE1')
        .op('REDUCE')
        .op('EMPTY_DICT')
        .op('BUILD')
        .stop(),
    },
    clean: {
      'a method of a class that is allowlisted whole': pickle()
        .proto(2)
        .global('__builtin__', 'getattr')
        .global('zoneinfo', 'ZoneInfo')
        .str('_unpickle')
        .op('TUPLE2')
        .op('REDUCE')
        .str('UTC')
        .int(1)
        .op('TUPLE2')
        .op('REDUCE')
        .stop(),
    },
  },
  {
    name: 'dotted names',
    attacks: {
      'sys.modules through collections': pickle().proto(4).stackGlobal('collections', '_sys.modules').stop(),
      'a method of a function': pickle().proto(4).stackGlobal('builtins', 'eval.__call__').call('1').stop(),
      'a class of a class': pickle().proto(4).stackGlobal('collections', 'OrderedDict.__class__').call('x').stop(),
      'in a module of an allowlisted pattern': pickle()
        .proto(4)
        .stackGlobal('sklearn.tree._classes', 'os.system')
        .call('x')
        .stop(),
      'by GLOBAL': pickle().proto(4).global('collections', 'OrderedDict.fromkeys').call('x').stop(),
    },
    clean: { 'a plain name': ordered(pickle().proto(4)).stop() },
  },
  {
    name: 'stack and memo',
    attacks: {
      'PUT, POP and GET': pickle()
        .global('os', 'system')
        .put(9)
        .op('POP')
        .str('safe')
        .op('POP')
        .get(9)
        .call('x')
        .stop(),
      MEMOIZE: pickle().proto(4).stackGlobal('os', 'system').op('MEMOIZE').op('POP').get(0).call('x').stop(),
      'DUP and POP_MARK': pickle()
        .global('os', 'system')
        .op('MARK')
        .op('NONE')
        .op('DUP')
        .op('POP_MARK')
        .call('x')
        .stop(),
      'names in the memo': pickle()
        .proto(4)
        .str('os')
        .put(0)
        .str('system')
        .put(1)
        .op('POP')
        .op('POP')
        .get(0)
        .get(1)
        .op('STACK_GLOBAL')
        .call('x')
        .stop(),
      'a decoy between the names': pickle()
        .proto(4)
        .str('os')
        .str('system')
        .str('path')
        .op('POP')
        .op('STACK_GLOBAL')
        .call('x')
        .stop(),
      'POP takes the mark': pickle().global('os', 'system').op('MARK').op('POP').call('x').stop(),
    },
    clean: { 'the same on data': pickle().proto(2).str('a').put(0).op('POP').get(0).op('DUP').op('TUPLE2').stop() },
  },
  {
    name: 'other call sites',
    attacks: {
      INST: pickle().op('MARK').str('x').inst('os', 'system').stop(),
      OBJ: pickle().op('MARK').global('os', 'system').str('x').op('OBJ').stop(),
      'NEWOBJ of a class of the standard library': pickle()
        .proto(2)
        .global('types', 'FunctionType')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .stop(),
      'BUILD on a module': pickle().proto(2).global('collections', 'OrderedDict').op('EMPTY_DICT').op('BUILD').stop(),
      EXT1: pickle().proto(2).ext(1).stop(),
      'EXT1 called': pickle().proto(2).ext(200).call('x').stop(),
    },
    clean: {
      'NEWOBJ and BUILD of an allowlisted class': pickle()
        .proto(2)
        .global('argparse', 'Namespace')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .op('EMPTY_DICT')
        .op('BUILD')
        .stop(),
    },
  },
  {
    name: 'objects that are filled',
    attacks: {
      'APPEND on a function': pickle().proto(2).global('collections', 'OrderedDict').int(1).op('APPEND').stop(),
      'SETITEM on a persistent object': pickle().proto(2).str('x').op('BINPERSID').int(1).int(2).op('SETITEM').stop(),
      'SETITEM on what takes no items': pickle()
        .proto(2)
        .global('datetime', 'timedelta')
        .int(1)
        .op('TUPLE1')
        .op('REDUCE')
        .int(1)
        .int(2)
        .op('SETITEM')
        .stop(),
      'ADDITEMS on an instance': pickle()
        .proto(4)
        .global('argparse', 'Namespace')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .op('MARK')
        .int(1)
        .op('ADDITEMS')
        .stop(),
      'a persistent id of no known shape': pickle().proto(2).str('exec').op('BINPERSID').stop(),
    },
    clean: { 'SETITEM on an OrderedDict': ordered(pickle().proto(2)).str('a').int(1).op('SETITEM').stop() },
  },
  {
    name: 'allowlisted functions with other arguments',
    attacks: {
      'codecs.encode with another codec': pickle().proto(2).global('_codecs', 'encode').call('x', 'zip').stop(),
      'defaultdict with a function': pickle()
        .proto(2)
        .global('collections', 'defaultdict')
        .global('os', 'system')
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
      'reconstructor of another class': pickle()
        .global('copy_reg', '_reconstructor')
        .op('MARK')
        .global('subprocess', 'Popen')
        .global('__builtin__', 'object')
        .op('NONE')
        .op('TUPLE')
        .op('REDUCE')
        .stop(),
      'a tensor rebuilt by another function': pickle()
        .proto(2)
        .global('torch._tensor', '_rebuild_from_type_v2')
        .op('MARK')
        .global('os', 'system')
        .global('torch', 'Tensor')
        .op('EMPTY_TUPLE')
        .op('EMPTY_DICT')
        .op('TUPLE')
        .op('REDUCE')
        .stop(),
      'getattr on an instance': pickle()
        .proto(2)
        .global('builtins', 'getattr')
        .op('EMPTY_DICT')
        .str('pop')
        .op('TUPLE2')
        .op('REDUCE')
        .stop(),
    },
    clean: {
      'codecs.encode as Python writes it': pickle().proto(2).global('_codecs', 'encode').call('x', 'latin1').stop(),
      'reconstructor of an allowlisted class': pickle()
        .global('copy_reg', '_reconstructor')
        .op('MARK')
        .global('argparse', 'Namespace')
        .global('__builtin__', 'object')
        .op('NONE')
        .op('TUPLE')
        .op('REDUCE')
        .stop(),
    },
  },
  {
    name: 'functions left in data',
    attacks: {
      'a function in a list': pickle().op('EMPTY_LIST').global('os', 'system').op('APPEND').stop(),
      'in the state of an allowlisted estimator': pickle()
        .proto(2)
        .global('sklearn.preprocessing._function_transformer', 'FunctionTransformer')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .op('EMPTY_DICT')
        .str('func')
        .global('os', 'system')
        .op('SETITEM')
        .op('BUILD')
        .stop(),
      'as a key': pickle().op('EMPTY_DICT').global('webbrowser', 'open').int(1).op('SETITEM').stop(),
      'imported and dropped': pickle().global('antigravity', 'x').op('POP').int(1).stop(),
      'as the default of a dict': pickle()
        .proto(2)
        .global('collections', 'defaultdict')
        .global('builtins', 'eval')
        .op('TUPLE1')
        .op('REDUCE')
        .stop(),
    },
    clean: {
      'a function that is allowlisted to stand there': pickle()
        .proto(2)
        .global('sklearn.preprocessing._function_transformer', 'FunctionTransformer')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .op('EMPTY_DICT')
        .str('func')
        .global('numpy', 'log1p')
        .op('SETITEM')
        .op('BUILD')
        .stop(),
    },
  },
  {
    name: 'hidden further pickles',
    attacks: {
      stacked: Buffer.concat([harmless, shell]),
      'behind padding': Buffer.concat([harmless, Buffer.alloc(5000), shell]),
      'behind junk': Buffer.concat([harmless, Buffer.from('\x07\x01junk'), shell]),
      'in bytes': pickle().proto(2).bytes(pickle().proto(2).global('os', 'system').call('x').stop()).stop(),
      'in base64': pickle()
        .proto(2)
        .str(Buffer.from(pickle().proto(2).global('os', 'system').call('x').stop()).toString('base64'))
        .stop(),
      'in hexadecimal': pickle()
        .proto(2)
        .str(Buffer.from(pickle().proto(2).global('os', 'system').call('x').stop()).toString('hex'))
        .stop(),
    },
    clean: {
      'stacked data': Buffer.concat([harmless, harmless]),
      'a harmless pickle in bytes': pickle().proto(2).bytes(harmless).stop(),
    },
  },
  {
    name: 'broken after running',
    attacks: {
      'an unknown opcode': pickle().global('os', 'system').call('x').raw(0xff).done(),
      'no STOP': pickle().global('os', 'system').call('x').done(),
      'an empty stack': pickle().global('os', 'system').call('x').op('POP').op('POP').stop(),
      'a text for STACK_GLOBAL that is none': pickle().proto(4).int(1).str('x').op('STACK_GLOBAL').stop(),
      'a missing memo entry': pickle().global('os', 'system').call('x').get(99).stop(),
    },
    clean: {},
  },
];

export const ATTACK_CLASSES: readonly AttackClass[] = [
  ...BASIC_ATTACKS,
  ...CONSTANT_ATTACKS,
  ...MACHINE_ATTACKS,
  ...STATE_ATTACKS,
  ...TORCH_ATTACKS,
  ...ARRAY_ATTACKS,
];
