// Judges a serialised Keras object: everything in it that the loader would import, call, read or run. The config belongs
// to the attacker and names what to build: a Lambda carries marshalled code (CVE-2024-3660; the .h5 reader ignores
// safe_mode, CVE-2025-9905), `module` can name any module (CVE-2025-1550), Keras' own modules hold functions that fetch
// files or switch the safe mode off (CVE-2025-8747, CVE-2025-9906), a torch module is a pickle (CVE-2025-49655), a
// TFSMLayer another program (CVE-2026-1462), a vocabulary a path (CVE-2025-12058). So only names that are known to be
// layers, losses, metrics, operations and the like pass; nothing is excused because a newer loader would refuse it.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { judgeTensorflow, TENSORFLOW_CLASSES } from './judge-tensorflow.js';
import type { KerasFinding, KerasNames } from './names.js';
import { quoted } from './names.js';

/** Findings of one rule: a flood of one kind must not hide another. */
const MAX_OF_RULE = 50;
/** Texts that are themselves a config, inside one another. */
const MAX_TEXTS = 3;
const CLASS_NAME = /^_*[A-Z][A-Za-z0-9_]*$/;
/** Objects that stand for a plain value with others in it. */
const WRAPPERS: ReadonlySet<string> = new Set([
  '__tuple__',
  '__bytes__',
  '__wrapped__',
  '__serializable__',
  '__slice__',
]);
const REGISTERED = /^[^<>]{1,200}>_*[A-Za-z][A-Za-z0-9_]*$/;

/** A class that the loader would build: what makes a document one of Keras. */
export function isKerasObject(value: JsonValue): value is JsonObject {
  if (!isJsonObject(value) || typeof value['class_name'] !== 'string') return false;
  return ['config', 'module', 'registered_name'].some((key) => Object.hasOwn(value, key));
}

/** Whether anything in a value is a serialised object, or a text that may hold one. */
export function holdsKeras(root: JsonValue): boolean {
  const queue: JsonValue[] = [root];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (typeof next === 'string' ? mayBeConfig(next) : isKerasObject(next)) return true;
    if (typeof next !== 'object' || next === null) continue;
    for (const member of Object.values(next as JsonObject))
      if (typeof member === 'string' ? mayBeConfig(member) : typeof member === 'object') queue.push(member);
  }
  return false;
}

function mayBeConfig(text: string): boolean {
  return (text.startsWith('{') || text.startsWith('[')) && text.includes('class_name');
}

/** Visits a value and all that is in it, without recursion. */
function everyNode(root: JsonValue, visit: (node: JsonValue, path: string) => void): void {
  const queue: { node: JsonValue; path: string }[] = [{ node: root, path: '' }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { node, path } = next;
    visit(node, path);
    if (typeof node !== 'object' || node === null) continue;
    const list = Array.isArray(node);
    for (const [key, member] of Object.entries(node as JsonObject)) {
      if (typeof member === 'number' || typeof member === 'boolean') continue;
      const at = list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      queue.push({ node: member, path: at.slice(0, 200) });
    }
  }
}

export function judgeKeras(names: KerasNames, root: JsonValue, texts = 0): readonly KerasFinding[] {
  const found: KerasFinding[] = [];
  const counts = new Map<string, number>();
  const add = (finding: KerasFinding): void => {
    const count = (counts.get(finding.rule) ?? 0) + 1;
    counts.set(finding.rule, count);
    if (count <= MAX_OF_RULE || finding.severity === 'critical') found.push(finding);
  };
  everyNode(root, (node, path) => {
    const at = path === '' ? 'the model' : path;
    if (typeof node === 'string') judgeText(names, node, at, texts).forEach(add);
    if (!isJsonObject(node)) return;
    judgeKeys(names, node, at).forEach(add);
    if (isKerasObject(node)) judgeObject(names, node, at).forEach(add);
  });
  return found;
}

/** A text can be a config in JSON: some tools save it so. */
function judgeText(names: KerasNames, text: string, path: string, texts: number): readonly KerasFinding[] {
  if (texts >= MAX_TEXTS || !mayBeConfig(text)) return [];
  try {
    const inner = JSON.parse(text) as JsonValue;
    return judgeKeras(names, inner, texts + 1).map((one) => ({ ...one, detail: `${one.detail} (a text at ${path})` }));
  } catch {
    return [];
  }
}

