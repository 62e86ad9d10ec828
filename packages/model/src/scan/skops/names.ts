// Whether a node of skops may name a class or function: the lists of its loader first, then the allowlist of pickles. A
// class that may be built stands for its instances, and a name that may stand in data stands for a function.
import type { GlobalValue } from '@vallum/formats';
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context } from '../context.js';
import type { Permit } from '../pickle/allowlist.js';
import type { SkopsLoader } from '../rule-types.js';

const PLAIN_NAME = /^[A-Za-z_]\w*$/;
const PLAIN_MODULE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

export class NameJudge {
  readonly #context: Context;
  readonly #values = new Map<string, GlobalValue>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @returns the rule that it breaks */
  judge(rule: SkopsLoader, module: string, name: string): string | undefined {
    if (!PLAIN_NAME.test(name) || !PLAIN_MODULE.test(module)) return 'VLM-SKO-001';
    const { modules, functions } = this.#context.rules.files.skops;
    const home = Object.hasOwn(modules, module) ? modules[module] : module;
    const key = `${home}:${name}`;
    if (rule.list?.includes(key) === true) return undefined;
    if (rule.names === 'list') return 'VLM-SKO-001';
    const value = this.#value(home ?? module, name);
    const permit = this.#permit(value);
    if (rule.names === 'functions') {
      if (home === 'numpy' && functions.includes(name)) return undefined;
      return permit?.how.has('reference') === true ? undefined : 'VLM-SKO-001';
    }
    if (rule.names === 'types' && permit?.how.has('reference') === true) return undefined;
    if (permit?.how.has('build') === true) return undefined;
    return this.#context.pickle.allowlist.speaksFor(value) ? 'VLM-SKO-001' : 'VLM-SKO-006';
  }

  /** Key of the state whose text the class would run, when it is not as the library writes it. */
  stateProblem(module: string, name: string, content: JsonValue | undefined): string | undefined {
    const rules = this.#permit(this.#value(module, name))?.state;
    const entries = isJsonObject(content) ? content['content'] : undefined;
    if (rules === undefined || !isJsonObject(entries)) return undefined;
    for (const [key, pattern] of rules) {
      const node = Object.hasOwn(entries, key) ? entries[key] : undefined;
      if (node === undefined) continue;
      const text = isJsonObject(node) && typeof node['content'] === 'string' ? unquoted(node['content']) : undefined;
      if (text === undefined || !pattern.test(text)) return key;
    }
    return undefined;
  }

  #permit(value: GlobalValue): Permit | undefined {
    return this.#context.pickle.allowlist.find(value);
  }

  #value(module: string, name: string): GlobalValue {
    const key = `${module}:${name}`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value: GlobalValue = {
      kind: 'global',
      module,
      name,
      op: '',
      offset: 0,
      called: false,
      built: false,
      referenced: false,
      python2: false,
    };
    this.#values.set(key, value);
    return value;
  }
}

/** The text of a JSON node: JSON inside JSON. */
function unquoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : value === null ? '' : undefined;
  } catch {
    return undefined;
  }
}
