// Where a path comes from that an operator of a graph is given. A saver writes to where its caller says and a table reads
// an asset: both are normal. A path that the graph itself brings along, or that a request to the model fills in, is not.
// The tracer walks the inputs backwards, over calls of functions too, and joins texts as the graph would.
import type { TensorflowFunction, TensorflowGraph, TensorflowNode } from '@vallum/formats';

/** From the gravest to none. `free` is filled in by whoever loads the model, `caller` by each request to it. */
export type Origin = 'sensitive' | 'url' | 'outside' | 'caller' | 'computed' | 'inside' | 'free' | 'asset' | 'empty';

export interface Traced {
  readonly origins: ReadonlySet<Origin>;
  /** Constants that were met, for the message. */
  readonly texts: readonly string[];
}

interface Scope {
  readonly nodes: ReadonlyMap<string, TensorflowNode>;
  readonly function?: TensorflowFunction;
}

/** A text that is known, or where one comes from. */
type Value = { readonly text: string } | { readonly origin: Origin };

const MAX_DEPTH = 64;
const MAX_STEPS = 5000;
const MAX_VALUES = 64;

/** Operators that hand on a text, and which inputs it may come from. */
const PASSES: Readonly<Record<string, 'first' | 'all' | 'rest'>> = {
  Identity: 'first',
  IdentityN: 'all',
  StopGradient: 'first',
  EnsureShape: 'first',
  Reshape: 'first',
  ExpandDims: 'first',
  Squeeze: 'first',
  ShardedFilename: 'first',
  ShardedFilespec: 'first',
  Switch: 'first',
  RefSwitch: 'first',
  Enter: 'first',
  Exit: 'first',
  Merge: 'all',
  Pack: 'all',
  ConcatV2: 'all',
  Concat: 'rest',
  Select: 'rest',
  SelectV2: 'rest',
  TensorSliceDataset: 'all',
  TensorDataset: 'all',
};

/** Calls whose inputs are the arguments of the function, and how many stand in front of them. */
const CALLS: Readonly<Record<string, number>> = {
  PartitionedCall: 0,
  StatefulPartitionedCall: 0,
  TPUPartitionedCall: 0,
  RemoteCall: 1,
  If: 1,
  StatelessIf: 1,
  Case: 1,
  StatelessCase: 1,
  While: 0,
  StatelessWhile: 0,
};

export class PathTracer {
  readonly #sensitive: readonly RegExp[];
  readonly #main: Scope;
  readonly #scopes = new Map<TensorflowFunction, Scope>();
  readonly #callers = new Map<string, { node: TensorflowNode; scope: Scope }[]>();
  readonly #assigned = new Map<string, string[]>();
  readonly #assets: ReadonlySet<string>;
  readonly #requests: ReadonlySet<string>;
  readonly #savers: ReadonlySet<string>;
  readonly #served = new Set<string>();
  #fed = true;
  #steps = 0;

  constructor(graph: TensorflowGraph, sensitive: readonly RegExp[]) {
    this.#sensitive = sensitive;
    this.#assets = new Set(graph.assets.map(({ tensor }) => nodeOf(tensor)));
    this.#savers = new Set(graph.savers.map(({ filename }) => nodeOf(filename)));
    this.#requests = new Set(graph.signatures.flatMap(({ inputs }) => inputs.map(nodeOf)));
    this.#main = { nodes: byName(graph.nodes) };
    const names = new Set(graph.functions.map(({ name }) => name));
    this.#callersIn(this.#main, graph.nodes, names);
    for (const one of graph.functions) {
      const scope = { nodes: byName(one.nodes), function: one };
      this.#scopes.set(one, scope);
      this.#callersIn(scope, one.nodes, names);
    }
    for (const node of graph.nodes)
      if (/^Assign(?:VariableOp)?$/.test(node.op) && node.inputs[0] !== undefined && node.inputs[1] !== undefined) {
        const variable = nodeOf(node.inputs[0]);
        this.#assigned.set(variable, [...(this.#assigned.get(variable) ?? []), node.inputs[1]]);
      }
    this.#serve(graph);
  }

