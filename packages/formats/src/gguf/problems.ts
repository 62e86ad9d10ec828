// What can be wrong with a GGUF file that can be read all the same.

export type GgufProblemCode =
  | 'count'
  | 'length'
  | 'nesting'
  | 'dimensions'
  | 'overflow'
  | 'shape'
  | 'tensor-type'
  | 'offset'
  | 'overlap'
  | 'outside'
  | 'hole'
  | 'trailing'
  | 'alignment'
  | 'duplicate'
  | 'name'
  | 'value';

export interface GgufProblem {
  readonly code: GgufProblemCode;
  readonly message: string;
  readonly offset: number;
}
