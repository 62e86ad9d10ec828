// Judges a skops schema: a tree of nodes in JSON, each naming a loader of skops and a class or function that the loader
// imports, builds or calls. Every object that names a loader is judged, wherever it stands, against the same allowlist as
// pickles: which loader reads a node depends on the protocol number that the file itself states, so position proves nothing.
// CVE-2025-54412 (operator functions), CVE-2025-54413 (methods), CVE-2025-54886 (fallback to joblib), CVE-2024-37065.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { followTexts, textsIn } from '../trees/carried-texts.js';
import { NameJudge } from './names.js';

const MAX_NODES = 5_000_000;
const NEWEST_PROTOCOL = 2;

export async function examineSkops(context: Context, item: Item, root: JsonValue): Promise<void> {
  judgeRoot(context, item, root);
  const judge = new NodeJudge(context, item);
  const open: JsonValue[] = [root];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (++count > MAX_NODES) {
      skip(context, item, 'further nodes of the skops schema', `there are more than ${MAX_NODES}`);
      break;
    }
    if (isJsonObject(value) && Object.hasOwn(value, '__loader__')) judge.node(value);
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value) as readonly JsonValue[])
      if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  await followTexts(context, item, textsIn(root), 'VLM-SKO-007');
}

function judgeRoot(context: Context, item: Item, root: JsonValue): void {
  if (!isJsonObject(root)) return;
  const { protocol } = root;
  if (typeof protocol !== 'number' || !Number.isInteger(protocol) || protocol < 0)
    find(context, item, { rule: 'VLM-SKO-005', detail: `protocol ${JSON.stringify(protocol)?.slice(0, 40)}` });
  else if (protocol > NEWEST_PROTOCOL)
    skip(context, item, 'the skops schema', `protocol ${protocol} is not known here`);
  else if (protocol === 0) find(context, item, { rule: 'VLM-SKO-004', detail: 'protocol 0' });
}

class NodeJudge {
  readonly #context: Context;
  readonly #item: Item;
  readonly #names: NameJudge;
  /** What each id stands for. */
  readonly #ids = new Map<string, string>();

  constructor(context: Context, item: Item) {
    this.#context = context;
    this.#item = item;
    this.#names = new NameJudge(context);
  }

  node(node: JsonObject): void {
    const { __loader__: loader, __module__: module, __class__: name, content } = node;
    const { loaders } = this.#context.rules.files.skops;
    const rule = typeof loader === 'string' && Object.hasOwn(loaders, loader) ? loaders[loader] : undefined;
    if (rule === undefined) return this.#tell('VLM-SKO-002', `the loader ${JSON.stringify(loader)?.slice(0, 80)}`);
    if (rule.names === 'none') return;
    if (typeof module !== 'string' || typeof name !== 'string')
      return this.#tell('VLM-SKO-005', `a ${loader as string} without a class`);
    this.#sameId(node, `${loader as string} ${module}.${name}`);
    const shown = `${loader as string} of ${module}.${name}`.slice(0, 200);
    const verdict = this.#names.judge(rule, module, name);
    if (verdict !== undefined) this.#tell(verdict, shown);
    // The reader of protocol 0 takes the function from here.
    if (isJsonObject(content) && Object.hasOwn(content, 'module_path')) {
      const inner = [content['module_path'], content['function']];
      if (inner[0] !== module || inner[1] !== name)
        this.#tell('VLM-SKO-001', `${shown}, which also names ${JSON.stringify(inner).slice(0, 100)}`);
    }
    this.#special(loader as string, node, shown);
    if (loader === 'ObjectNode') this.#state(module, name, content, shown);
  }

  #special(loader: string, node: JsonObject, shown: string): void {
    const { content, attrs } = node;
    if (loader === 'OperatorFuncNode') return this.#operator(node['__class__'], attrs, shown);
    if (loader === 'RandomGeneratorNode') return this.#generator(content, shown);
    const { file } = node;
    if (file !== undefined && !(typeof file === 'string' && /^[\w-]{1,100}\.(?:npy|npz|bin)$/.test(file)))
      this.#tell('VLM-SKO-005', `${shown} with the file ${JSON.stringify(file)?.slice(0, 80)}`);
  }

  /** Some classes run a text of their state. */
  #state(module: string, name: string, content: JsonValue | undefined, shown: string): void {
    const key = this.#names.stateProblem(module, name, content);
    if (key !== undefined) this.#tell('VLM-SKO-001', `${shown}, whose ${key} is not as its library writes it`);
  }

  /** `operator.itemgetter` takes an element; attributes and methods of any object are another thing. */
  #operator(name: JsonValue | undefined, attrs: JsonValue | undefined, shown: string): void {
    if (name !== 'attrgetter') return;
    for (const text of textsIn(attrs))
      if (/__|^"?_/.test(text) && !/^__(?:class|module|id|loader)__$/.test(text))
        return this.#tell('VLM-SKO-001', `${shown} with ${text.slice(0, 80)}`);
  }

  /** The name of the bit generator is looked up in numpy.random and called. */
  #generator(content: JsonValue | undefined, shown: string): void {
    const state = isJsonObject(content) ? content['bit_generator'] : undefined;
    const inner = isJsonObject(state) && isJsonObject(state['content']) ? state['content']['bit_generator'] : undefined;
    const name = isJsonObject(inner) ? inner['content'] : isJsonObject(state) ? state['bit_generator'] : undefined;
    const plain = typeof name === 'string' ? name.replace(/^"|"$/g, '') : '';
    if (!this.#context.rules.files.skops.bitGenerators.includes(plain))
      this.#tell('VLM-SKO-001', `${shown} with the generator ${JSON.stringify(name)?.slice(0, 80)}`);
  }

  /** skops takes the first node of an id for every later one: two meanings are a trick. */
  #sameId(node: JsonObject, meaning: string): void {
    const id = JSON.stringify(node['__id__']);
    if (id === undefined || id === 'null') return;
    const before = this.#ids.get(id);
    if (before === undefined) this.#ids.set(id, meaning);
    else if (before !== meaning)
      this.#tell('VLM-SKO-003', `${before} and ${meaning} (${id.slice(0, 40)})`.slice(0, 300));
  }

  #tell(rule: string, detail: string): void {
    find(this.#context, this.#item, { rule, detail });
  }
}
