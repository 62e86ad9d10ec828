// InferTensorContents: one repeated field for each kind of datatype, packed or not. Exactly the field of the tensor's datatype
// may be used. Numbers: bool 1, int32 2, int64 3, uint32 4, uint64 5, float 6, double 7, bytes 8
// (kserve/open-inference-protocol, open_inference_grpc.proto).
import type { RawTensor } from '../binary.js';
import { readRaw, writeRaw } from '../binary.js';
import { factsOf } from '../datatypes.js';
import type { Datatype } from '../inspected.js';
import type { ProtoField } from './wire.js';
import { BYTES, bytesField, EIGHT, FOUR, ProtoFault, readFields, readVarint, varint, VARINT } from './wire.js';

const FIELD_OF: Partial<Record<Datatype, number>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
};

/**
 * @param count product of the shape, already bounded
 * @param maxFields values that are not packed cost a field each
 * @throws ProtoFault
 */
export function readContents(message: Buffer, datatype: Datatype, count: number, maxFields: number): RawTensor {
  const expected = FIELD_OF[datatype];
  if (expected === undefined) throw new ProtoFault(`${datatype} has raw contents only`);
  // Every value takes a byte at least: nothing is allocated for a count that the bytes cannot hold.
  if (count > message.length) throw new ProtoFault('it has fewer values than its shape');
  const parts: Buffer[] = [];
  const texts: string[] = [];
  const integers = new Float64Array(datatype === 'BYTES' || datatype.startsWith('FP') ? 0 : count);
  let at = 0;
  const add = (wide: number | bigint): void => {
    if (at === count) throw new ProtoFault('it has more values than its shape');
    integers[at++] = integerOf(wide, datatype);
  };
  let fields = 0;
  readFields(message, (field) => {
    if (++fields > maxFields) throw new ProtoFault(`it has more than ${maxFields} values that are not packed`);
    if (field.number !== expected) throw new ProtoFault(`its contents are not those of ${datatype}`);
    if (datatype === 'BYTES') {
      if (field.wire !== BYTES || texts.length === count) throw new ProtoFault('it has more values than its shape');
      texts.push(field.bytes.toString('utf8'));
    } else if (datatype === 'FP32' || datatype === 'FP64') parts.push(floatBytes(field, datatype));
    else if (field.wire === VARINT) add(field.wide);
    else if (field.wire === BYTES) {
      const cursor = { at: 0 };
      while (cursor.at < field.bytes.length) add(readVarint(field.bytes, cursor));
    } else throw new ProtoFault('a value has another wire type than its field');
  });
  if (datatype === 'BYTES') return exactly(texts.length === count, { texts });
  if (datatype === 'FP32' || datatype === 'FP64') {
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const read = readRaw(bytes, datatype, count, factsOf(datatype).bytes);
    return exactly(read !== undefined, read ?? {});
  }
  return exactly(at === count, { numbers: integers });
}

function exactly(isExact: boolean, tensor: RawTensor): RawTensor {
  if (!isExact) throw new ProtoFault('it has another number of values than its shape');
  return tensor;
}

function floatBytes(field: ProtoField, datatype: 'FP32' | 'FP64'): Buffer {
  if (field.wire !== BYTES && field.wire !== (datatype === 'FP32' ? FOUR : EIGHT))
    throw new ProtoFault('a value has another wire type than its field');
  return field.bytes;
}

/** Readers cut off what does not fit into 32 bits; here it is refused, so that all read the same number. */
function integerOf(wide: number | bigint, datatype: Datatype): number {
  const isUnsigned = datatype.startsWith('U') || datatype === 'BOOL';
  const value = typeof wide === 'number' || isUnsigned ? Number(wide) : Number(BigInt.asIntN(64, wide));
  const { minimum = -Infinity, maximum = Infinity } = factsOf(datatype);
  if (value < minimum || value > maximum) throw new ProtoFault(`a value is out of the range of ${datatype}`);
  return value;
}

/** The content of an InferTensorContents message. */
export function writeContents(tensor: RawTensor, datatype: Datatype): Buffer {
  const number = FIELD_OF[datatype] ?? 0;
  if (datatype === 'BYTES')
    return Buffer.concat((tensor.texts ?? []).map((text) => bytesField(number, Buffer.from(text))));
  if (datatype === 'FP32' || datatype === 'FP64') return bytesField(number, writeRaw(tensor, datatype));
  const values = Array.from(tensor.numbers ?? [], (value) =>
    varint(Number.isFinite(value) ? BigInt(Math.round(value)) : 0n),
  );
  return bytesField(number, Buffer.concat(values));
}