function judgeKeys(names: KerasNames, node: JsonObject, path: string): readonly KerasFinding[] {
  const found: KerasFinding[] = [];
  if (node['safe_mode'] === false) found.push({ rule: 'VLM-KRS-009', detail: `${path}.safe_mode = false` });
  for (const [key, value] of Object.entries(node)) {
    // Wrappers of recurrent cells take a function in the way that a Lambda does.
    if (!/_type$/.test(key) || (value !== 'lambda' && !(value === 'function' && /_fn_type$/.test(key)))) continue;
    found.push({ rule: value === 'lambda' ? 'VLM-KRS-001' : 'VLM-KRS-002', detail: `${path}.${key} = ${value}` });
  }
  for (const key of names.pathKeys) {
    const value = node[key];
    if (typeof value === 'string' && value !== '')
      found.push({ rule: 'VLM-KRS-008', detail: `${path}.${key} = ${quoted(value)}` });
  }
  return found;
}

function judgeObject(names: KerasNames, node: JsonObject, path: string): readonly KerasFinding[] {
  const name = text(node['class_name']);
  const base = name.slice(name.lastIndexOf('>') + 1);
  const registered = typeof node['registered_name'] === 'string' ? node['registered_name'] : undefined;
  const aliases = [base, registered?.slice(registered.lastIndexOf('>') + 1)];
  if (name === '__lambda__') return [{ rule: 'VLM-KRS-001', detail: `${path} is a Python function as bytes` }];
  if (aliases.includes('Lambda')) return [judgeLambda(node, path)];
  if (aliases.includes('TorchModuleWrapper')) return [{ rule: 'VLM-KRS-006', detail: path }];
  if (aliases.includes('TFSMLayer') || aliases.includes('ReloadedLayer'))
    return [{ rule: 'VLM-KRS-007', detail: `${path}${pathOf(node)}` }];
  if (name === '__typespec__') return judgeTypeSpec(node, path);
  if (names.marks.has(name)) return [];
  if (name === 'function') return judgeFunction(names, node, path, registered);
  return [
    ...judgeClass(names, node, path, base, registered),
    ...judgeBehind(names, node, path, base),
    ...judgeOperands(names, node, path, base),
  ];
}

/** An operation that calls a function hands it its operands: tensors, and a text there is a path or a command. */
function judgeOperands(names: KerasNames, node: JsonObject, path: string, base: string): readonly KerasFinding[] {
  if (!names.takeFunctions.has(base)) return [];
  const inbound = node['inbound_nodes'];
  // Keras 2 writes lists of layer names instead, and has none of these operations.
  const calls = Array.isArray(inbound) ? inbound.filter((one) => isJsonObject(one)) : [];
  const queue: JsonValue[] = calls.flatMap(({ args, kwargs }) => [args ?? null, kwargs ?? null]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (typeof next === 'string')
      return [{ rule: 'VLM-KRS-004', detail: `${path} hands the text ${quoted(next)} to a function` }];
    if (typeof next !== 'object' || next === null) continue;
    const wrapped = isJsonObject(next) && WRAPPERS.has(text(next['class_name']));
    for (const [key, value] of Object.entries(next as JsonObject))
      if (wrapped ? key !== 'class_name' : !isKerasObject(next)) queue.push(value);
  }
  return [];
}

function judgeBehind(names: KerasNames, node: JsonObject, path: string, base: string): readonly KerasFinding[] {
  return TENSORFLOW_CLASSES.has(base) ? judgeTensorflow(names, node, path, base) : [];
}

function pathOf({ config }: JsonObject): string {
  const file = config !== undefined && isJsonObject(config) ? config['filepath'] : undefined;
  return typeof file === 'string' ? ` from ${quoted(file)}` : '';
}

// Code as bytes stands in a list of three (before Keras 3) or in a `__lambda__`, which is found by itself as well.
function judgeLambda({ config }: JsonObject, path: string): KerasFinding {
  const code = config !== undefined && isJsonObject(config) ? config['function'] : undefined;
  const carried = Array.isArray(code) || (isJsonObject(code) && code['class_name'] === '__lambda__');
  if (carried) return { rule: 'VLM-KRS-001', detail: `${path} is a Lambda with code` };
  const named = typeof code === 'string' ? ` of the function ${quoted(code)}` : '';
  return { rule: 'VLM-KRS-002', detail: `${path} is a Lambda${named}` };
}

