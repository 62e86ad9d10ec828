// Judges a template by what it may use: functions and methods that model libraries offer to chat templates, filters and
// tests of Jinja, plain keys of the conversation. Everything else is told. A template without a sandbox runs Python as
// soon as it gets hold of one private attribute (CVE-2024-34359, CVE-2026-5760), and sandboxes have been left through
// `format` (CVE-2024-56326) and the `attr` filter (CVE-2025-27516).
import type { JinjaArgument, JinjaBody, JinjaExpression, JinjaStatement } from '@vallum/formats';
import type { JinjaRules } from '../rule-types.js';
import type { Scope } from './scope.js';
import { partsOf, scopeOf, walk } from './scope.js';
import { couldBePrivate, TextAnalysis } from './texts.js';

export type RemarkKind =
  | 'reach'
  | 'built'
  | 'word'
  | 'call'
  | 'computed-call'
  | 'unknown'
  | 'load'
  | 'load-computed'
  | 'load-outside'
  | 'endless';

export interface Remark {
  readonly kind: RemarkKind;
  readonly detail: string;
  /** Characters from the start of the template. */
  readonly at: number;
}

const MAX_REMARKS = 50;
/** Fields of `str.format` that go into their argument. */
const DEEP_FIELD = /\{[^{}]*(?:\.\s*_|\[\s*['"]?_|\.\s*(?:gi|cr|ag|f|tb|func|im|co)_)/;
/** A private name of Python or of Jinja, as a text. */
const PRIVATE_WORD = /^_[a-z]|__[a-z]/i;
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', 'in', 'not in', '<', '>', '<=', '>=']);
/** Methods of texts that only look for what they are given. */
const SEARCHING =
  /^(?:startswith|endswith|find|rfind|index|rindex|count|split|rsplit|l?r?strip|partition|rpartition|remove(?:pre|suf)fix)$/;
const ENDLESS = 10_000_000;

export function judgeTemplate(body: JinjaBody, rules: JinjaRules): readonly Remark[] {
  return new Judge(body, rules).run();
}

class Judge {
  readonly #body: JinjaBody;
  readonly #rules: JinjaRules;
  readonly #scope: Scope;
  readonly #texts: TextAnalysis;
  readonly #functions: ReadonlySet<string>;
  readonly #methods: ReadonlySet<string>;
  readonly #filters: ReadonlySet<string>;
  readonly #tests: ReadonlySet<string>;
  /** Names that stand where a function may stand: called, or asked whether they are there. */
  readonly #fitting = new Set<JinjaExpression>();
  /** Texts that are only shown or compared. */
  readonly #shown = new Set<JinjaExpression>();
  readonly #remarks = new Map<string, Remark>();

  constructor(body: JinjaBody, rules: JinjaRules) {
    this.#body = body;
    this.#rules = rules;
    this.#scope = scopeOf(body);
    this.#texts = new TextAnalysis(rules, this.#scope);
    this.#functions = new Set(rules.functions);
    this.#methods = new Set(rules.methods);
    this.#filters = new Set(rules.filters);
    this.#tests = new Set(rules.tests);
  }

  run(): readonly Remark[] {
    walk(this.#body, { statement: (one) => this.#statement(one), expression: (one) => this.#expression(one) });
    return [...this.#remarks.values()];
  }

  #tell(kind: RemarkKind, detail: string, at: number): void {
    const key = `${kind} ${detail}`;
    if (this.#remarks.size < MAX_REMARKS && !this.#remarks.has(key))
      this.#remarks.set(key, { kind, detail: detail.slice(0, 200), at });
  }

  #statement(one: JinjaStatement): void {
    if (one.kind === 'load') {
      const { template, how, at } = one;
      const path = template.kind === 'constant' && typeof template.value === 'string' ? template.value : undefined;
      const shown = path === undefined ? 'a computed name' : JSON.stringify(path);
      const outside = path !== undefined && /^[/\\~]|^[a-z]:|\.\.|\\|:\/\//i.test(path);
      this.#tell(path === undefined ? 'load-computed' : outside ? 'load-outside' : 'load', `${how} ${shown}`, at);
    } else if (one.kind === 'word' && one.word === 'debug') this.#tell('unknown', 'the tag debug', one.at);
    else if (one.kind === 'set' || one.kind === 'set-block') {
      const { target } = one;
      if (target.kind === 'attribute') this.#attribute(target.name, one.at);
    } else if (one.kind === 'if') {
      for (const { test } of one.branches) if (test.kind === 'name') this.#fitting.add(test);
    } else if (one.kind === 'output') this.#show(one.value);
  }

  /** What stands in the output as it is. */
  #show(one: JinjaExpression): void {
    if (one.kind === 'constant') this.#shown.add(one);
    else if (one.kind === 'operation' && one.operators.every((operator) => operator === '+' || operator === '~'))
      for (const operand of one.operands) this.#show(operand);
    else if (one.kind === 'condition') {
      this.#show(one.then);
      if (one.otherwise !== undefined) this.#show(one.otherwise);
    }
  }

  #constant(value: string, one: JinjaExpression): void {
    if (DEEP_FIELD.test(value)) this.#tell('reach', `the format ${JSON.stringify(value.slice(0, 80))}`, one.at);
    if (!this.#shown.has(one) && PRIVATE_WORD.test(value.normalize('NFKC')))
      this.#tell('word', `the private name ${JSON.stringify(value.slice(0, 80))}`, one.at);
  }

  #expression(one: JinjaExpression): void {
    switch (one.kind) {
      case 'name':
        return this.#name(one.name, one);
      case 'constant':
        if (typeof one.value === 'string') this.#constant(one.value, one);
        return;
      case 'attribute':
        // `self.x` is a block or nothing.
        if (one.object.kind === 'name') this.#fitting.add(one.object);
        return this.#attribute(one.name, one.at, one.object);
      case 'subscript':
        return this.#subscript(one);
      case 'call':
        return this.#call(one);
      case 'filter':
        return this.#filter(one.name, one.arguments, one.at);
      case 'test':
        if (one.input.kind === 'name') this.#fitting.add(one.input);
        for (const { value } of one.arguments) this.#show(value);
        return this.#test(one.name, one.at);
      case 'operation':
        return this.#operation(one);
      default:
        return;
    }
  }

  #name(name: string, one: JinjaExpression): void {
    if (name.normalize('NFKC').startsWith('__')) this.#tell('reach', `the name ${name}`, one.at);
    else if (name === 'self' && !this.#fitting.has(one) && !this.#scope.assigned.has(name))
      this.#tell('reach', 'self, the template itself', one.at);
    if (this.#isFunction(name) && !this.#fitting.has(one))
      this.#tell('built', `the function ${name} as a value`, one.at);
  }

  /** Functions are called and asked for, nothing else: as values they lead to what they are made of. */
  #isFunction(name: string): boolean {
    if (this.#scope.assigned.has(name) || name === 'loop') return false;
    return this.#functions.has(name);
  }

  /** Whether a value can only be one of the template's own macros, also out of a list of them. */
  #isMacro(value: JinjaExpression, seen = new Set<string>()): boolean {
    const all = (parts: readonly JinjaExpression[]): boolean => parts.every((part) => this.#isMacro(part, seen));
    if (value.kind === 'name') {
      const { assigned, macros } = this.#scope;
      const sources = assigned.get(value.name);
      if (sources === undefined) return macros.has(value.name);
      if (seen.has(value.name)) return true;
      seen.add(value.name);
      return sources.every((source) => source.kind !== 'body' && this.#isMacro(source.value, seen));
    }
    if (value.kind === 'list') return all(value.items);
    if (value.kind === 'operation') return value.operators.every((one) => one === '+') && all(value.operands);
    if (value.kind === 'subscript') return this.#isMacro(value.object, seen);
    if (value.kind === 'condition')
      return all(value.otherwise === undefined ? [value.then] : [value.then, value.otherwise]);
    return false;
  }

  #attribute(name: string, at: number, object?: JinjaExpression): void {
    if (object?.kind === 'name' && this.#isFunction(object.name)) this.#tell('built', `${object.name}.${name}`, at);
    if (this.#texts.isReserved(name) || this.#rules.interpreter.includes(name.normalize('NFKC')))
      this.#tell('reach', `the attribute ${name}`, at);
  }

  #subscript({ object, index, at }: Extract<JinjaExpression, { kind: 'subscript' }>): void {
    const keys = index.kind === 'list' ? [index, ...index.items] : [index];
    for (const key of keys) {
      if (key.kind === 'constant') {
        if (typeof key.value === 'string') this.#attribute(key.value, at);
      } else if (this.#isStem(key))
        this.#tell('built', `a key of ${describe(object)} that ends as a private name: ${describe(key)}`, at);
      else if (key.kind !== 'slice' && couldBePrivate(this.#texts.of(key)))
        this.#tell('built', `a key of ${describe(object)} that it puts together: ${describe(key)}`, at);
    }
  }

  /** `u ~ u ~ 'init' ~ u ~ u`: whatever comes in front, it is a private name that is meant. */
  #isStem(key: JinjaExpression): boolean {
    if (key.kind !== 'operation' || !key.operators.every((one) => one === '~' || one === '+')) return false;
    if (key.operands[0]?.kind === 'constant') return false;
    return key.operands.some(
      (one) => one.kind === 'constant' && typeof one.value === 'string' && this.#rules.stems.includes(one.value),
    );
  }

  #call({ callee, arguments: given, at }: Extract<JinjaExpression, { kind: 'call' }>): void {
    if (callee.kind === 'name') {
      this.#fitting.add(callee);
      this.#callName(callee, given, at);
    } else if (callee.kind === 'attribute') this.#callMethod(callee, given, at);
    else if (!this.#isMacro(callee)) this.#tell('computed-call', describe(callee), at);
    for (const { name } of given)
      if (name !== undefined && this.#texts.isReserved(name)) this.#tell('reach', `the keyword ${name}`, at);
  }

  #callName(callee: Extract<JinjaExpression, { kind: 'name' }>, given: readonly JinjaArgument[], at: number): void {
    const { imported, assigned } = this.#scope;
    const { name } = callee;
    const own = this.#functions.has(name) || imported.has(name);
    if ((!own || assigned.has(name)) && !this.#isMacro(callee)) return this.#tell('call', `${name}()`, at);
    if (name === 'range' || name === 'lipsum')
      for (const { value } of given)
        if (value.kind === 'constant' && Number(value.value) > ENDLESS)
          this.#tell('endless', `${name}(${String(value.value)})`, at);
  }

  #callMethod(
    callee: Extract<JinjaExpression, { kind: 'attribute' }>,
    given: readonly JinjaArgument[],
    at: number,
  ): void {
    const { object, name } = callee;
    if (object.kind === 'name' && this.#scope.imported.has(object.name)) return;
    if (object.kind === 'name' && object.name === 'self' && this.#scope.blocks.has(name))
      return void this.#fitting.add(object);
    if (name === 'format') return this.#format(object, given, at);
    // What a namespace stores under the name of a method is called in its place.
    if (SEARCHING.test(name)) for (const { value } of given) this.#show(value);
    // A mapping's `get` looks among keys, never among attributes.
    if (name === 'get' && given[0] !== undefined) this.#show(given[0].value);
    const positional = given.filter((one) => one.name === undefined && one.spread !== true).length;
    const odd =
      (name === 'replace' && (positional < 2 || positional > 3)) ||
      (this.#rules.changing.includes(name) && !this.#isOwn(object));
    if (odd || !this.#methods.has(name) || this.#scope.assigned.has(`.${name}`))
      this.#tell('call', `${describe(object)}.${name}()`, at);
  }

  /** Whether a value comes from a name that the template itself gave a value. */
  #isOwn(value: JinjaExpression): boolean {
    if (value.kind === 'list' || value.kind === 'dict') return true;
    if (value.kind === 'name') return this.#scope.assigned.has(value.name);
    if (value.kind === 'attribute' || value.kind === 'subscript') return this.#isOwn(value.object);
    if (value.kind === 'call' && value.callee.kind === 'attribute') return this.#isOwn(value.callee.object);
    return false;
  }

  /** `str.format` goes into its arguments where the text says so: harmless only when the text is there to be read. */
  #format(object: JinjaExpression, given: readonly JinjaArgument[], at: number): void {
    const text = object.kind === 'constant' && typeof object.value === 'string' ? object.value : undefined;
    const fields =
      text
        ?.replaceAll('{{', '')
        .replaceAll('}}', '')
        .match(/\{[^}]*\}?/g) ?? [];
    const plain = fields.every((field) => /^\{\w*(?:![rsa])?(?::[^{}]*)?\}$/.test(field));
    if (text === undefined || !plain || given.some(({ spread }) => spread === true))
      this.#tell('built', `format of ${describe(object)}`, at);
  }

  #filter(name: string, given: readonly JinjaArgument[], at: number): void {
    if (name === 'attr') return this.#tell('reach', 'the filter attr', at);
    if (!this.#filters.has(name)) this.#tell('unknown', `the filter ${name}`, at);
    const takes = this.#rules.attributeFilters[name];
    if (takes !== undefined)
      for (const [index, { name: keyword, spread, value }] of given.entries())
        if (spread === true || (keyword === undefined ? index === takes.position : keyword === takes.keyword))
          this.#attributePath(value, name, at);
    const [first, ...rest] = given;
    if (first === undefined || first.name !== undefined) return;
    if (name === 'map') this.#filterByName(first, rest, at);
    else if (name === 'select' || name === 'reject') this.#testByName(first, at);
    else if ((name === 'selectattr' || name === 'rejectattr') && rest[0] !== undefined) this.#testByName(rest[0], at);
  }

  /** `map('upper')`: a filter whose name is a text. */
  #filterByName({ value }: JinjaArgument, rest: readonly JinjaArgument[], at: number): void {
    if (value.kind === 'constant' && typeof value.value === 'string') this.#filter(value.value, rest, at);
    else this.#tell('built', `the filter that map is to use: ${describe(value)}`, at);
  }

  #testByName({ value }: JinjaArgument, at: number): void {
    if (value.kind === 'constant' && typeof value.value === 'string') this.#test(value.value, at);
    else this.#tell('unknown', `the test ${describe(value)}`, at);
  }

  #test(name: string, at: number): void {
    if (!this.#tests.has(name) && !/^(?:==|!=|[<>]=?)$/.test(name)) this.#tell('unknown', `the test ${name}`, at);
  }

  /** `a.b,c`: names of attributes with points and commas between. */
  #attributePath(value: JinjaExpression, filter: string, at: number): void {
    if (value.kind === 'constant') {
      if (typeof value.value === 'string') for (const name of value.value.split(/[.,]/)) this.#attribute(name, at);
    } else if (couldBePrivate(this.#texts.of(value)))
      this.#tell('built', `the attribute that ${filter} is to use: ${describe(value)}`, at);
  }

  #operation({ operators, operands, at }: Extract<JinjaExpression, { kind: 'operation' }>): void {
    if (operators.every((one) => COMPARISONS.has(one))) for (const one of operands) this.#show(one);
    if (!operators.includes('*') && !operators.includes('**')) return;
    if (operators.filter((one) => one === '**').length > 1) this.#tell('endless', 'powers of powers', at);
    for (const one of operands)
      if (one.kind === 'constant' && typeof one.value === 'number' && one.value > ENDLESS)
        this.#tell('endless', `a factor of ${one.value}`, at);
  }
}

/** A few words that tell an expression from others. */
function describe(expression: JinjaExpression): string {
  switch (expression.kind) {
    case 'name':
      return expression.name.slice(0, 60);
    case 'constant':
      return JSON.stringify(expression.value).slice(0, 60);
    case 'attribute':
      return `${shorten(expression.object)}.${expression.name.slice(0, 60)}`;
    case 'filter':
      return `${expression.input === undefined ? '' : shorten(expression.input)}|${expression.name.slice(0, 60)}`;
    case 'call':
      return `${shorten(expression.callee)}()`;
    case 'subscript':
      return `${shorten(expression.object)}[${shorten(expression.index)}]`;
    case 'operation':
      return `${partsOf(expression)
        .slice(0, 3)
        .map(shorten)
        .join(` ${expression.operators[0] ?? ''} `)}`;
    default:
      return `a ${expression.kind}`;
  }
}

function shorten(expression: JinjaExpression): string {
  if (expression.kind === 'name') return expression.name.slice(0, 30);
  if (expression.kind === 'constant') return JSON.stringify(expression.value).slice(0, 30);
  if (expression.kind === 'attribute' || expression.kind === 'subscript') return `${shorten(expression.object)}…`;
  return '…';
}
