// Reads a TFLite model (FlatBuffers with `TFL3`): which operators it runs, which of them need native code or the whole of
// TensorFlow, and whether every index and buffer lies where it can. Runtimes trust these numbers (CVE-2020-15211 and the
// family around it), so each is checked here. Weights are skipped. Fields: schema.fbs of TensorFlow Lite.
import type { Parser } from '../bytes/parser.js';
import type { Table } from '../flatbuffers/flat-buffer.js';
import { FlatBuffer, FlatBufferError } from '../flatbuffers/flat-buffer.js';
import { readFlexOptions } from './flex-options.js';

export interface TfliteLimits {
  readonly maxReads: number;
  /** Tensors, operators or buffers of one list. */
  readonly maxList: number;
  readonly maxProblems: number;
}

export const TFLITE_LIMITS: TfliteLimits = { maxReads: 20_000_000, maxList: 1_000_000, maxProblems: 100 };

export interface TfliteProblem {
  readonly code: 'bounds' | 'size';
  readonly message: string;
  readonly offset: number;
}

export interface TfliteReport {
  readonly version: number;
  /** Custom operators by name, and how many nodes use each. */
  readonly custom: readonly { readonly name: string; readonly nodes: number }[];
  /** Operators of TensorFlow that run inside: by the name of the custom operator, and by their own definition. */
  readonly flex: readonly {
    readonly name: string;
    readonly op: string;
    /** Where the definition, a `NodeDef`, lies. */
    readonly start: number;
    readonly end: number;
  }[];
  /** Other files that hold weights. */
  readonly external: readonly string[];
  readonly metadata: readonly string[];
  readonly operators: number;
  readonly problems: readonly TfliteProblem[];
  /** Offset behind everything that the tables point to; what follows is no part of the model. */
  readonly end: number;
  readonly fault?: string;
}

const CUSTOM = 32;
const PLACEHOLDER_FOR_GREATER = 127;
const MODEL = {
  version: 0,
  codes: 1,
  subgraphs: 2,
  buffers: 4,
  metadataBuffer: 5,
  metadata: 6,
  signatures: 7,
  groups: 8,
  external: 9,
} as const;
const CODE = { old: 0, custom: 1, builtin: 3 } as const;
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sides: 7 } as const;
/** Vectors of `QuantizationParameters`, with the bytes of their elements. */
const QUANTIZATION = [4, 4, 4, 8] as const;
const OPERATOR = {
  code: 0,
  inputs: 1,
  outputs: 2,
  options: 4,
  custom: 5,
  intermediates: 8,
  largeOffset: 9,
  largeSize: 10,
} as const;
const BUFFER = { data: 0, offset: 1, size: 2 } as const;
const SIGNATURE = { inputs: 0, outputs: 1, key: 2, subgraph: 4 } as const;

/** Bits of one element by `TensorType`; texts (5), resources and variants have no fixed size. */
const BITS: Readonly<Record<number, number>> = {
  0: 32,
  1: 16,
  2: 32,
  3: 8,
  4: 64,
  6: 8,
  7: 16,
  8: 64,
  9: 8,
  10: 64,
  11: 128,
  12: 64,
  15: 32,
  16: 16,
  17: 4,
  18: 16,
};

export function* readTflite(size: number, limits: TfliteLimits = TFLITE_LIMITS): Parser<TfliteReport> {
  const reader = new TfliteReader(size, limits);
  try {
    yield* reader.model();
  } catch (error) {
    if (!(error instanceof FlatBufferError)) throw error;
    return { ...reader.report(), fault: error.message };
  }
  return reader.report();
}

interface Code {
  readonly builtin: number;
  readonly custom: string;
  nodes: number;
}

