// Reads the graphs of TensorFlow: SavedModel, MetaGraph (`.meta`), GraphDef (`.pb`) and `keras_metadata.pb`, from protobuf.
// A graph is a program: its operators read and write files, call Python, speak to other machines. The reader lists all
// nodes of the graph and of every function, with what they call and the texts of constants; weights are skipped.
// Fields: saved_model.proto, meta_graph.proto, graph.proto, node_def.proto, function.proto, tensor.proto of TensorFlow.
import type { Parser } from '../bytes/parser.js';
import type { Extent, Field } from '../protobuf/wire.js';
import { unpackVarints, Wire, WIRE, WireError } from '../protobuf/wire.js';
import type {
  TensorflowAttribute,
  TensorflowFunction,
  TensorflowGraph,
  Keeps,
  TensorflowKind,
  TensorflowLimits,
  TensorflowNode,
  TensorflowProblem,
  TensorflowReport,
} from './report.js';
import { TENSORFLOW_LIMITS } from './report.js';
import { tensorflowKinds } from './shapes.js';

/** @param keeps what is kept of nodes by their operator; those that call functions or hold texts are kept in any case */
export function* readTensorflow(
  size: number,
  keeps: (op: string) => Keeps = () => 'attributes',
  limits: TensorflowLimits = TENSORFLOW_LIMITS,
): Parser<TensorflowReport> {
  const kinds = yield* tensorflowKinds(size);
  if (kinds.length === 0) return { kinds, graphs: [], problems: [], fault: 'it is no graph of TensorFlow' };
  const reader = new Reader(size, keeps, limits);
  try {
    for (const kind of kinds) yield* reader.file(kind, { start: 0, end: size });
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kinds, ...reader.report(), fault: error.message };
  }
  return { kinds, ...reader.report() };
}

const DT_STRING = 7;
const MAX_TEXT = 4096;
const MAX_TEXTS = 256;
const MAX_METADATA = 8 * 1024 * 1024;
const MAX_PROBLEMS = 100;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };

class Reader {
  readonly #wire: Wire;
  readonly #keeps: (op: string) => Keeps;
  readonly #limits: TensorflowLimits;
  readonly #graphs: TensorflowGraph[] = [];
  readonly #problems: TensorflowProblem[] = [];
  #nodesLeft: number;
  #textLeft: number;

  constructor(size: number, keeps: (op: string) => Keeps, limits: TensorflowLimits) {
    this.#wire = new Wire(size, limits.maxFields);
    this.#keeps = keeps;
    this.#limits = limits;
    this.#nodesLeft = limits.maxNodes;
    this.#textLeft = limits.maxText;
  }

  report(): Pick<TensorflowReport, 'graphs' | 'problems'> {
    return { graphs: this.#graphs, problems: this.#problems };
  }

  *file(kind: TensorflowKind, file: Extent): Parser<void> {
    if (kind === 'saved-model') {
      for (let at = file.start; at < file.end;) {
        const field = yield* this.#wire.field(at, file.end);
        if (field.number === 2) yield* this.#metaGraph(field, this.#graph());
        else if (field.number !== 1) this.#unknown(field);
        at = field.end;
      }
    } else if (kind === 'meta-graph') yield* this.#metaGraph(file, this.#graph());
    else if (kind === 'graph') yield* this.#nodes(file, this.#graph());
    else yield* this.#kerasMetadata(file, this.#graph());
  }

  #graph(): Mutable<TensorflowGraph> {
    const graph = { nodes: [], functions: [], savers: [], assets: [], signatures: [], metadata: [] };
    this.#graphs.push(graph);
    return graph;
  }

