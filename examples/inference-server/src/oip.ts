// Requests and answers of the Open Inference Protocol, version 2, with its binary tensor extension: a JSON header whose length is
// in Inference-Header-Content-Length, then the raw tensors one after the other.
import type { Tensor } from './tensor.js';
import { RequestError, sizeOf } from './tensor.js';

export interface InferRequest {
  readonly id?: string;
  readonly inputs: readonly Tensor[];
  /** Outputs that are wanted as raw bytes. */
  readonly binary: (output: string) => boolean;
}

export interface InferResponse {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

interface WireTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters?: { readonly binary_data_size?: number; readonly binary_data?: boolean };
  readonly data?: readonly unknown[];
}

interface WireRequest {
  readonly id?: string;
  readonly parameters?: { readonly binary_data_output?: boolean };
  readonly inputs?: readonly WireTensor[];
  readonly outputs?: readonly Pick<WireTensor, 'name' | 'parameters'>[];
}

const FLOAT_BYTES = 4;
const LENGTH_BYTES = 4;

export function readInfer(body: Buffer, headerLength: string | undefined): InferRequest {
  const end = headerLength === undefined ? body.length : Number(headerLength);
  const request = JSON.parse(body.subarray(0, end).toString('utf8')) as WireRequest;
  if (request.inputs === undefined) throw new RequestError('there are no inputs');
  let at = end;
  const inputs = request.inputs.map((input) => {
    const size = input.parameters?.binary_data_size;
    if (size === undefined) return fromJson(input);
    at += size;
    return fromBinary(input, body.subarray(at - size, at));
  });
  const all = request.parameters?.binary_data_output ?? false;
  const asked = new Map(request.outputs?.map(({ name, parameters }) => [name, parameters?.binary_data ?? all]));
  return {
    ...(request.id === undefined ? {} : { id: request.id }),
    inputs,
    binary: (output) => asked.get(output) ?? all,
  };
}

export interface Answered {
  readonly model: string;
  readonly version: string;
  readonly outputs: readonly Tensor[];
}

export function writeInfer({ id, binary }: InferRequest, { model, version, outputs }: Answered): InferResponse {
  const raw: Buffer[] = [];
  const written = outputs.map(({ name, datatype, shape, data }) => {
    if (!binary(name)) return { name, datatype, shape, data: Array.from(data as ArrayLike<unknown>) };
    const bytes = toBinary(data);
    raw.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const head = { model_name: model, model_version: version, ...(id === undefined ? {} : { id }), outputs: written };
  const json = Buffer.from(JSON.stringify(head));
  if (raw.length === 0) return { body: json, headers: { 'content-type': 'application/json' } };
  return {
    body: Buffer.concat([json, ...raw]),
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
  };
}

function fromJson({ name, datatype, shape, data = [] }: WireTensor): Tensor {
  const flat = data.flat(Infinity) as number[] | string[];
  if (flat.length !== sizeOf(shape))
    throw new RequestError(`${name} has ${flat.length} values for the shape [${shape.join(', ')}]`);
  return { name, datatype: known(datatype), shape, data: flat };
}

function fromBinary({ name, datatype, shape }: WireTensor, bytes: Buffer): Tensor {
  const type = known(datatype);
  const data = type === 'FP32' ? floatsIn(bytes) : textsIn(bytes);
  if (data.length !== sizeOf(shape))
    throw new RequestError(`${name} has ${data.length} values for the shape [${shape.join(', ')}]`);
  return { name, datatype: type, shape, data };
}

function known(datatype: string): Tensor['datatype'] {
  if (datatype === 'FP32' || datatype === 'BYTES') return datatype;
  throw new RequestError(`the datatype ${datatype} is not served`);
}

function floatsIn(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: Math.floor(bytes.length / FLOAT_BYTES) }, (_, i) =>
    bytes.readFloatLE(i * FLOAT_BYTES),
  );
}

/** Each text has its length in front of it, four bytes, little-endian. */
function textsIn(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', at + LENGTH_BYTES, at + LENGTH_BYTES + length));
    at += LENGTH_BYTES + length;
  }
  return texts;
}

function toBinary(data: Tensor['data']): Buffer {
  const floats = Float32Array.from(data as ArrayLike<number>);
  return Buffer.from(floats.buffer);
}
