// The large inputs of the scanner's benches, written piece by piece: nothing here needs more memory than a piece.
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';

/** A safetensors file of float32 tensors, valid throughout; the numbers are a hole in the file, which reads as zeros. */
export function writeSafetensors(path, { tensors, bytesEach }) {
  const header = Object.fromEntries(
    Array.from({ length: tensors }, (_, at) => [
      `layers.${at}.weight`,
      { dtype: 'F32', shape: [bytesEach / 4], data_offsets: [at * bytesEach, (at + 1) * bytesEach] },
    ]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, padded);
  closeSync(file);
  const size = 8 + padded.length + tensors * bytesEach;
  truncateSync(path, size);
  return size;
}

/** A list of tuples (int, int, float), each in the memo, as `pickle.dumps` writes one: five opcodes in twenty bytes. */
export function writeManyOpcodes(path, { tuples }) {
  const file = openSync(path, 'w');
  let opcodes = 0;
  const put = (bytes, count) => {
    opcodes += count;
    writeSync(file, bytes);
  };
  put(Buffer.from([0x80, 2, 0x5d, 0x71, 0]), 3); // PROTO 2, EMPTY_LIST, BINPUT 0
  const one = Buffer.alloc(20);
  one.set([0x4d], 0); // BININT2
  one.set([0x4b], 3); // BININT1
  one.set([0x47], 5); // BINFLOAT
  one.set([0x87, 0x72], 14); // TUPLE3, LONG_BINPUT
  let batch = [];
  for (let at = 0; at < tuples; at++) {
    one.writeUInt16LE(at & 0xffff, 1);
    one.writeUInt8(at & 0xff, 4);
    one.writeDoubleBE(at / 7, 6);
    one.writeUInt32LE(at + 1, 16);
    batch.push(Buffer.from(one));
    // MARK, a thousand items, APPENDS: as CPython batches a list.
    if (batch.length === 1000 || at === tuples - 1) {
      put(Buffer.concat([Buffer.from([0x28]), ...batch, Buffer.from([0x65])]), batch.length * 5 + 2);
      batch = [];
    }
  }
  put(Buffer.from([0x2e]), 1); // STOP
  closeSync(file);
  return opcodes;
}

/** A pickle of one bytes object. */
export function writeLargeBytes(path, size) {
  const file = openSync(path, 'w');
  const head = Buffer.from([0x80, 4, 0x8e, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64LE(BigInt(size), 3);
  writeSync(file, head);
  closeSync(file);
  truncateSync(path, head.length + size);
  const end = openSync(path, 'a');
  writeSync(end, Buffer.from('.'));
  closeSync(end);
}
