// LightGBM's text model (src/boosting/gbdt_model_text.cpp, src/io/tree.cpp): lines of `key=value`, one section for each tree,
// then feature importances, parameters and the categories of pandas. The library reads it fast and checks little: children,
// features and category tables that point outside are read and followed in C++ when it predicts. Read line by line.
import type { Parser } from '../bytes/parser.js';
import { checkTree } from './tree.js';

export interface LightgbmLimits {
  readonly maxLine: number;
  readonly maxTrees: number;
  readonly maxProblems: number;
}

export const LIGHTGBM_LIMITS: LightgbmLimits = { maxLine: 16 * 1024 * 1024, maxTrees: 1_000_000, maxProblems: 50 };

export interface LightgbmProblem {
  readonly code: 'tree' | 'header' | 'size' | 'trailing';
  readonly message: string;
  readonly line: number;
}

export interface LightgbmReport {
  readonly header: ReadonlyMap<string, string>;
  readonly trees: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** Text behind `pandas_categorical:`. */
  readonly categories?: string;
  readonly problems: readonly LightgbmProblem[];
  readonly fault?: string;
}

type Part = 'header' | 'tree' | 'after' | 'importances' | 'parameters' | 'end';

const PIECE = 256 * 1024;
const HEADER_KEYS: ReadonlySet<string> = new Set(
  'tree version num_class num_tree_per_iteration label_index max_feature_idx objective average_output feature_names monotone_constraints feature_infos tree_sizes'.split(
    ' ',
  ),
);

export function* readLightgbm(size: number, limits: LightgbmLimits = LIGHTGBM_LIMITS): Parser<LightgbmReport> {
  const model = new ModelText(limits);
  let rest: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < size && model.fault === undefined;) {
    const bytes = yield { offset, length: Math.min(PIECE, size - offset) };
    if (bytes.length === 0) break;
    offset += bytes.length;
    const piece = Buffer.concat([rest, bytes]);
    let from = 0;
    for (let to = piece.indexOf(10); to >= 0; to = piece.indexOf(10, from)) {
      model.line(piece.toString('utf8', from, to), to + 1 - from);
      from = to + 1;
    }
    rest = piece.subarray(from);
    if (rest.length > limits.maxLine) model.fault = `a line has more than ${limits.maxLine} bytes`;
  }
  if (rest.length > 0 && model.fault === undefined) model.line(rest.toString('utf8'), rest.length);
  return model.report();
}

/** The model as far as it was read. */
class ModelText {
  readonly #limits: LightgbmLimits;
  readonly #header = new Map<string, string>();
  readonly #parameters = new Map<string, string>();
  readonly #problems: LightgbmProblem[] = [];
  #tree = new Map<string, string>();
  #treeBytes = 0;
  #treeLine = 0;
  #trees = 0;
  #sizes: readonly string[] = [];
  #part: Part = 'header';
  #line = 0;
  #categories: string | undefined;
  fault: string | undefined;

  constructor(limits: LightgbmLimits) {
    this.#limits = limits;
  }