class TfliteReader {
  readonly #buffer: FlatBuffer;
  readonly #limits: TfliteLimits;
  readonly #codes: Code[] = [];
  readonly #flex: TfliteReport['flex'][number][] = [];
  readonly #external: string[] = [];
  readonly #metadata: string[] = [];
  readonly #problems: TfliteProblem[] = [];
  /** Bytes of each buffer; those that are empty or lie in another file have none. */
  readonly #sizes: (number | undefined)[] = [];
  #version = 0;
  #operators = 0;
  #end = 0;

  constructor(size: number, limits: TfliteLimits) {
    this.#buffer = new FlatBuffer(size, limits.maxReads);
    this.#limits = limits;
  }

  report(): TfliteReport {
    return {
      version: this.#version,
      custom: this.#codes
        .filter(({ builtin }) => builtin === CUSTOM)
        .map(({ custom: name, nodes }) => ({ name, nodes })),
      flex: this.#flex,
      external: this.#external,
      metadata: this.#metadata,
      operators: this.#operators,
      problems: this.#problems,
      end: Math.max(this.#end, this.#buffer.reached),
    };
  }

  *model(): Parser<void> {
    const { maxList } = this.#limits;
    const buffer = this.#buffer;
    const model = yield* buffer.root();
    this.#version = yield* buffer.scalar(model, MODEL.version, 4);
    for (const code of yield* buffer.tables(model, MODEL.codes, maxList)) yield* this.#code(code);
    for (const one of yield* buffer.tables(model, MODEL.buffers, maxList)) yield* this.#weights(one);
    for (const group of yield* buffer.tables(model, MODEL.groups, 1000))
      this.#external.push(yield* buffer.text(group, 0));
    const subgraphs = yield* buffer.tables(model, MODEL.subgraphs, 10_000);
    for (const subgraph of subgraphs) yield* this.#subgraph(subgraph);
    for (const one of yield* buffer.tables(model, MODEL.metadata, 10_000)) {
      this.#metadata.push(yield* buffer.text(one, 0, 200));
      this.#index('metadata', yield* buffer.scalar(one, 1, 4), this.#sizes.length, 'buffer', one.at);
    }
    for (const one of yield* buffer.tables(model, MODEL.signatures, 10_000))
      this.#index('a signature', yield* buffer.scalar(one, SIGNATURE.subgraph, 4), subgraphs.length, 'graph', one.at);
    if (subgraphs.length === 0) this.#problem('bounds', 'it has no graph', 0);
  }

  *#code(table: Table): Parser<void> {
    const old = yield* this.#buffer.scalar(table, CODE.old, 1, true);
    const full = yield* this.#buffer.scalar(table, CODE.builtin, 4, true);
    const custom = yield* this.#buffer.text(table, CODE.custom, 200);
    // Runtimes take the larger of the two, so that old files and new ones read alike.
    this.#codes.push({ builtin: Math.max(full, old === PLACEHOLDER_FOR_GREATER ? 0 : old), custom, nodes: 0 });
  }

  *#weights(table: Table): Parser<void> {
    const data = yield* this.#buffer.vector(table, BUFFER.data, 1);
    const offset = yield* this.#buffer.scalar(table, BUFFER.offset, 8);
    const size = yield* this.#buffer.scalar(table, BUFFER.size, 8);
    if (data !== undefined) this.#reach(data.start + data.length);
    // Offsets 0 and 1 stand for none, as the format says.
    if (offset > 1) {
      if (offset + size > this.#buffer.size)
        this.#problem('bounds', 'a buffer reaches beyond the end of the file', table.at);
      else this.#reach(offset + size);
    }
    const length = offset > 1 ? size : data?.length;
    this.#sizes.push(length === 0 ? undefined : length);
  }

