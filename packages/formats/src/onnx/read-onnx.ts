// What an ONNX model would make its loader do: which operators of which domains, and which other files it reads.
// Threats: external data that points anywhere on the disk (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480), custom
// operators that need a native library, sizes that do not fit, paths in attributes, metadata that its readers evaluate.
// Weights are skipped, never read. Fields: onnx.proto3.
import type { Parser } from '../bytes/parser.js';
import { pair, readTensor } from './tensors.js';
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
  readonly code:
    | 'tensor-size'
    | 'external-number'
    | 'external-repeated'
    | 'repeated-graph'
    | 'repeated-opset'
    | 'redefined'
    | 'unknown-field'
    | 'no-opset'
    | 'no-graph';
  readonly message: string;
  readonly offset: number;
}

export interface OnnxText {
  readonly where: 'attribute' | 'metadata';
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

export interface OnnxReport {
  readonly operators: readonly OnnxOperator[];
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Functions that the model itself defines, as `domain::name`. */
  readonly functions: readonly string[];
  /** Texts of attributes and metadata, shorter than 64 KiB each. */
  readonly texts: readonly OnnxText[];
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

/**
 * True when the input has the shape of an ONNX model: known fields of known types, with a graph that begins like one. A
 * field that the format does not have is passed over, as loaders do, when everything else fits to the last byte.
 */
export function* looksLikeOnnx(size: number): Parser<boolean> {
  const reader = new WireReader(size, 5000);
  let graph = false;
  let other = false;
  let strange = 0;
  try {
    for (let at = 0; at < size;) {
      const field = yield* reader.field(at, size);
      if (MODEL_FIELDS[field.number] !== field.wire) strange += 1;
      else if (field.number !== MODEL.graph) other = true;
      else if (yield* looksLikeGraph(reader, field)) graph = true;
      else return false;
      if (strange > 0 && !graph && !other && at > 4096) return false;
      if (strange > 100) return false;
      at = field.end;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return graph && other && strange === 0;
  }
  return graph && other;
}

function* looksLikeGraph(reader: WireReader, graph: Field): Parser<boolean> {
  for (let at = graph.start, count = 0; at < graph.end && count < 8; count++) {
    const field = yield* reader.field(at, graph.end);
    if (!GRAPH_FIELDS.has(field.number) || field.wire !== 2) return false;
    at = field.end;
  }
  return true;
}

const MODEL = { producer: 2, graph: 7, opset: 8, metadata: 14, training: 20, functions: 25 } as const;
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
const GRAPH = { node: 1, initializer: 5, sparse: 15, metadata: 16 } as const;
const GRAPH_FIELDS: ReadonlySet<number> = new Set([1, 2, 5, 10, 11, 12, 13, 14, 15, 16]);
const NODE = { type: 4, attribute: 5, domain: 7, metadata: 9 } as const;
const FUNCTION = { name: 1, node: 7, domain: 10, attribute: 11, metadata: 14 } as const;
const ATTRIBUTE = { name: 1, text: 4, tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 } as const;
const STANDARD: ReadonlySet<string> = new Set(['', 'ai.onnx']);
/** Attributes that name files: the compiled model of an execution provider (onnxruntime, EPContext). */
const PATHS: ReadonlySet<string> = new Set(['ep_cache_context']);
const MAX_TEXTS = 1000;
const MAX_TEXT = 64 * 1024;
class OnnxReader {
  readonly #wire: WireReader;
  readonly #limits: OnnxLimits;
  readonly #operators = new Map<string, { domain: string; type: string; offset: number; count: number }>();
  readonly #opsets: { domain: string; version: number }[] = [];
  readonly #functions = new Set<string>();
  readonly #texts: OnnxText[] = [];
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
      functions: [...this.#functions],
      texts: this.#texts,
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
      else if (field.number === MODEL.metadata) yield* this.#metadata(field);
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
    const before = this.#opsets.find((opset) => opset.domain === domain);
    if (before !== undefined && before.version !== version)
      this.#problem('repeated-opset', `it asks for two versions of ${JSON.stringify(domain)}`, message.start);
    if (this.#opsets.length >= this.#limits.maxKept)
      throw new WireError('it uses more sets of operators than are read');
    this.#opsets.push({ domain, version });
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
    let name = '';
    let domain = '';
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === FUNCTION.name) name = yield* this.#wire.text(field, 200);
      else if (field.number === FUNCTION.domain) domain = yield* this.#wire.text(field, 200);
      else if (field.number === FUNCTION.node) yield* this.#node(field, 0);
      else if (field.number === FUNCTION.attribute) yield* this.#attribute(field, 0);
      else if (field.number === FUNCTION.metadata) yield* this.#metadata(field);
      at = field.end;
    }
    if (STANDARD.has(domain))
      this.#problem('redefined', `it defines ${JSON.stringify(name)} in the standard domain itself`, message.start);
    if (this.#functions.size >= this.#limits.maxKept * 10)
      throw new WireError('it defines more functions than are read');
    this.#functions.add(`${domain}::${name}`);
  }

  *#metadata(field: Field): Parser<void> {
    const [key, value] = yield* pair(this.#wire, field, MAX_TEXT);
    this.#text({ where: 'metadata', key, value, offset: field.start });
  }

  #text(text: OnnxText): void {
    if (text.value === '') return;
    if (this.#texts.length >= MAX_TEXTS) throw new WireError('it holds more texts than are read');
    this.#texts.push(text);
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
      else if (field.number === GRAPH.metadata) yield* this.#metadata(field);
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
    let key = '';
    let text: Field | undefined;
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === ATTRIBUTE.name) key = yield* this.#wire.text(field, 200);
      else if (field.number === ATTRIBUTE.text) text = field;
      else if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors) yield* this.#tensor(field);
      else if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
        yield* this.#graph(field, depth + 1);
      else if (field.number === ATTRIBUTE.sparse || field.number === ATTRIBUTE.sparses) yield* this.#sparse(field);
      at = field.end;
    }
    if (text === undefined || !PATHS.has(key)) return;
    const value = yield* this.#wire.text(text, MAX_TEXT);
    this.#text({ where: 'attribute', key, value, offset: message.start });
  }

  *#sparse(message: Field): Parser<void> {
    for (const field of yield* this.#fields(message))
      if (field.number === 1 || field.number === 2) yield* this.#tensor(field);
  }

  *#tensor(message: Field): Parser<void> {
    const { name, place, outside, problem } = yield* readTensor(this.#wire, message);
    if (outside) this.#outside(name, place, message.start);
    if (problem !== undefined) this.#problem('tensor-size', problem, message.start);
  }

  #outside(tensor: string, place: readonly (readonly [string, string])[], at: number): void {
    if (this.#external.length >= this.#limits.maxKept * 100) throw new WireError('too many tensors lie in other files');
    const pairs = new Map(place);
    if (pairs.size !== place.length)
      this.#problem('external-repeated', `the tensor ${JSON.stringify(tensor)} says twice where it lies`, at);
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