  /** Nodes that a request runs, and functions that they call; the loader runs the others, and names the assets only then. */
  #serve(graph: TensorflowGraph): void {
    const functions = new Map(graph.functions.map((one) => [one.name, one]));
    const queue: [string, Scope][] = graph.signatures
      .filter(({ key }) => !key.startsWith('__saved_model_'))
      .flatMap(({ outputs }) => outputs.map((output): [string, Scope] => [nodeOf(output), this.#main]));
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [name, scope] = next;
      const node = scope.nodes.get(name);
      const key = placeOf(name, scope.function);
      if (node === undefined || this.#served.has(key)) continue;
      this.#served.add(key);
      for (const input of node.inputs) queue.push([nodeOf(input), scope]);
      for (const called of [node.op, ...node.calls]) {
        const one = functions.get(called);
        const inner = one === undefined ? undefined : this.#scopes.get(one);
        if (inner !== undefined) for (const each of inner.nodes.keys()) queue.push([each, inner]);
      }
    }
  }

  /** Whether a request to the model runs this node: the path of an asset is then the one that the graph itself holds. */
  isServed({ name }: TensorflowNode, inside: TensorflowFunction | undefined): boolean {
    return this.#served.has(placeOf(name, inside));
  }

  /**
   * @param fed whether the loader says where the assets are when the node runs
   * @param inside the function that the node stands in
   */
  trace(node: TensorflowNode, input: number, inside: TensorflowFunction | undefined, fed = true): Traced {
    const name = node.inputs[input];
    if (name === undefined || name.startsWith('^')) return { origins: new Set(['computed']), texts: [] };
    this.#steps = 0;
    this.#fed = fed;
    const scope = (inside === undefined ? undefined : this.#scopes.get(inside)) ?? this.#main;
    const values = this.#value(name, scope, 0);
    const texts = values.flatMap((value) => ('text' in value ? [value.text] : []));
    return {
      origins: new Set(values.map((value) => ('text' in value ? this.originOf(value.text) : value.origin))),
      texts,
    };
  }

  originOf(text: string): Origin {
    if (text === '') return 'empty';
    if (this.#sensitive.some((pattern) => pattern.test(text))) return 'sensitive';
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text.startsWith('ram://') ? 'inside' : 'url';
    return leadsOut(text) ? 'outside' : 'inside';
  }

  #callersIn(scope: Scope, nodes: readonly TensorflowNode[], functions: ReadonlySet<string>): void {
    for (const node of nodes)
      for (const name of [node.op, ...node.calls]) {
        const known = this.#callers.get(name);
        if (known !== undefined) known.push({ node, scope });
        else if (functions.has(name)) this.#callers.set(name, [{ node, scope }]);
      }
  }

  #value(input: string, scope: Scope, depth: number): readonly Value[] {
    if (++this.#steps > MAX_STEPS || depth > MAX_DEPTH) return [{ origin: 'computed' }];
    const name = nodeOf(input);
    const node = scope.nodes.get(name);
    if (node === undefined) return this.#argument(name, scope, depth);
    return this.#node(node, scope, depth).slice(0, MAX_VALUES);
  }

  #node(node: TensorflowNode, scope: Scope, depth: number): readonly Value[] {
    const follow = (input: string): readonly Value[] => this.#value(input, scope, depth + 1);
    const inputs = node.inputs.filter((input) => !input.startsWith('^'));
    const main = scope.function === undefined;
    if (main && this.#requests.has(node.name)) return [{ origin: 'caller' }];
    if (main && this.#assets.has(node.name) && this.#isAsset(node)) return [{ origin: 'asset' }];
    if (node.op === 'Const' || node.op === 'HostConst') return this.#constant(node, main);
    if (node.op === 'Placeholder' || node.op === 'PlaceholderV2') return [{ origin: 'free' }];
    if (node.op === 'PlaceholderWithDefault')
      return inputs
        .slice(0, 1)
        .flatMap(follow)
        .map((value) => this.#default(value));
    if (node.op === 'ReadVariableOp') return inputs.slice(0, 1).flatMap((input) => this.#variable(input, scope, depth));
    if (node.op === 'StringJoin') return this.#join(node, inputs.map(follow));
    const pass = PASSES[node.op];
    if (pass === undefined)
      return [{ origin: 'computed' }, ...inputs.flatMap(follow).filter((value) => 'text' in value)];
    const from = pass === 'first' ? inputs.slice(0, 1) : pass === 'rest' ? inputs.slice(1) : inputs;
    return from.flatMap(follow);
  }

  /** A place that the loader fills; a constant is an asset by its own text alone, unless the loader puts another in. */
  #isAsset({ op, texts }: TensorflowNode): boolean {
    if (op === 'Placeholder' || op === 'PlaceholderV2') return true;
    const origins = texts.map((text) => this.originOf(text));
    return this.#fed && origins.every((origin) => origin !== 'sensitive' && origin !== 'url');
  }

  #constant(node: TensorflowNode, main: boolean): readonly Value[] {
    const values = node.texts.map((text) => ({ text }));
    if (values.length === 0) return [{ origin: 'empty' }];
    return main && this.#savers.has(node.name) ? values.map((value) => this.#default(value)) : values;
  }

  /** The default of a saver's place, `model`, is written only by who gives no other. */
  #default(value: Value): Value {
    return 'text' in value && /^[\w-]*$/.test(value.text) ? { origin: 'free' } : value;
  }

  #variable(input: string, scope: Scope, depth: number): readonly Value[] {
    const name = nodeOf(input);
    const assigned = this.#assigned.get(name);
    if (scope.function !== undefined || assigned === undefined) return [{ origin: 'computed' }];
    return assigned.flatMap((value) => this.#value(value, scope, depth + 1));
  }

  /** The first part says where the text leads; a later one can only lead out by `..`. */
  #join(node: TensorflowNode, parts: readonly (readonly Value[])[]): readonly Value[] {
    const separator = node.attributes.find(({ name }) => name === 'separator')?.texts[0] ?? '';
    let values: readonly Value[] = parts[0] ?? [];
    for (const part of parts.slice(1))
      values = values
        .flatMap((left) =>
          part.map((right): Value => {
            if ('text' in left && 'text' in right) return { text: (left.text + separator + right.text).slice(0, 4096) };
            if ('text' in left)
              return leadsOut(left.text) || left.text.includes('://')
                ? left
                : { origin: worst(left, right, 'computed') };
            if ('text' in right)
              return /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(right.text) ? { text: `..${right.text}` } : left;
            return left.origin === 'free' && right.origin === 'caller' ? right : left;
          }),
        )
        .slice(0, MAX_VALUES);
    return values;
  }

  /** An argument comes from whoever calls the function; one that nobody calls is called by the program. */
  #argument(name: string, scope: Scope, depth: number): readonly Value[] {
    const index = scope.function?.arguments.indexOf(name) ?? -1;
    if (scope.function === undefined || index < 0) return [{ origin: 'computed' }];
    const callers = this.#callers.get(scope.function.name) ?? [];
    if (callers.length === 0) return [{ origin: 'free' }];
    return callers.slice(0, 100).flatMap(({ node, scope: outer }): readonly Value[] => {
      const before = node.op === scope.function?.name ? 0 : CALLS[node.op];
      const input = before === undefined ? undefined : node.inputs[index + before];
      return input === undefined ? [{ origin: 'computed' }] : this.#value(input, outer, depth + 1);
    });
  }
}

/** True for anything but a plain relative path without hidden parts. */
export function leadsOut(path: string): boolean {
  if (/^[/\\~]|^[A-Za-z]:|\0/.test(path)) return true;
  return path.split(/[/\\]/).some((part) => part === '..' || /^\.[A-Za-z]/.test(part));
}

function worst(left: { text: string }, right: Value, other: Origin): Origin {
  if ('origin' in right && right.origin === 'caller') return 'caller';
  return left.text === '' && 'origin' in right ? right.origin : other;
}

function placeOf(node: string, inside: TensorflowFunction | undefined): string {
  return inside === undefined ? node : `${inside.name} ${node}`;
}

/** `node` of `node:1`, `node:output:0` and `^node`. */
function nodeOf(input: string): string {
  const name = input.startsWith('^') ? input.slice(1) : input;
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

function byName(nodes: readonly TensorflowNode[]): ReadonlyMap<string, TensorflowNode> {
  return new Map(nodes.map((node) => [node.name, node]));
}
