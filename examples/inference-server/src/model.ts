// What a served model can do, and what its model.json says.
import type { Tensor, TensorInfo } from './tensor.js';

export interface Model {
  readonly name: string;
  readonly version: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly infer: (inputs: readonly Tensor[]) => readonly Tensor[];
}

export interface ModelFile {
  readonly name: string;
  readonly version: string;
  readonly task: string;
  readonly weights: string;
}
