// What an ONNX model would make its loader do: which operators of which domains, and which other files it reads.
// Threats: external data that points anywhere on the disk (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480), custom
// operators that need a native library, sizes that do not fit. Weights are skipped, never read. Fields: onnx.proto3.
import type { Parser } from '../bytes/parser.js';
import type { Field } from './wire.js';
import { WireError, WireReader } from './wire.js';

export interface OnnxLimits {
  readonly maxFields: number;
  /** Graphs inside attributes inside graphs. */
  readonly maxDepth: number;
  /** Distinct operators, tensors with problems, external files that are kept. */
  readonly maxKept: number;
}

export const ONNX_LIMITS: OnnxLimits = { maxFields: 5_000_000, maxDepth: 16, maxKept: 1000 };

export interface OnnxOperator {
  /** Empty for the standard domain. */
  readonly domain: string;
  readonly type: string;
  /** Offset of the first node. */
  readonly offset: number;
  readonly count: number;
}

export interface ExternalData {
  readonly tensor: string;
  readonly location: string;
  readonly offset: number;
  /** Bytes, as written; undefined where the rest of the file is meant. */
  readonly length?: number;
  /** Offset of the tensor in the model. */
  readonly at: number;
}

export interface OnnxProblem {
  readonly code: 'tensor-size' | 'external-number' | 'repeated-graph' | 'unknown-field' | 'no-opset' | 'no-graph';
  readonly message: string;
  readonly offset: number;
}

export interface OnnxReport {
  readonly operators: readonly OnnxOperator[];
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Domains of the functions that the model itself defines. */
  readonly functionDomains: readonly string[];
  readonly external: readonly ExternalData[];
  readonly problems: readonly OnnxProblem[];
  readonly producer: string;
  readonly fault?: string;
}

export function* readOnnx(size: number, limits: OnnxLimits = ONNX_LIMITS): Parser<OnnxReport> {
  const reader = new OnnxReader(size, limits);
  try {
    yield* reader.model(size);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ...reader.report(), fault: error.message };
  }
  return reader.report();
}

/** True when the input has the shape of an ONNX model: known fields of known types up to the end, with graph and opset. */
export function* looksLikeOnnx(size: number): Parser<boolean> {
  const reader = new WireReader(size, 100_000);
  let graph = false;
  let other = false;
  try {
    for (let at = 0; at < size;) {
      const field = yield* reader.field(at, size);
      if (MODEL_FIELDS[field.number] !== field.wire) return graph && other;
      if (field.number === MODEL.graph) graph = true;
      else other = true;
      at = field.end;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return graph && other;
  }
  return graph && other;
}

const MODEL = { producer: 2, graph: 7, opset: 8, training: 20, functions: 25 } as const;
const MODEL_FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};
const GRAPH = { node: 1, initializer: 5, sparse: 15 } as const;
const NODE = { type: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 } as const;
const TENSOR = { dims: 1, type: 2, name: 8, raw: 9, external: 13, place: 14 } as const;
// Bits of one element by TensorProto.DataType; strings (8) have no fixed size.
const BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  14: 64,
  15: 128,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
  23: 4,
  24: 8,
};

class OnnxReader {
  readonly #wire: WireReader;
  readonly #limits: OnnxLimits;
  readonly #operators = new Map<string, { domain: string; type: string; offset: number; count: number }>();
  readonly #opsets: { domain: string; version: number }[] = [];
  readonly #functionDomains = new Set<string>();
  readonly #external: ExternalData[] = [];
  readonly #problems: OnnxProblem[] = [];
  #producer = '';

  constructor(size: number, limits: OnnxLimits) {
    this.#wire = new WireReader(size, limits.maxFields);
    this.#limits = limits;
  }