  report(): LightgbmReport {
    if (this.#part === 'tree') this.#closeTree();
    if (this.#part === 'header' || this.#part === 'tree') this.fault ??= 'it ends before its trees end';
    if (this.#part === 'parameters') this.fault ??= 'it ends inside its parameters';
    this.#checkHeader();
    const report = {
      header: this.#header,
      trees: this.#trees,
      parameters: this.#parameters,
      problems: this.#problems,
      ...(this.#categories === undefined ? {} : { categories: this.#categories }),
    };
    return this.fault === undefined ? report : { ...report, fault: this.fault };
  }

  line(raw: string, bytes: number): void {
    this.#line += 1;
    const text = raw.trim();
    if (/^Tree=\d+$/.test(text) && (this.#part === 'header' || this.#part === 'tree'))
      return this.#openTree(text, bytes);
    if (text === 'end of trees' && (this.#part === 'header' || this.#part === 'tree')) {
      if (this.#part === 'tree') this.#closeTree();
      this.#part = 'after';
      return;
    }
    if (this.#part === 'tree') {
      this.#treeBytes += bytes;
      return this.#keep(this.#tree, text, '=');
    }
    if (text === '') return;
    if (this.#part === 'header') return this.#readHeader(text);
    this.#readTail(text);
  }

  #readHeader(text: string): void {
    const key = text.split('=', 1)[0] ?? '';
    if (!HEADER_KEYS.has(key))
      return this.#tell('header', `its header has the line ${JSON.stringify(text.slice(0, 80))}`);
    this.#keep(this.#header, text, '=');
    if (key === 'tree_sizes')
      this.#sizes = (this.#header.get('tree_sizes') ?? '').split(' ').filter((one) => one !== '');
  }

  #readTail(text: string): void {
    if (this.#part === 'after' && /^feature_importances?:$/.test(text)) this.#part = 'importances';
    else if (text === 'parameters:' && this.#part !== 'parameters') this.#part = 'parameters';
    else if (text === 'end of parameters' && this.#part === 'parameters') this.#part = 'end';
    else if (text.startsWith('pandas_categorical:') && this.#part !== 'parameters')
      this.#categories = text.slice('pandas_categorical:'.length);
    else if (this.#part === 'parameters') {
      if (/^\[[^:]+:.*\]$/.test(text)) this.#keep(this.#parameters, text.slice(1, -1), ':');
      else this.#tell('trailing', `its parameters have the line ${JSON.stringify(text.slice(0, 80))}`);
    } else if (this.#part === 'importances' && /=-?[\d.e+]+$/i.test(text)) return;
    else if (text !== 'loaded_parameter:' && text !== 'num_leaves:')
      this.#tell('trailing', `behind its trees stands ${JSON.stringify(text.slice(0, 80))}`);
  }

  #keep(into: Map<string, string>, text: string, by: string): void {
    if (text === '') return;
    const cut = text.indexOf(by);
    const key = cut < 0 ? text : text.slice(0, cut);
    if (into.has(key)) this.#tell('header', `${JSON.stringify(key.slice(0, 80))} stands twice`);
    into.set(key, cut < 0 ? '' : text.slice(cut + 1).trim());
  }

  #openTree(text: string, bytes: number): void {
    if (this.#part === 'tree') this.#closeTree();
    const number = Number(text.slice('Tree='.length));
    if (number !== this.#trees) this.#tell('tree', `tree ${number} stands where tree ${this.#trees} is due`);
    if (this.#trees >= this.#limits.maxTrees) this.fault = `it has more than ${this.#limits.maxTrees} trees`;
    this.#part = 'tree';
    this.#tree = new Map();
    this.#treeBytes = bytes;
    this.#treeLine = this.#line;
  }

  #closeTree(): void {
    const features = Number(this.#header.get('max_feature_idx') ?? NaN);
    for (const message of checkTree(this.#tree, features))
      this.#tell('tree', `tree ${this.#trees}: ${message}`, this.#treeLine);
    // The library cuts the text by these numbers and hands each part to a thread.
    const size = this.#sizes[this.#trees];
    if (this.#header.has('tree_sizes') && Number(size) !== this.#treeBytes)
      this.#tell(
        'size',
        `tree ${this.#trees} has ${this.#treeBytes} bytes and tree_sizes says ${size ?? 'nothing'}`,
        this.#treeLine,
      );
    this.#trees += 1;
  }

  #checkHeader(): void {
    if (this.#part === 'header') return;
    if (this.#header.has('tree_sizes') && this.#sizes.length !== this.#trees)
      this.#tell('size', `tree_sizes tells of ${this.#sizes.length} trees and there are ${this.#trees}`, 1);
    const features = Number(this.#header.get('max_feature_idx') ?? NaN) + 1;
    if (!Number.isSafeInteger(features)) this.#tell('header', 'it does not say how many features it has', 1);
    for (const key of ['feature_names', 'feature_infos']) {
      const names = this.#header.get(key);
      const count = names === undefined ? undefined : names.split(' ').length;
      if (count !== undefined && count !== features)
        this.#tell('header', `${key} has ${count} entries for ${features} features`, 1);
    }
    for (const key of ['num_class', 'num_tree_per_iteration'])
      if (this.#header.has(key) && !/^[1-9]\d{0,6}$/.test(this.#header.get(key) ?? ''))
        this.#tell('header', `${key} is ${JSON.stringify((this.#header.get(key) ?? '').slice(0, 40))}`, 1);
  }

  #tell(code: LightgbmProblem['code'], message: string, line = this.#line): void {
    if (this.#problems.length < this.#limits.maxProblems) this.#problems.push({ code, message, line });
  }
}
