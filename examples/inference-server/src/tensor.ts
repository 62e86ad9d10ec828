// Tensors of the Open Inference Protocol, version 2: a name, a datatype, a shape, and values in row-major order.

export interface Tensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
  readonly shape: readonly number[];
  /** Texts where the datatype is BYTES. */
  readonly data: readonly number[] | readonly string[] | Float32Array;
}

export interface TensorInfo {
  readonly name: string;
  readonly datatype: Tensor['datatype'];
  /** -1 for any. */
  readonly shape: readonly number[];
}

/** A mistake of whoever asks, with its HTTP status. */
export class RequestError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
