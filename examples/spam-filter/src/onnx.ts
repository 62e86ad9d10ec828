// Exports the linear model as ONNX: probability = Sigmoid(features x W + b). The few protocol-buffer fields that this
// needs are written by hand (numbers from onnx.proto3, IR version 8, opset 13), and read back the same way.
import type { LinearModel } from './linear-model.js';

const FLOAT = 1;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function nested(field: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function initializer(name: string, shape: readonly number[], values: Float32Array): Buffer {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return nested(5, ...shape.map((size) => integer(1, size)), integer(2, FLOAT), nested(8, name), nested(9, raw));
}

function port(field: number, name: string, width: number): Buffer {
  const shape = nested(2, nested(1, nested(2, 'N')), nested(1, integer(1, width)));
  return nested(field, nested(1, name), nested(2, nested(1, integer(1, FLOAT), shape)));
}

function operation(type: string, inputs: readonly string[], output: string): Buffer {
  return nested(1, ...inputs.map((name) => nested(1, name)), nested(2, output), nested(4, type));
}

export function toOnnx({ weights, bias }: LinearModel): Uint8Array {
  const graph = nested(
    7,
    operation('MatMul', ['features', 'W'], 'weighted'),
    operation('Add', ['weighted', 'b'], 'score'),
    operation('Sigmoid', ['score'], 'probability'),
    nested(2, 'spam_filter'),
    initializer('W', [weights.length, 1], weights),
    initializer('b', [1], Float32Array.of(bias)),
    port(11, 'features', weights.length),
    port(12, 'probability', 1),
  );
  return Buffer.concat([
    integer(1, 8),
    nested(2, 'spam-filter-example'),
    graph,
    nested(8, nested(1, ''), integer(2, 13)),
  ]);
}

/** Weights and bias of a file that `toOnnx` wrote: the two raw tensors, found by their names. */
export function fromOnnx(bytes: Uint8Array, size: number): LinearModel {
  const file = Buffer.from(bytes);
  const tensor = (name: string, count: number): Float32Array => {
    const marker = Buffer.concat([nested(8, name), varint(9 * 8 + 2), varint(count * 4)]);
    const at = file.indexOf(marker);
    if (at < 0) throw new Error(`no tensor ${name} of ${count} numbers in this file`);
    return new Float32Array(Uint8Array.from(file.subarray(at + marker.length, at + marker.length + count * 4)).buffer);
  };
  return { weights: tensor('W', size), bias: tensor('b', 1)[0] ?? 0 };
}
