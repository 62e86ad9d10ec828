// What a reader of TensorFlow graphs says: facts that a judge needs, in the graph's own words.

/** What is kept of a node: nothing, its name and inputs, or its attributes too. */
export type Keeps = 'nothing' | 'inputs' | 'attributes';

export interface TensorflowLimits {
  readonly maxFields: number;
  /** Nodes over all graphs and functions, kept or not. */
  readonly maxNodes: number;
  /** Bytes of names, inputs and constants that are kept. */
  readonly maxText: number;
  /** Functions in attributes of functions in attributes. */
  readonly maxDepth: number;
}

export const TENSORFLOW_LIMITS: TensorflowLimits = {
  maxFields: 10_000_000,
  maxNodes: 1_000_000,
  maxText: 32 * 1024 * 1024,
  maxDepth: 8,
};

export interface TensorflowAttribute {
  readonly name: string;
  /** First 4 KiB of each text. */
  readonly texts: readonly string[];
  /** Where the first text lies, whole. */
  readonly start: number;
  readonly end: number;
}

export interface TensorflowNode {
  readonly name: string;
  readonly op: string;
  /** `node:1`, `node:output:0` in functions, `^node` where only the order matters. */
  readonly inputs: readonly string[];
  /** Functions that it calls. */
  readonly calls: readonly string[];
  /** Of operators that the caller asked about. */
  readonly attributes: readonly TensorflowAttribute[];
  /** Texts of a constant, the first ones. */
  readonly texts: readonly string[];
  readonly at: number;
}

export interface TensorflowFunction {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly nodes: readonly TensorflowNode[];
}

export interface TensorflowSaver {
  readonly filename: string;
  readonly save: string;
  readonly restore: string;
}

export interface TensorflowGraph {
  readonly nodes: readonly TensorflowNode[];
  readonly functions: readonly TensorflowFunction[];
  readonly savers: readonly TensorflowSaver[];
  /** Tensors whose value the loader replaces by the path of an asset. */
  readonly assets: readonly { readonly tensor: string; readonly file: string; readonly at: number }[];
  readonly signatures: readonly {
    readonly key: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  /** What Keras and others wrote about their objects. */
  readonly metadata: readonly { readonly identifier: string; readonly text: string; readonly at: number }[];
}

export interface TensorflowProblem {
  readonly code: 'unknown-field' | 'repeated' | 'no-graph';
  readonly message: string;
  readonly offset: number;
}

export type TensorflowKind = 'saved-model' | 'meta-graph' | 'graph' | 'keras-metadata';

export interface TensorflowReport {
  readonly kinds: readonly TensorflowKind[];
  readonly graphs: readonly TensorflowGraph[];
  readonly problems: readonly TensorflowProblem[];
  readonly fault?: string;
}
