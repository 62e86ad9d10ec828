// Judges what a TensorFlow graph would do: every operator of the graph and of each function in it, by the judged list.
// What is not on the list is no operator of TensorFlow and needs a native library. Where an operator is normal in some
// places (a saver writes, a table reads its asset) the origin of its path decides.
import type { Keeps, TensorflowAttribute, TensorflowFunction, TensorflowGraph, TensorflowNode } from '@vallum/formats';
import type { Severity } from '@vallum/core';
import { SEVERITIES } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import type { OperatorRule, Operators } from './operators.js';
import { operatorsOf } from './operators.js';
import type { Origin } from './path-origin.js';
import { leadsOut, PathTracer } from './path-origin.js';

const ORDER: readonly Origin[] = [
  'sensitive',
  'url',
  'outside',
  'caller',
  'computed',
  'inside',
  'free',
  'asset',
  'empty',
];
const WHENCE: Readonly<Record<Origin, string>> = {
  sensitive: 'a path of the system',
  url: 'an address',
  outside: 'a path outside the model',
  caller: 'whatever a request says',
  computed: 'a computed place',
  inside: 'a fixed place',
  free: 'a place that its program gives',
  asset: 'its asset',
  empty: 'nowhere',
};

export function judgeGraph(context: Context, item: Item, graph: TensorflowGraph): void {
  const operators = operatorsOf(context.rules.files.tensorflow);
  const judge = new GraphJudge(context, item, graph, operators);
  for (const node of graph.nodes) judge.node(node, undefined);
  for (const one of graph.functions) for (const node of one.nodes) judge.node(node, one);
  judge.others();
  for (const { file, at } of graph.assets)
    if (leadsOut(file) || file === '')
      find(context, item, { rule: 'VLM-TFS-010', detail: quote(file), severity: 'high', location: { offset: at } });
}

/** What the reader is to keep: attributes of what is judged, and all inputs, which say what a request runs. */
export function keptBy(context: Context): (op: string) => Keeps {
  const { harmless } = operatorsOf(context.rules.files.tensorflow);
  return (op) => {
    if (op === 'StringJoin' || !harmless.has(op)) return 'attributes';
    return 'inputs';
  };
}

class GraphJudge {
  readonly #context: Context;
  readonly #item: Item;
  readonly #operators: Operators;
  readonly #tracer: PathTracer;
  readonly #functions: ReadonlySet<string>;
  readonly #custom = new Map<string, { count: number; at: number }>();
  readonly #records = new Map<string, { count: number; at: number }>();

  constructor(context: Context, item: Item, graph: TensorflowGraph, operators: Operators) {
    this.#context = context;
    this.#item = item;
    this.#operators = operators;
    this.#tracer = new PathTracer(graph, operators.sensitive);
    this.#functions = new Set(graph.functions.map(({ name }) => name));
  }

  node(node: TensorflowNode, inside: TensorflowFunction | undefined): void {
    const { op } = node;
    const rules = this.#operators.judged.get(op);
    if (rules !== undefined) for (const rule of rules) this.#judged(node, inside, rule);
    else if (this.#operators.records.has(op)) count(this.#records, node);
    else if (!this.#operators.harmless.has(op) && op !== this.#operators.rules.compiled.op && !this.#functions.has(op))
      count(this.#custom, node);
  }

  /** Operators that are told once for all their nodes. */
  others(): void {
    for (const [op, { count: nodes, at }] of this.#custom)
      this.#find('VLM-TFS-008', `${quote(op)} (${nodes} nodes)`, 'medium', at);
    for (const [op, { count: nodes, at }] of this.#records)
      this.#find('VLM-TFS-006', `${op} (${nodes} nodes)`, 'medium', at);
  }

  #judged(node: TensorflowNode, inside: TensorflowFunction | undefined, { rule, policy, allow }: OperatorRule): void {
    const attributes = node.attributes.filter(({ name }) => rule.attributes?.includes(name) === true);
    const texts = attributes.flatMap((attribute: TensorflowAttribute) => attribute.texts);
    if (allow !== undefined && texts.length > 0 && texts.every((text) => allow.test(text))) return;
    const fed = rule.policy === 'table' && !this.#tracer.isServed(node, inside);
    const traced = (rule.inputs ?? []).map((input) => this.#tracer.trace(node, input, inside, fed));
    const origins = new Set<Origin>([
      ...texts.map((text) => this.#attributeOrigin(text)),
      ...traced.flatMap((one) => [...one.origins]),
    ]);
    const origin = ORDER.find((one) => origins.has(one));
    const severity = gravest([policy['any'], ...[...origins].map((one) => severityOf(policy, one))]);
    if (severity === undefined) return;
    const said = [...new Set([...texts, ...traced.flatMap((one) => one.texts)])].filter((text) => text !== '');
    const what = said.length === 0 ? '' : ` ${said.slice(0, 4).map(quote).join(', ')}`;
    const where = origin === undefined || said.length > 0 ? '' : ` with ${WHENCE[origin]}`;
    this.#find(rule.rule, `${node.op}${what}${where}, node ${quote(node.name)}`, severity, node.at);
  }

  /** In an attribute an address may stand behind something else: `DebugIdentity;grpc://host`. */
  #attributeOrigin(text: string): Origin {
    const address = /[a-z][a-z0-9+.-]*:\/\//i.exec(text);
    return this.#tracer.originOf(address === null ? text : text.slice(address.index));
  }

  #find(rule: string, detail: string, severity: Severity, offset: number): void {
    find(this.#context, this.#item, { rule, detail, severity, location: { offset } });
  }
}

/** A path of the system is at least as grave as any other outside. */
function severityOf(policy: Readonly<Record<string, Severity>>, origin: Origin): Severity | undefined {
  return policy[origin] ?? (origin === 'sensitive' ? policy['outside'] : undefined);
}

function gravest(severities: readonly (Severity | undefined)[]): Severity | undefined {
  return SEVERITIES.find((severity) => severities.includes(severity));
}

function count(counts: Map<string, { count: number; at: number }>, node: TensorflowNode): void {
  const known = counts.get(node.op);
  if (known !== undefined) known.count += 1;
  else if (counts.size < 1000) counts.set(node.op, { count: 1, at: node.at });
}

export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
