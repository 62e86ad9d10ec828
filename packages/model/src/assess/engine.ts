// What `assess` needs from an engine that runs ONNX files; the one that is used lives in edge/, tests bring their own.

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** One input of shape [rows, width], row by row; the named output, flat. */
  run(input: string, values: Float32Array, rows: number, output: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @throws VallumError `ONNX_RUNTIME_ABSENT` or `MODEL_NOT_ONNX` */
export type Engine = (weights: Uint8Array) => Promise<Session>;
