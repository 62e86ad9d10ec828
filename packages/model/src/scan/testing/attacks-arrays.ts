// Attacks on how arrays are described: the element type that joblib and numpy believe, entries that only look like the
// numbers of torch, and operators of TorchScript that are spelled so that a search for their names misses them.
import { pickle, zip } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const LIST = pickle().proto(2).op('EMPTY_LIST').stop();

/** A .npy of version 1 with this header. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header, 'latin1'), data]);
}
const described = (descr: string, data: Uint8Array, shape = '(1,)'): Uint8Array =>
  npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`, data);

/** A joblib array of one-byte records, whose state has these flags; bit 0 says that elements are objects. */
function joblib(code: string, flags: number, data: Uint8Array, stream = pickle().proto(4)): Uint8Array {
  stream.stackGlobal('joblib.numpy_pickle', 'NumpyArrayWrapper').op('EMPTY_TUPLE').op('NEWOBJ');
  stream.op('EMPTY_DICT').op('MARK').str('shape').int(data.length).op('TUPLE1');
  stream.str('dtype').stackGlobal('numpy', 'dtype').str(code).op('TUPLE1').op('REDUCE');
  stream.op('MARK').int(3).str('|').op('NONE').op('NONE').op('NONE').int(1).int(1).int(flags).op('TUPLE').op('BUILD');
  return Buffer.concat([stream.op('SETITEMS').op('BUILD').done(), data, pickle().stop()]);
}

/** Names that the memo hands over: to the pickle around it, entries 0 and 1 are a harmless class. */
const byMemo = pickle()
  .proto(4)
  .str('os')
  .op('MEMOIZE')
  .op('POP')
  .str('system')
  .op('MEMOIZE')
  .op('POP')
  .raw(0x68, 0)
  .raw(0x68, 1)
  .op('STACK_GLOBAL')
  .call('id')
  .stop();
const named = () =>
  pickle()
    .proto(4)
    .str('collections')
    .op('MEMOIZE')
    .op('POP')
    .str('OrderedDict')
    .op('MEMOIZE')
    .op('POP')
    .stackGlobal('collections', 'OrderedDict')
    .op('POP');

const stored = (data: Uint8Array): Uint8Array =>
  zip([
    { name: 'm/data.pkl', data: pickle().proto(2).op('EMPTY_DICT').stop() },
    { name: 'm/data/0', data },
  ]);

const script = (line: string): Uint8Array =>
  zip([
    { name: 'm/data.pkl', data: pickle().proto(2).op('EMPTY_DICT').stop() },
    { name: 'm/constants.pkl', data: pickle().proto(2).op('EMPTY_TUPLE').stop() },
    {
      name: 'm/code/__torch__.py',
      data: Buffer.from(
        `class M(Module):\n  training : bool\n  def forward(self: __torch__.M) -> Tensor:\n    ${line}\n`,
      ),
    },
  ]);

export const ARRAY_ATTACKS: readonly AttackClass[] = [
  {
    name: 'element types that hide objects',
    attacks: {
      'joblib: a record with a field of objects': joblib('V1', 27, shell),
      'joblib: a number whose flags say objects': joblib('u1', 63, shell),
      'joblib: names from the memo of its own pickle': joblib('V1', 27, byMemo, named()),
      'joblib: numbers that start as a pickle of its own': joblib('u1', 0, byMemo, named()),
      'npy: an escape in the type': described("'\\x7cO'", shell),
      'npy: an escape in a field': described("[('a', '\\x4f')]", shell),
      'npy: an octal escape': described("'\\117'", shell),
      'npy: strings side by side': described("'|' 'O'", shell),
      'npy: a prefix and a comment': described("u'|O' # '<f4'\n", shell),
      'npy: the type twice': npy(
        `{'descr': '<V1', 'descr': '|O', 'fortran_order': False, 'shape': (${shell.length},), }`,
        shell,
      ),
      'npy: the long name': described("'object'", shell),
      'npy: several types': described("'V8,O'", shell),
      'npy: an expression': described("'|O' if 1 else 1", shell),
    },
    clean: {
      'joblib: a record of numbers': joblib('V1', 0, Buffer.alloc(20, 0xff)),
      'joblib: a record of objects': joblib('V1', 27, LIST),
      'npy: a record of numbers': described(
        "[('a', '<i4'), ('b', '|S3'), ('c', '<f8', (2, 3)), (('t', 'd'), [('e', '<M8[ns]')])]",
        Buffer.alloc(126),
        '(2L,)',
      ),
      'npy: a record of objects': described("[('a', '<i4'), ('b', '|O')]", LIST),
    },
  },
  {
    name: 'entries named like the numbers of torch',
    attacks: {
      'an array of objects': stored(described("'|O'", shell)),
      'a zip': stored(zip([{ name: 'a.pkl', data: shell }])),
      'a pickle': stored(shell),
      'a pickle of the first protocol': stored(pickle().global('os', 'system').call('id').stop()),
      'an array of a long name': stored(described("'object'", shell)),
    },
    clean: {
      numbers: stored(Buffer.alloc(64, 0x3f)),
      'numbers that start like gzip': stored(Buffer.from('1f8bffff3f3f3f3f3f3f3f3f3f3f3f3f', 'hex')),
      'numbers that start like bzip2': stored(Buffer.from('425a68393f3f3f3f3f3f3f3f3f3f3f3f', 'hex')),
    },
  },
  {
    name: 'operators of TorchScript that reach out',
    attacks: {
      'between spaces': script('return torch . from_file("x", True, 10)'),
      'across lines': script('return torch.from_file \\\n("x", True, 10)'),
      'behind a comment': script('return (torch. # )\n    from_file("x", True, 10))'),
      'of a namespace': script('return ops . aten . from_file("x", True, 10)'),
      'in a variable': script('f = torch.from_file\n    return f("x", True, 10)'),
      'of a namespace in a variable': script('a = ops.aten\n    return a.add(1, 1)'),
      'as a method': script('return "x".from_file(True, 10)'),
      'of a library for images': script('return ops.image.read_file("x")'),
      'of a library for sound': script('return ops.torchaudio.sox_io_load_audio_file("x")'),
    },
    clean: {
      arithmetic: script('return torch.add(torch.zeros([1]), 1)'),
      'a string that names one': script('return torch.add("torch.from_file(1)", 1)'),
      'a library for images that only computes': script('return ops.torchvision.nms(x, y, 0.5)'),
      'a type': script('x = annotate(__torch__.torch.nn.modules.M, self)\n    return x'),
    },
  },
];