  *#metaGraph(message: Extent, graph: Mutable<TensorflowGraph>): Parser<void> {
    let graphs = 0;
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 2) {
        graphs += 1;
        // Readers merge them, so all their nodes are in the one graph.
        if (graphs === 2) this.#problem('repeated', 'it has more than one graph where there is room for one', at);
        yield* this.#nodes(field, graph);
      } else if (field.number === 3) yield* this.#saver(field, graph);
      else if (field.number === 4) yield* this.#collection(field, graph);
      else if (field.number === 5) yield* this.#signature(field, graph);
      else if (field.number === 6) yield* this.#asset(field, graph);
      else if (field.number === 7) yield* this.#objects(field, graph);
      else if (field.number !== 1) this.#unknown(field);
      at = field.end;
    }
    if (graphs === 0) this.#problem('no-graph', 'it has no graph', message.start);
  }

  *#nodes(message: Extent, graph: Mutable<TensorflowGraph>): Parser<void> {
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) yield* this.#node(field, graph.nodes);
      else if (field.number === 2) yield* this.#library(field, graph);
      else if (field.number > 5) this.#unknown(field);
      at = field.end;
    }
  }

  *#library(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    bytesOnly(message);
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) graph.functions.push(yield* this.#function(field));
      at = field.end;
    }
  }

  *#function(message: Field): Parser<TensorflowFunction> {
    bytesOnly(message);
    let name = '';
    const found: string[] = [];
    const nodes: TensorflowNode[] = [];
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) {
        for (const part of yield* this.#wire.fields(field))
          if (part.number === 1) name = yield* this.#kept(part);
          else if (part.number === 2)
            for (const inner of yield* this.#wire.fields(part))
              if (inner.number === 1) found.push(yield* this.#kept(inner));
      } else if (field.number === 3) yield* this.#node(field, nodes);
      at = field.end;
    }
    return { name, arguments: found, nodes };
  }

  *#node(message: Field, nodes: TensorflowNode[]): Parser<void> {
    bytesOnly(message);
    if (--this.#nodesLeft < 0) throw new WireError('it has more nodes than are read');
    const fields = yield* this.#wire.fields(message);
    let op = '';
    for (const field of fields) if (field.number === 2) op = yield* this.#wire.text(field, MAX_TEXT);
    const keeps = this.#keeps(op);
    const calls: string[] = [];
    const attributes: TensorflowAttribute[] = [];
    const texts: string[] = [];
    for (const field of fields) {
      if (field.number !== 5) continue;
      const [key, values] = yield* this.#pair(field);
      for (const value of values) {
        const attribute = { name: key, texts: [], start: 0, end: 0 };
        yield* this.#value(value, calls, keeps === 'attributes' ? attribute : undefined, texts, 0);
        if (attribute.texts.length > 0) attributes.push(attribute);
      }
    }
    if (keeps === 'nothing' && calls.length === 0 && texts.length === 0) return;
    let name = '';
    const inputs: string[] = [];
    for (const field of fields)
      if (field.number === 1) name = yield* this.#kept(field);
      else if (field.number === 3) inputs.push(yield* this.#kept(field));
    nodes.push({ name, op: this.#keep(op), inputs, calls, attributes, texts, at: message.start });
  }

  /** An entry of a map: readers take the last key and merge the values. */
  *#pair(message: Field): Parser<[string, Field[]]> {
    bytesOnly(message);
    let key = '';
    const values: Field[] = [];
    for (const field of yield* this.#wire.fields(message))
      if (field.number === 1) key = yield* this.#wire.text(field, 200);
      else if (field.number === 2) values.push(field);
    return [key, values];
  }

  /** An `AttrValue`, or the list inside one, whose fields have the same numbers but for functions. */
  *#value(
    message: Field,
    calls: string[],
    attribute: Mutable<TensorflowAttribute> | undefined,
    texts: string[],
    depth: number,
  ): Parser<void> {
    bytesOnly(message);
    if (depth > this.#limits.maxDepth) throw new WireError('attributes are nested too deep');
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) yield* this.#value(field, calls, attribute, texts, depth + 1);
      else if (field.number === 2 && attribute !== undefined) yield* this.#attributeText(field, attribute);
      else if (field.number === 8) yield* this.#tensor(field, texts, depth);
      else if (field.number === 9 || field.number === 10) yield* this.#call(field, calls, texts, depth);
      at = field.end;
    }
  }

  *#attributeText(field: Field, attribute: Mutable<TensorflowAttribute>): Parser<void> {
    if (attribute.texts.length >= MAX_TEXTS) return;
    if (attribute.texts.length === 0) Object.assign(attribute, { start: field.start, end: field.end });
    attribute.texts.push(yield* this.#kept(field));
  }

  /** A function with attributes of its own; number 9 is a placeholder's name where it stands outside a list. */
  *#call(field: Field, calls: string[], texts: string[], depth: number): Parser<void> {
    if (field.wire !== WIRE.bytes) throw new WireError('a function is no function');
    let parts: readonly Field[];
    try {
      parts = yield* this.#wire.fields(field);
    } catch (error) {
      if (error instanceof WireError && field.number === 9) return;
      throw error;
    }
    for (const part of parts)
      if (part.number === 1 && part.wire === WIRE.bytes) calls.push(yield* this.#kept(part));
      else if (part.number === 2 && part.wire === WIRE.bytes) {
        const [, values] = yield* this.#pair(part);
        for (const value of values) yield* this.#value(value, calls, undefined, texts, depth + 1);
      }
  }

  /** Keeps the texts of a tensor of texts; they stand one by one or, packed, in its content. */
  *#tensor(message: Field, texts: string[], depth: number): Parser<void> {
    bytesOnly(message);
    if (depth > this.#limits.maxDepth) throw new WireError('tensors are nested too deep');
    let type = 0;
    let elements = 1;
    let content: Field | undefined;
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) type = field.value;
      else if (field.number === 2) elements = yield* this.#elements(field);
      else if (field.number === 4) content = field;
      else if (field.number === 8 && texts.length < MAX_TEXTS) texts.push(yield* this.#kept(field));
      else if (field.number === 15) yield* this.#variant(field, texts, depth);
      at = field.end;
    }
    if (type === DT_STRING && content !== undefined) yield* this.#packed(content, elements, texts);
  }

  *#elements(shape: Field): Parser<number> {
    bytesOnly(shape);
    let product = 1;
    for (const side of yield* this.#wire.fields(shape)) {
      if (side.number !== 2 || side.wire !== WIRE.bytes) continue;
      let length = 0;
      for (const field of yield* this.#wire.fields(side)) if (field.number === 1) length = field.value;
      product *= length;
    }
    return product;
  }

  /** Lengths as varints, then the texts (`DecodeStringList` of TensorFlow). */
  *#packed(content: Field, elements: number, texts: string[]): Parser<void> {
    const bytes = yield* this.#wire.bytes(content, 1024 * 1024);
    const lengths = unpackVarints(bytes, Math.min(elements, bytes.length));
    let at = lengths.length;
    for (const length of lengths.values) {
      if (texts.length >= MAX_TEXTS) return;
      texts.push(this.#keep(Buffer.from(bytes.subarray(at, at + Math.min(length, MAX_TEXT))).toString('utf8')));
      at += length;
    }
  }

  *#variant(message: Field, texts: string[], depth: number): Parser<void> {
    bytesOnly(message);
    for (const field of yield* this.#wire.fields(message))
      if (field.number === 3) yield* this.#tensor(field, texts, depth + 1);
      else if (field.number === 2 && texts.length < MAX_TEXTS) texts.push(yield* this.#kept(field));
  }

  *#saver(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    bytesOnly(message);
    const saver = { filename: '', save: '', restore: '' };
    for (const field of yield* this.#wire.fields(message))
      if (field.number === 1) saver.filename = yield* this.#kept(field);
      else if (field.number === 2) saver.save = yield* this.#kept(field);
      else if (field.number === 3) saver.restore = yield* this.#kept(field);
    graph.savers.push(saver);
  }

  /** Collections of version 1: only savers and assets say something that its other parts do not. */
  *#collection(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    const [key, values] = yield* this.#pair(message);
    if (key !== 'savers' && key !== 'saved_model_assets') return;
    for (const value of values)
      for (const list of yield* this.#wire.fields(value))
        for (const item of yield* this.#wire.fields(list))
          if (key === 'savers' && list.number === 2) yield* this.#saver(item, graph);
          else if (key === 'saved_model_assets' && list.number === 5)
            for (const part of yield* this.#wire.fields(item)) if (part.number === 2) yield* this.#asset(part, graph);
  }

  *#signature(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    const [key, values] = yield* this.#pair(message);
    const inputs: string[] = [];
    const outputs: string[] = [];
    for (const value of values)
      for (const field of yield* this.#wire.fields(value)) {
        if (field.number !== 1 && field.number !== 2) continue;
        const [, infos] = yield* this.#pair(field);
        for (const info of infos) (field.number === 1 ? inputs : outputs).push(yield* this.#tensorName(info));
      }
    graph.signatures.push({ key, inputs, outputs });
  }

  *#asset(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    bytesOnly(message);
    const asset = { tensor: '', file: '', at: message.start };
    for (const field of yield* this.#wire.fields(message))
      if (field.number === 1) asset.tensor = yield* this.#tensorName(field);
      else if (field.number === 2) asset.file = yield* this.#kept(field);
    graph.assets.push(asset);
  }

  *#tensorName(message: Field): Parser<string> {
    bytesOnly(message);
    let name = '';
    for (const field of yield* this.#wire.fields(message)) if (field.number === 1) name = yield* this.#kept(field);
    return name;
  }

  /** Objects that were saved: what Keras noted about its layers stands here in older models. */
  *#objects(message: Field, graph: Mutable<TensorflowGraph>): Parser<void> {
    bytesOnly(message);
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) {
        bytesOnly(field);
        for (let inner = field.start; inner < field.end;) {
          const part = yield* this.#wire.field(inner, field.end);
          if (part.number === 4) yield* this.#about(part, graph, 1, 3);
          inner = part.end;
        }
      }
      at = field.end;
    }
  }

  *#kerasMetadata(message: Extent, graph: Mutable<TensorflowGraph>): Parser<void> {
    for (let at = message.start; at < message.end;) {
      const field = yield* this.#wire.field(at, message.end);
      if (field.number === 1) yield* this.#about(field, graph, 4, 5);
      else this.#unknown(field);
      at = field.end;
    }
  }

  *#about(message: Field, graph: Mutable<TensorflowGraph>, idField: number, textField: number): Parser<void> {
    bytesOnly(message);
    let identifier = '';
    for (const field of yield* this.#wire.fields(message))
      if (field.number === idField) identifier = yield* this.#wire.text(field, 200);
      else if (field.number === textField && field.end > field.start) {
        if (field.end - field.start > MAX_METADATA) throw new WireError('what it says about an object is too long');
        graph.metadata.push({
          identifier,
          text: this.#keep(yield* this.#wire.text(field, MAX_METADATA)),
          at: field.start,
        });
      }
  }

  *#kept(field: Field): Parser<string> {
    return this.#keep(yield* this.#wire.text(field, MAX_TEXT));
  }

  #keep(text: string): string {
    this.#textLeft -= text.length;
    if (this.#textLeft < 0) throw new WireError('it has more names and texts than are read');
    return text;
  }

  #unknown(field: Field): void {
    this.#problem('unknown-field', `field ${field.number} is not part of the format`, field.at);
  }

  #problem(code: TensorflowProblem['code'], message: string, offset: number): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ code, message, offset });
  }
}

function bytesOnly(field: Field): void {
  if (field.wire !== WIRE.bytes) throw new WireError('a message is no message');
}
