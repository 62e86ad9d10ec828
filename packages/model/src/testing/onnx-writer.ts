// Writes a tiny ONNX file for the tests: output = Sigmoid(MatMul(input, W) + b). Protocol buffers by hand, enough for one
// linear model; field numbers from onnx.proto3 (ONNX 1.16).

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

function message(field: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

const FLOAT = 1;

function tensor(name: string, dims: readonly number[], values: Float32Array): Buffer {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return message(5, ...dims.map((dim) => integer(1, dim)), integer(2, FLOAT), message(8, name), message(9, raw));
}

function valueInfo(field: number, name: string, width: number): Buffer {
  const shape = message(2, message(1, message(2, 'N')), message(1, integer(1, width)));
  return message(field, message(1, name), message(2, message(1, integer(1, FLOAT), shape)));
}

function node(operator: string, inputs: readonly string[], output: string): Buffer {
  return message(1, ...inputs.map((name) => message(1, name)), message(2, output), message(4, operator));
}

export interface LinearModel {
  readonly weights: Float32Array;
  readonly bias: number;
  readonly input?: string;
  readonly output?: string;
}

export function writeLinearOnnx(model: LinearModel): Uint8Array {
  const { weights, bias, input = 'features', output = 'probability' } = model;
  const graph = message(
    7,
    node('MatMul', [input, 'W'], 'product'),
    node('Add', ['product', 'b'], 'score'),
    node('Sigmoid', ['score'], output),
    message(2, 'linear'),
    tensor('W', [weights.length, 1], weights),
    tensor('b', [1], Float32Array.of(bias)),
    valueInfo(11, input, weights.length),
    valueInfo(12, output, 1),
  );
  return Buffer.concat([integer(1, 8), graph, message(8, message(1, ''), integer(2, 13))]);
}
