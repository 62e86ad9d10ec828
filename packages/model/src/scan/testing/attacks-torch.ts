// Attacks on how torch loads: tensors whose numbers do not fit their storage, persistent ids, legacy streams, archives.
import type { Assembler } from '@vallum/formats/testing';
import { pickle, zip } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
const PROTOCOL = Buffer.from('80024de9032e', 'hex');

type Whole = number | bigint;

const integer = (stream: Assembler, value: Whole): Assembler => {
  if (typeof value === 'number') return stream.int(value);
  const bytes = Buffer.alloc(9);
  bytes[0] = 8;
  bytes.writeBigInt64LE(value, 1);
  return stream.raw(0x8a, bytes);
};

const integers = (stream: Assembler, values: readonly Whole[]): Assembler => {
  stream.op('MARK');
  for (const value of values) integer(stream, value);
  return stream.op('TUPLE');
};

interface Tensor {
  readonly count?: Whole;
  readonly offset?: Whole;
  readonly size?: readonly Whole[];
  readonly stride?: readonly Whole[];
  readonly type?: string;
}

function persistentStorage(stream: Assembler, type: string, count: Whole, key = '0'): Assembler {
  stream.op('MARK').str('storage').global('torch', type).str(key).str('cpu');
  return integer(stream, count).op('TUPLE').op('BINPERSID');
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, False, OrderedDict())` */
function tensor(stream: Assembler, numbers: Tensor = {}): Assembler {
  const { count = 6, offset = 0, size = [2, 3], stride = [3, 1], type = 'FloatStorage' } = numbers;
  stream.global('torch._utils', '_rebuild_tensor_v2').op('MARK');
  persistentStorage(stream, type, count);
  integer(stream, offset);
  integers(stream, size);
  integers(stream, stride);
  stream.op('NEWFALSE').global('collections', 'OrderedDict').op('EMPTY_TUPLE').op('REDUCE');
  return stream.op('TUPLE').op('REDUCE');
}

const alone = (numbers: Tensor): Uint8Array => tensor(pickle().proto(2), numbers).stop();
const archive = (main: Uint8Array, more: readonly { name: string; data: Uint8Array }[] = []): Uint8Array =>
  zip([
    { name: 'm/data.pkl', data: main },
    { name: 'm/data/0', data: Buffer.alloc(24) },
    { name: 'm/version', data: Buffer.from('3\n') },
    ...more,
  ]);

interface Legacy {
  readonly magic?: Uint8Array;
  readonly system?: Uint8Array;
  readonly object?: Uint8Array;
  readonly keys?: Uint8Array;
  readonly tail?: Uint8Array;
}

/** A file as `torch.save` wrote it before the zip form: five pickles and the storages. */
function legacyTorch(parts: Legacy = {}): Uint8Array {
  const system = pickle().proto(2).op('EMPTY_DICT').str('little_endian').op('NEWTRUE').op('SETITEM').stop();
  const keys = pickle().proto(2).op('EMPTY_LIST').str('0').op('APPEND').stop();
  const count = Buffer.alloc(8);
  count.writeBigInt64LE(6n);
  return Buffer.concat([
    parts.magic ?? MAGIC,
    PROTOCOL,
    parts.system ?? system,
    parts.object ?? tensor(pickle().proto(2)).stop(),
    parts.keys ?? keys,
    parts.tail ?? Buffer.concat([count, Buffer.alloc(24, 0x3f)]),
  ]);
}

/** Storage bytes that hold everything that confuses a search: PROTO, calls to persistent ids, letters that import. */
const noisy = Buffer.concat(Array.from({ length: 6 }, () => Buffer.from('80024e51', 'hex')));

export const TORCH_ATTACKS: readonly AttackClass[] = [
  {
    name: 'tensors that do not fit their storage',
    attacks: {
      'a size beyond it': alone({ size: [2, 4], stride: [4, 1] }),
      'an offset beyond it': alone({ offset: 4 }),
      'a negative offset': alone({ offset: -1 }),
      'a negative side': alone({ size: [-2, 3] }),
      'a negative stride': alone({ stride: [-3, 1] }),
      'a stride beyond it': alone({ stride: [1_000_000, 1] }),
      'numbers that overflow': alone({ size: [2n ** 62n, 4], stride: [4, 1] }),
      'a storage of an impossible length': alone({ count: -1 }),
      'sides without strides': alone({ stride: [1] }),
      'in an archive': archive(alone({ offset: 1 })),
      'a storage shorter than it says': archive(alone({ count: 7 })),
      'a storage longer than it says': archive(alone({ count: 5, size: [5], stride: [1] })),
    },
    clean: {
      'a tensor': alone({}),
      'a transposed view': alone({ size: [3, 2], stride: [1, 3] }),
      'an expanded view': alone({ size: [1000, 6], stride: [0, 1] }),
      'an empty tensor': alone({ count: 0, size: [0, 3] }),
      'a scalar': alone({ count: 1, size: [], stride: [] }),
      'in an archive': archive(alone({})),
    },
  },
  {
    name: 'persistent ids',
    attacks: {
      'a storage of a type that is no storage': pickle()
        .proto(2)
        .op('MARK')
        .str('storage')
        .global('os', 'system')
        .str('0')
        .str('cpu')
        .int(1)
        .op('TUPLE')
        .op('BINPERSID')
        .stop(),
      'a line of text': pickle().proto(2).raw(0x50, Buffer.from('os.system\n')).stop(),
      'a module of a class that is none': pickle()
        .proto(2)
        .op('MARK')
        .str('module')
        .global('subprocess', 'Popen')
        .str('x.py')
        .str('class Popen: pass')
        .op('TUPLE')
        .op('BINPERSID')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .stop(),
      'an object that is called': persistentStorage(pickle().proto(2), 'FloatStorage', 1).call('x').stop(),
      'an object whose state is set': persistentStorage(pickle().proto(2), 'FloatStorage', 1)
        .op('EMPTY_DICT')
        .op('BUILD')
        .stop(),
      'a number': pickle().proto(2).int(7).op('BINPERSID').stop(),
    },
    clean: {
      'a storage': persistentStorage(pickle().proto(2), 'LongStorage', 1).stop(),
      'a module of torch': pickle()
        .proto(2)
        .op('MARK')
        .str('module')
        .global('torch.nn.modules.linear', 'Linear')
        .str('linear.py')
        .str('class Linear(Module): pass')
        .op('TUPLE')
        .op('BINPERSID')
        .op('EMPTY_TUPLE')
        .op('NEWOBJ')
        .op('EMPTY_DICT')
        .op('BUILD')
        .stop(),
    },
  },
  {
    name: 'legacy torch streams',
    attacks: {
      'in the object': legacyTorch({ object: shell }),
      'in the system information': legacyTorch({ system: shell }),
      'in the keys': legacyTorch({ keys: shell }),
      'a magic number that a call makes': legacyTorch({ magic: shell }),
      'in place of the storages': legacyTorch({ tail: shell }),
      'behind the storages': Buffer.concat([legacyTorch(), shell]),
      'at the start of a storage': legacyTorch({
        tail: Buffer.concat([Buffer.from('0600000000000000', 'hex'), shell.subarray(0, -1), Buffer.alloc(2)]).subarray(
          0,
          32,
        ),
      }),
    },
    clean: {
      'tensors and their storages': legacyTorch(),
      'storages that look like opcodes': legacyTorch({
        tail: Buffer.concat([Buffer.from('0600000000000000', 'hex'), noisy]),
      }),
    },
  },
  {
    name: 'torch archives',
    attacks: {
      'in the object': archive(shell),
      'in an entry with another name': archive(alone({}), [{ name: 'm/extra/notes.txt', data: shell }]),
      'in the constants of TorchScript': archive(alone({}), [{ name: 'm/constants.pkl', data: shell }]),
      'in the debug information of TorchScript': archive(alone({}), [{ name: 'm/code/a.py.debug_pkl', data: shell }]),
      'a package with sources': archive(alone({}), [
        { name: 'm/.data/extern_modules', data: Buffer.from('') },
        { name: 'm/model.py', data: Buffer.from('x = 1\n') },
      ]),
      'TorchScript that reads a file': archive(alone({}), [
        { name: 'm/constants.pkl', data: pickle().proto(2).op('EMPTY_TUPLE').stop() },
        {
          name: 'm/code/__torch__/a.py',
          data: Buffer.from(
            'class A(Module):\n  def forward(self) -> Tensor:\n    return torch.from_file("/etc/x", False)\n',
          ),
        },
      ]),
      'TorchScript with operators of another library': archive(alone({}), [
        { name: 'm/constants.pkl', data: pickle().proto(2).op('EMPTY_TUPLE').stop() },
        {
          name: 'm/code/__torch__/a.py',
          data: Buffer.from('class A(Module):\n  def forward(self) -> Tensor:\n    return ops.mine.run("x")\n'),
        },
      ]),
    },
    clean: {
      TorchScript: archive(alone({}), [
        { name: 'm/constants.pkl', data: pickle().proto(2).op('EMPTY_TUPLE').stop() },
        {
          name: 'm/code/__torch__/a.py',
          data: Buffer.from(
            'op_version_set = 1\nclass A(Module):\n  training : bool\n  def forward(self, x: Tensor) -> Tensor:\n    return torch.relu(ops.aten.add(x, getattr(self, "0")))\n',
          ),
        },
      ]),
    },
  },
];
