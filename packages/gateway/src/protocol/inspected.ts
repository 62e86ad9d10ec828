// What the gateway understood of a request body: enough to count, to check, to sketch, and to forward what was checked.
import type { Beside } from './texts-in.js';

export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'BF16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

export type NumberArray =
  Float64Array | Float32Array | Int32Array | Uint8Array | Int8Array | Int16Array | Uint16Array | Uint32Array;

/** One named input. A tensor has numbers or texts; shape x datatype was checked against the bytes. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** Non-negative integers; their product is the number of elements. */
  readonly shape: readonly number[];
  /** Row-major. 64-bit integers come as the nearest doubles. Binary tensors are views, not copies, where they can be. */
  readonly numbers?: NumberArray;
  /** For BYTES: decoded as UTF-8, with the replacement character where it is none. */
  readonly texts?: readonly string[];
}

export interface Inspected {
  /** Model and version that the body names, where the protocol puts them there. */
  readonly model?: string;
  readonly version?: string;
  readonly inputs: readonly InputTensor[];
  /** Numbers and texts of all inputs. */
  readonly elements: number;
  /** Rows of a batch: the first dimension, or rows of a table; 1 where there is none. Each counts as one query. */
  readonly rows: number;
  /** For language models: tokens asked for, estimated as 4 bytes of UTF-8 a token of prompt plus the answer's maximum. */
  readonly tokens?: number;
  /** The caller asked for a stream of events. */
  readonly stream: boolean;
  /** Exactly what goes to the upstream: the bytes that were checked. */
  readonly forward: Buffer;
  /** Headers that belong to the body, lower case: content-type, inference-header-content-length. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The same request with other texts, such as masked ones: for each input the texts in its place, as many as before, or
   * undefined where they stay; and those beside them, as many as before. Absent where the body holds no texts or cannot be
   * written again: then refuse, never forward.
   */
  readonly withTexts?: (texts: readonly (readonly string[] | undefined)[], beside?: readonly string[]) => Inspected;
  /** Every text of the forwarded bytes that is in no input and was not checked to be a word of the protocol. */
  readonly beside?: Beside;
}