  report(): OnnxReport {
    return {
      operators: [...this.#operators.values()],
      opsets: this.#opsets,
      functionDomains: [...this.#functionDomains],
      external: this.#external,
      problems: this.#problems,
      producer: this.#producer,
    };
  }

  *model(size: number): Parser<void> {
    let graphs = 0;
    for (let at = 0; at < size;) {
      const field = yield* this.#wire.field(at, size);
      if (field.number === MODEL.graph) {
        graphs += 1;
        if (graphs === 2) this.#problem('repeated-graph', 'it has more than one graph, and readers merge them', at);
        yield* this.#graph(field, 0);
      } else if (field.number === MODEL.opset) yield* this.#opset(field);
      else if (field.number === MODEL.functions) yield* this.#function(field);
      else if (field.number === MODEL.training) yield* this.#training(field);
      else if (field.number === MODEL.producer) this.#producer = yield* this.#wire.text(field, 200);
      else if (MODEL_FIELDS[field.number] !== field.wire)
        this.#problem('unknown-field', `field ${field.number} is not part of the format`, at);
      at = field.end;
    }
    if (graphs === 0) this.#problem('no-graph', 'it has no graph', 0);
    if (this.#opsets.length === 0) this.#problem('no-opset', 'it does not say which operator set it uses', 0);
  }

  *#opset(message: Field): Parser<void> {
    let domain = '';
    let version = 0;
    for (const field of yield* this.#fields(message))
      if (field.number === 1) domain = yield* this.#wire.text(field, 200);
      else if (field.number === 2) version = field.value;
    if (this.#opsets.length < this.#limits.maxKept) this.#opsets.push({ domain, version });
  }

  /** All fields of a small message. */
  *#fields(message: Field): Parser<readonly Field[]> {
    if (message.wire !== 2) throw new WireError('a message is no message');
    const fields: Field[] = [];
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (fields.length < 100_000) fields.push(field);
      else throw new WireError('a message has too many fields');
      at = field.end;
    }
    return fields;
  }

  *#function(message: Field): Parser<void> {
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 10) this.#functionDomains.add(yield* this.#wire.text(field, 200));
      else if (field.number === 7) yield* this.#node(field, 0);
      at = field.end;
    }
  }

  *#training(message: Field): Parser<void> {
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1 || field.number === 2) yield* this.#graph(field, 0);
      at = field.end;
    }
  }

  *#graph(message: Field, depth: number): Parser<void> {
    if (message.wire !== 2) throw new WireError('a graph is no message');
    if (depth > this.#limits.maxDepth) throw new WireError('graphs are nested too deep');
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === GRAPH.node) yield* this.#node(field, depth);
      else if (field.number === GRAPH.initializer) yield* this.#tensor(field);
      else if (field.number === GRAPH.sparse) yield* this.#sparse(field);
      at = field.end;
    }
  }

  *#node(message: Field, depth: number): Parser<void> {
    if (message.wire !== 2) throw new WireError('a node is no message');
    let type = '';
    let domain = '';
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === NODE.type) type = yield* this.#wire.text(field, 200);
      else if (field.number === NODE.domain) domain = yield* this.#wire.text(field, 200);
      else if (field.number === NODE.attribute) yield* this.#attribute(field, depth);
      at = field.end;
    }
    const key = `${domain}\n${type}`;
    const known = this.#operators.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#operators.size < this.#limits.maxKept)
      this.#operators.set(key, { domain, type, offset: message.start, count: 1 });
    else throw new WireError('it uses more kinds of operators than are read');
  }

  *#attribute(message: Field, depth: number): Parser<void> {
    if (message.wire !== 2) throw new WireError('an attribute is no message');
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors) yield* this.#tensor(field);
      else if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
        yield* this.#graph(field, depth + 1);
      else if (field.number === ATTRIBUTE.sparse || field.number === ATTRIBUTE.sparses) yield* this.#sparse(field);
      at = field.end;
    }
  }

  *#sparse(message: Field): Parser<void> {
    for (const field of yield* this.#fields(message))
      if (field.number === 1 || field.number === 2) yield* this.#tensor(field);
  }

  *#tensor(message: Field): Parser<void> {
    if (message.wire !== 2) throw new WireError('a tensor is no message');
    let elements = 1;
    let bits: number | undefined;
    let raw: number | undefined;
    let name = '';
    let outside = false;
    const place: [string, string][] = [];
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === TENSOR.dims) elements *= yield* this.#dims(field);
      else if (field.number === TENSOR.type) bits = BITS[field.value];
      else if (field.number === TENSOR.name) name = yield* this.#wire.text(field, 200);
      else if (field.number === TENSOR.raw) raw = field.end - field.start;
      else if (field.number === TENSOR.place) outside = field.value === 1;
      else if (field.number === TENSOR.external && place.length < 16) place.push(yield* this.#pair(field));
      at = field.end;
    }
    if (outside || place.length > 0) this.#outside(name, place, message.start);
    if (raw === undefined || bits === undefined || outside) return;
    if (raw !== Math.ceil((elements * bits) / 8))
      this.#problem(
        'tensor-size',
        `the tensor ${JSON.stringify(name)} has ${raw} bytes that its shape does not explain`,
        message.start,
      );
  }

  /** The product of the dimensions in a field, packed or not. */
  *#dims(field: Field): Parser<number> {
    if (field.wire === 0) return field.value;
    const bytes = yield* this.#wire.bytes(field, 4096);
    let product = 1;
    let value = 0;
    let factor = 1;
    for (const byte of bytes) {
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte >= 0x80) continue;
      product *= value;
      value = 0;
      factor = 1;
    }
    return product;
  }

  *#pair(message: Field): Parser<[string, string]> {
    let key = '';
    let value = '';
    for (const field of yield* this.#fields(message))
      if (field.number === 1) key = yield* this.#wire.text(field, 200);
      else if (field.number === 2) value = yield* this.#wire.text(field);
    return [key, value];
  }

  #outside(tensor: string, place: readonly [string, string][], at: number): void {
    if (this.#external.length >= this.#limits.maxKept * 100) throw new WireError('too many tensors lie in other files');
    const pairs = new Map(place);
    const location = pairs.get('location') ?? '';
    const numbers = [pairs.get('offset') ?? '0', pairs.get('length')];
    for (const text of numbers)
      if (text !== undefined && !/^[0-9]{1,15}$/.test(text))
        this.#problem('external-number', `the tensor ${JSON.stringify(tensor)} lies at a place that is no number`, at);
    const length = pairs.get('length');
    const found = { tensor, location, offset: Number(numbers[0]), at };
    this.#external.push(length === undefined ? found : { ...found, length: Number(length) });
  }

  #problem(code: OnnxProblem['code'], message: string, offset: number): void {
    if (this.#problems.length < this.#limits.maxKept) this.#problems.push({ code, message, offset });
  }
}
