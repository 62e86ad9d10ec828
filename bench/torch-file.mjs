// A file as torch.save writes it, with random weights: a stored zip with a pickle that rebuilds tensors by persistent id,
// and one file of raw floats for each tensor. And a pickle that calls os.system: bytes that are read, never loaded.
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

const text = (value) => {
  const bytes = Buffer.from(value);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('X'), size, bytes]);
};
const int = (value) => {
  const bytes = Buffer.alloc(5);
  bytes.write('J', 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const ops = (value) => Buffer.from(value, 'latin1');
const EMPTY_ORDERED_DICT = ops('ccollections\nOrderedDict\n)R');

function tensor(index, floats) {
  const storage = [
    ops('(('),
    text('storage'),
    ops('ctorch\nFloatStorage\n'),
    text(`${index}`),
    text('cpu'),
    int(floats),
    ops('tQ'),
  ];
  const shape = [int(0), ops('('), int(floats), ops('t('), int(1), ops('t\x89')];
  return [
    text(`layer${index}.weight`),
    ops('ctorch._utils\n_rebuild_tensor_v2\n'),
    ...storage,
    ...shape,
    EMPTY_ORDERED_DICT,
    ops('tR'),
  ];
}

/** Floats around zero, as weights are: the sum of four uniform numbers of a small generator (xorshift32), the same anywhere. */
function weights(index, bytes) {
  const floats = new Float32Array(bytes / 4);
  let state = index + 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let at = 0; at < 16; at += 1) next();
  for (let at = 0; at < floats.length; at += 1) floats[at] = (next() + next() + next() + next() - 2) * 0.04;
  return Buffer.from(floats.buffer);
}

/** @returns bytes written */
export function writeTorchFile(path, { tensors, bytesEach }) {
  const file = openSync(path, 'w');
  const central = [];
  let offset = 0;
  const put = (bytes) => {
    writeSync(file, bytes);
    offset += bytes.length;
  };
  const entry = (name, data) => {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const signature = (value) => Buffer.from(Uint32Array.of(value).buffer);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    central.push(signature(CENTRAL), Buffer.from([20, 0]), common, where, Buffer.from(name));
    for (const part of [signature(LOCAL), common, Buffer.from(name), data]) put(part);
  };
  const parts = Array.from({ length: tensors }, (_, index) => tensor(index, bytesEach / 4)).flat();
  entry('archive/data.pkl', Buffer.concat([ops('\x80\x02'), EMPTY_ORDERED_DICT, ops('('), ...parts, ops('u.')]));
  for (let index = 0; index < tensors; index += 1) entry(`archive/data/${index}`, weights(index, bytesEach));
  entry('archive/version', Buffer.from('3\n'));
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(tensors + 2, 8);
  end.writeUInt16LE(tensors + 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  put(directory);
  put(end);
  closeSync(file);
  return offset;
}

export const CALLING_PICKLE = ops("cos\nsystem\n(S'echo nothing happens'\ntR.");
