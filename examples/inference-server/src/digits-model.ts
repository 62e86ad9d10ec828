// The digits model as it is served: pixels in, probabilities out.
import type { Model, ModelFile } from './model.js';
import { CLASSES, PIXELS, predict } from './perceptron.js';
import { fromSafetensors } from './safetensors.js';
import type { Tensor } from './tensor.js';
import { RequestError } from './tensor.js';

export function openDigits({ name, version }: ModelFile, file: Buffer): Model {
  const { w1, b1, w2, b2 } = fromSafetensors(file);
  if (w1 === undefined || b1 === undefined || w2 === undefined || b2 === undefined)
    throw new Error(`${name}: a tensor of w1, b1, w2, b2 is missing`);
  const hidden = b1.length;
  if (w1.length !== hidden * PIXELS || w2.length !== hidden * CLASSES || b2.length !== CLASSES)
    throw new Error(`${name}: the tensors do not fit each other`);
  const model = { hidden, w1, b1, w2, b2 };
  return {
    name,
    version,
    inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, PIXELS] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, CLASSES] }],
    infer: (inputs) => {
      const { rows, pixels } = pixelsOf(inputs);
      const data = new Float32Array(rows * CLASSES);
      for (let row = 0; row < rows; row += 1)
        data.set(predict(model, pixels.subarray(row * PIXELS, (row + 1) * PIXELS)), row * CLASSES);
      return [{ name: 'probabilities', datatype: 'FP32', shape: [rows, CLASSES], data }];
    },
  };
}

function pixelsOf(inputs: readonly Tensor[]): { readonly rows: number; readonly pixels: Float32Array } {
  const [input] = inputs;
  if (inputs.length !== 1 || input?.name !== 'image') throw new RequestError('the one input is image');
  const [rows = 0, width] = input.shape;
  if (input.datatype !== 'FP32' || input.shape.length !== 2 || width !== PIXELS)
    throw new RequestError(`image is FP32 [n, ${PIXELS}]`);
  const { data } = input;
  return { rows, pixels: data instanceof Float32Array ? data : Float32Array.from(data as readonly number[]) };
}