function judgeTypeSpec(node: JsonObject, path: string): readonly KerasFinding[] {
  const module = node['module'];
  if (typeof module !== 'string' || /^tensorflow(?:\.|$)/.test(module)) return [];
  return [{ rule: 'VLM-KRS-003', detail: `${path} names ${quoted(`${module}.${text(node['spec_name'])}`)}` }];
}

function judgeFunction(
  names: KerasNames,
  node: JsonObject,
  path: string,
  registered: string | undefined,
): readonly KerasFinding[] {
  const { config, module } = node;
  const target = typeof config === 'string' ? config : '';
  const wanted = [target, registered === 'function' ? undefined : registered];
  for (const one of wanted) {
    if (one === undefined || one === '') continue;
    const finding = judgeName(names, one, module, path, names.functions, 'function');
    if (finding !== undefined) return [finding];
  }
  if (target === '') return [{ rule: 'VLM-KRS-004', detail: `${path} is a function without a name` }];
  return [];
}

function judgeClass(
  names: KerasNames,
  node: JsonObject,
  path: string,
  base: string,
  registered: string | undefined,
): readonly KerasFinding[] {
  const name = text(node['class_name']);
  const { module } = node;
  const finding = isOwn(names, name) ? undefined : judgeName(names, name, module, path, names.classes, 'class');
  if (finding !== undefined) return [finding];
  if (registered === undefined || registered === name || registered === base || isOwn(names, registered)) return [];
  const alias = judgeName(names, registered, module, path, names.classes, 'class');
  return alias === undefined ? [] : [alias];
}

/** Registered by Keras itself: `keras_hub>BertBackbone`, and the optimizers of Keras 2 as `Custom>Adam`. */
function isOwn(names: KerasNames, name: string): boolean {
  const cut = name.lastIndexOf('>');
  return cut > 0 && names.own.has(name.slice(0, cut)) && names.classes.has(name.slice(cut + 1));
}

function judgeName(
  names: KerasNames,
  name: string,
  module: JsonValue | undefined,
  path: string,
  known: ReadonlySet<string>,
  kind: 'class' | 'function',
): KerasFinding | undefined {
  const shown = typeof module === 'string' ? `${module}.${name}` : name;
  const detail = `${path} names ${quoted(shown)}`;
  if (module !== undefined && module !== null && typeof module !== 'string') return { rule: 'VLM-KRS-003', detail };
  const plain = module === undefined || module === null || module === '' || module === 'builtins';
  if (plain) {
    if (known.has(name) || TENSORFLOW_CLASSES.has(name)) return undefined;
    if (names.python.has(name)) return { rule: 'VLM-KRS-003', detail, severity: 'critical' };
    const own = REGISTERED.test(name) || CLASS_NAME.test(name) || (kind === 'function' && /^\w+$/.test(name));
    return { rule: own ? 'VLM-KRS-005' : 'VLM-KRS-004', detail };
  }
  if (names.modules.test(module)) {
    // The loader takes what the module holds under the name: `copy` of the operations copies an array, another one a file.
    const usual = kind === 'class' || !known.has(name) || names.functionModules.test(module);
    if (!usual || names.noModels.test(module)) return { rule: 'VLM-KRS-004', detail };
    if (known.has(name) || TENSORFLOW_CLASSES.has(name)) return undefined;
    if (REGISTERED.test(name)) return { rule: 'VLM-KRS-005', detail };
    const own = kind === 'class' && CLASS_NAME.test(name);
    return own ? { rule: 'VLM-KRS-005', detail, unknown: true } : { rule: 'VLM-KRS-004', detail };
  }
  // What the saving program itself defined: the loader looks in its own script for it.
  if (module === '__main__' && (CLASS_NAME.test(name) || REGISTERED.test(name))) return { rule: 'VLM-KRS-005', detail };
  const grave = names.standardLibrary.has(module.split('.')[0] ?? '') && module !== '__main__';
  return grave ? { rule: 'VLM-KRS-003', detail, severity: 'critical' } : { rule: 'VLM-KRS-003', detail };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '?';
}