  *#subgraph(table: Table): Parser<void> {
    const buffer = this.#buffer;
    const tensors = yield* buffer.tables(table, SUBGRAPH.tensors, this.#limits.maxList);
    for (const tensor of tensors) yield* this.#tensor(tensor);
    for (const field of [SUBGRAPH.inputs, SUBGRAPH.outputs])
      for (const index of yield* buffer.integers(table, field, this.#limits.maxList))
        this.#index('a graph', index, tensors.length, 'tensor', table.at);
    for (const operator of yield* buffer.tables(table, SUBGRAPH.operators, this.#limits.maxList))
      yield* this.#operator(operator, tensors.length);
  }

  *#tensor(table: Table): Parser<void> {
    const buffer = this.#buffer;
    const index = yield* buffer.scalar(table, TENSOR.buffer, 4);
    const shape = yield* buffer.integers(table, TENSOR.shape, 1000);
    yield* buffer.vector(table, TENSOR.sides, 4);
    yield* this.#quantization(table.fields[TENSOR.quantization] ?? 0);
    if (shape.some((side) => side < -1)) this.#problem('bounds', 'a tensor has a negative side', table.at);
    if (!this.#index('a tensor', index, Math.max(1, this.#sizes.length), 'buffer', table.at)) return;
    const size = this.#sizes[index];
    const bits = BITS[yield* buffer.scalar(table, TENSOR.type, 1)];
    if (size === undefined || bits === undefined || index === 0) return;
    const wanted = Math.ceil((shape.reduce((product, side) => product * side, 1) * bits) / 8);
    // Sparse tensors keep fewer bytes than their shape has room for; none keeps more.
    if (wanted >= 0 && size > wanted)
      this.#problem(
        'size',
        `${JSON.stringify(yield* buffer.text(table, TENSOR.name, 200))}: ${size} bytes for ${wanted}`,
        table.at,
      );
  }

  *#quantization(at: number): Parser<void> {
    if (at === 0) return;
    const table = yield* this.#buffer.table(yield* this.#buffer.follow(at));
    for (const [field, bytes] of QUANTIZATION.entries()) yield* this.#buffer.vector(table, field, bytes);
  }

  *#operator(table: Table, tensors: number): Parser<void> {
    const buffer = this.#buffer;
    this.#operators += 1;
    const index = yield* buffer.scalar(table, OPERATOR.code, 4);
    for (const field of [OPERATOR.inputs, OPERATOR.outputs, OPERATOR.intermediates])
      for (const tensor of yield* buffer.integers(table, field, this.#limits.maxList))
        if (tensor !== -1 || field === OPERATOR.outputs)
          this.#index('an operator', tensor, tensors, 'tensor', table.at);
    if (!this.#index('an operator', index, this.#codes.length, 'kind of operator', table.at)) return;
    const code = this.#codes[index];
    if (code === undefined) return;
    code.nodes += 1;
    const large = yield* buffer.scalar(table, OPERATOR.largeOffset, 8);
    const largeSize = yield* buffer.scalar(table, OPERATOR.largeSize, 8);
    if (large > 1 && large + largeSize > buffer.size)
      return this.#problem('bounds', 'the options of an operator reach beyond the end', table.at);
    if (large > 1) this.#reach(large + largeSize);
    const built = table.fields[OPERATOR.options] ?? 0;
    if (built !== 0) yield* buffer.table(yield* buffer.follow(built));
    const options = yield* buffer.vector(table, OPERATOR.custom, 1);
    if (code.builtin !== CUSTOM || !code.custom.startsWith('Flex')) return;
    const place = large > 1 ? { start: large, length: largeSize } : (options ?? { start: 0, length: 0 });
    const inner = yield* readFlexOptions(buffer, place);
    if (this.#flex.length < this.#limits.maxList) this.#flex.push({ name: code.custom, ...inner });
  }

  #index(what: string, index: number, count: number, of: string, offset: number): boolean {
    if (index >= 0 && index < count) return true;
    this.#problem('bounds', `${what} points at ${of} ${index} of ${count}`, offset);
    return false;
  }

  #reach(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  #problem(code: TfliteProblem['code'], message: string, offset: number): void {
    if (this.#problems.length < this.#limits.maxProblems) this.#problems.push({ code, message, offset });
  }
}
