// What texts a template itself could make, and whether one of them could be a private name of Python (`__class__`).
// A template that looks up a key it has put together from pieces hides what it reaches for: by `~`, `+`, `%`, `join`,
// `replace`, slices, single characters, kwargs of `dict()`, the text of a function or a generator. Names that come whole
// from the conversation are data. The analysis ignores the order of statements and never runs anything.
import type { JinjaArgument, JinjaBody, JinjaExpression } from '@vallum/formats';
import type { JinjaRules } from '../rule-types.js';
import type { Scope, Source } from './scope.js';
import { bodiesOf, expressionsOf, partsOf } from './scope.js';

export interface Texts {
  /** Some text that it may be is a private or reserved name. */
  readonly private: boolean;
  /** Underscores that the template put in, counted to two: a private name needs more. */
  readonly underscores: 0 | 1 | 2;
  /** The first character is known, and no private or reserved name starts so. */
  readonly head: boolean;
  /** May hold text that the template made, so that `%` formats it and `*` repeats it. */
  readonly text: boolean;
  /** A list or a mapping: an element of it is whole, not a character. */
  readonly container: boolean;
  /** A generator or a view, whose own text has underscores. */
  readonly lazy: boolean;
  /** The one text that it is. */
  readonly constant?: string;
}

const DATA: Texts = { private: false, underscores: 0, head: false, text: false, container: false, lazy: false };
/** Of nothing: the neutral element of `either`. */
const NOTHING: Texts = { ...DATA, head: true, container: true };

const plus = (a: Texts['underscores'], b: Texts['underscores']): Texts['underscores'] =>
  Math.min(2, a + b) as 0 | 1 | 2;

function either(a: Texts, b: Texts): Texts {
  return {
    private: a.private || b.private,
    underscores: Math.max(a.underscores, b.underscores) as 0 | 1 | 2,
    head: a.head && b.head,
    text: a.text || b.text,
    container: a.container && b.container,
    lazy: a.lazy || b.lazy,
  };
}

export const couldBePrivate = ({ private: known, underscores, head }: Texts): boolean =>
  known || (underscores === 2 && !head);

export class TextAnalysis {
  readonly #rules: JinjaRules;
  readonly #scope: Scope;
  readonly #plain: ReadonlySet<string>;
  readonly #lazy: ReadonlySet<string>;
  readonly #removing: ReadonlySet<string>;
  readonly #decoding: ReadonlySet<string>;
  readonly #own: readonly RegExp[];
  readonly #names = new Map<string, Texts>();

  constructor(rules: JinjaRules, scope: Scope) {
    this.#rules = rules;
    this.#scope = scope;
    this.#plain = new Set(rules.plainResults);
    this.#lazy = new Set(rules.lazyResults);
    this.#decoding = new Set(rules.decodingResults);
    this.#removing = new Set(rules.removingResults);
    this.#own = rules.ownText.map((text) => new RegExp(text));
    this.#settle();
  }

  /** Names depend on each other; the sets only grow, so this ends. */
  #settle(): void {
    for (let round = 0; round < 60; round++) {
      let changed = false;
      for (const [name, sources] of this.#scope.assigned) {
        const texts = sources.map((source) => this.#source(source)).reduce(either, NOTHING);
        if (this.#grow(name, texts)) changed = true;
      }
      for (const [name, macros] of this.#scope.macros) {
        const texts = macros.map(({ body }) => this.#body(body)).reduce(either, NOTHING);
        if (this.#grow(`()${name}`, texts)) changed = true;
      }
      for (const [name, values] of this.#scope.held) {
        if (this.#grow(name, either(this.#name(name), this.#several(values)))) changed = true;
      }
      const items = this.#scope.loops.map((over) => this.#element(this.of(over))).reduce(either, DATA);
      if (this.#grow('()loop', items)) changed = true;
      const texts = this.#scope.callers.map((body) => this.#body(body)).reduce(either, DATA);
      if (this.#grow('()caller', texts)) changed = true;
      if (!changed) return;
    }
    // Not settled in time: whatever is assigned may be anything.
    for (const name of this.#names.keys()) this.#names.set(name, { ...DATA, underscores: 2, text: true });
  }

  #grow(name: string, texts: Texts): boolean {
    const before = this.#names.get(name);
    const after = either(texts, before ?? NOTHING);
    if (before !== undefined && same(before, after)) return false;
    this.#names.set(name, after);
    return true;
  }

  #source(source: Source): Texts {
    if (source.kind === 'body') return this.#body(source.body);
    const texts = this.of(source.value);
    return source.kind === 'value' ? texts : this.#element(texts);
  }

  #element(texts: Texts): Texts {
    const { private: known, underscores, text, container } = texts;
    const part = { private: known, underscores, text, container: false };
    return container ? { ...part, head: texts.head, lazy: texts.lazy } : { ...part, head: false, lazy: false };
  }

  isReserved(name: string): boolean {
    const plain = name.normalize('NFKC');
    return plain.startsWith('_') || this.#rules.reserved.includes(plain);
  }

  of(expression: JinjaExpression): Texts {
    switch (expression.kind) {
      case 'constant':
        return typeof expression.value === 'string' ? this.#constant(expression.value) : DATA;
      case 'name':
        return this.#name(expression.name);
      case 'list':
        return this.#several(expression.items);
      case 'dict':
        return this.#several(expression.pairs.flat());
      case 'attribute': {
        if (/^(?:prev|next)item$/.test(expression.name)) return this.#neighbour(expression.object);
        const stored = this.#names.get(`.${expression.name}`);
        if (this.#isNamespace(expression.object)) return stored ?? DATA;
        const object = this.#element(this.of(expression.object));
        return stored === undefined || !this.#mayBeNamespace(expression.object) ? object : either(object, stored);
      }
      case 'subscript': {
        const { object, index } = expression;
        if (index.kind === 'constant')
          return this.of({ kind: 'attribute', object, name: String(index.value), at: expression.at });
        return this.#element(this.of(object));
      }
      case 'slice':
        return DATA;
      case 'call':
        return this.#call(expression);
      case 'filter':
        return this.#filter(expression);
      case 'test':
        return DATA;
      case 'unary':
        return expression.operator === 'not' ? DATA : this.of(expression.value);
      case 'operation':
        return this.#operation(expression);
      case 'condition': {
        const then = this.of(expression.then);
        return expression.otherwise === undefined ? then : either(then, this.of(expression.otherwise));
      }
    }
  }

  /** An element of what a loop goes over. */
  #neighbour(object: JinjaExpression): Texts {
    return either(this.#element(this.of(object)), this.#names.get('()loop') ?? DATA);
  }

  /** What a namespace holds is known by the attributes that are set. */
  #isNamespace(expression: JinjaExpression): boolean {
    if (expression.kind !== 'name') return false;
    const sources = this.#scope.assigned.get(expression.name) ?? [];
    return sources.length > 0 && sources.every((source) => source.kind === 'value' && isPlainNamespace(source.value));
  }

  #mayBeNamespace(expression: JinjaExpression, seen = new Set<string>()): boolean {
    if (expression.kind === 'name') {
      if (seen.has(expression.name)) return false;
      seen.add(expression.name);
      const sources = this.#scope.assigned.get(expression.name) ?? [];
      return sources.some((source) => source.kind !== 'body' && this.#mayBeNamespace(source.value, seen));
    }
    if (expression.kind === 'call' && expression.callee.kind === 'name' && expression.callee.name === 'namespace')
      return true;
    if (expression.kind === 'attribute')
      return (this.#scope.assigned.get(`.${expression.name}`) ?? []).some(
        (source) => source.kind !== 'body' && this.#mayBeNamespace(source.value, seen),
      );
    return partsOf(expression).some((part) => this.#mayBeNamespace(part, seen));
  }

  #constant(value: string): Texts {
    const plain = value.normalize('NFKC');
    const count = plain.split('_').length - 1;
    return {
      private: this.isReserved(plain),
      underscores: Math.min(2, count) as 0 | 1 | 2,
      head: this.#headOf(plain),
      text: value !== '',
      container: false,
      lazy: false,
      constant: value,
    };
  }

  #headOf(start: string): boolean {
    if (start === '' || start.startsWith('_')) return false;
    return !this.#rules.reserved.some((name) => name.startsWith(start) || start.startsWith(name));
  }

  #name(name: string): Texts {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    // A macro's own text holds its name, which is its author's.
    if (this.#scope.macros.has(name)) return { ...DATA, underscores: 2, text: true };
    // Special tokens lie beside the template, in the same file, and are its author's.
    if (this.#own.some((pattern) => pattern.test(name))) return { ...DATA, underscores: 2, text: true };
    return DATA;
  }

  #several(items: readonly JinjaExpression[]): Texts {
    let sum: Texts['underscores'] = 0;
    let joined = NOTHING;
    for (const item of items) {
      const texts = this.of(item);
      sum = plus(sum, texts.underscores);
      joined = either(joined, texts);
    }
    return { ...joined, underscores: sum, container: true, lazy: false };
  }

  #body(body: JinjaBody): Texts {
    let underscores: Texts['underscores'] = 0;
    for (const statement of body) {
      if (statement.kind === 'text') underscores = plus(underscores, this.#constant(statement.text).underscores);
      else
        for (const one of expressionsOf(statement))
          underscores = plus(underscores, this.#asText(this.of(one)).underscores);
      for (const inner of bodiesOf(statement)) underscores = plus(underscores, this.#body(inner).underscores);
    }
    return { ...DATA, underscores, text: true };
  }

  /** As part of a longer text: a generator's own text has underscores. */
  #asText(texts: Texts): Texts {
    return texts.lazy ? { ...texts, underscores: 2, text: true, lazy: false } : texts;
  }

  #operation({ operators, operands }: Extract<JinjaExpression, { kind: 'operation' }>): Texts {
    const [operator] = operators;
    if (operator === 'or' || operator === 'and') return operands.map((one) => this.of(one)).reduce(either, NOTHING);
    if (operator === '~' || operator === '+' || operator === '-')
      return this.#joined(operands.map((one) => this.of(one)));
    if (operator === '*' || operator === '/' || operator === '//' || operator === '%' || operator === '**') {
      const parts = operands.map((one) => this.of(one));
      const texts = parts.reduce(either, NOTHING);
      const made = parts.some((part) => part.text || part.lazy);
      // `'%c' % 95`, `'_' * 2`: a format and a repetition may make any number of underscores.
      return { ...texts, head: false, container: false, underscores: made ? this.#formatted(operators, parts) : 0 };
    }
    return DATA;
  }

  #formatted(operators: readonly string[], parts: readonly Texts[]): Texts['underscores'] {
    const format = parts[0]?.constant;
    if (operators.length === 1 && operators[0] === '%' && format !== undefined && !/%[^%a-z]*[crsa]/.test(format))
      return parts[0]?.underscores ?? 0;
    if (parts.some((part) => part.underscores > 0 || part.lazy)) return 2;
    return operators.includes('%') && (format === undefined || /%[^%a-z]*c/.test(format)) ? 2 : 0;
  }

  #joined(parts: readonly Texts[]): Texts {
    if (parts.every(({ constant }) => constant !== undefined))
      return this.#constant(parts.map(({ constant }) => constant ?? '').join(''));
    let underscores: Texts['underscores'] = 0;
    for (const part of parts) underscores = plus(underscores, this.#asText(part).underscores);
    const first = parts.find(({ constant }) => constant !== '') ?? DATA;
    return {
      private: parts.every((part) => part.container) ? parts.some((part) => part.private) : first.private,
      underscores,
      head: first.head,
      text: parts.some((part) => part.text || part.lazy),
      container: parts.every((part) => part.container),
      lazy: false,
    };
  }

  /** Anything that is handed texts and gives a text. */
  #made(input: Texts, given: readonly JinjaArgument[]): Texts {
    const handed = given.map(({ name, value }) => {
      const texts = this.of(value);
      return name === undefined ? texts : either(texts, { ...DATA, underscores: texts.underscores, head: texts.head });
    });
    const inserted = handed.some((texts) => texts.underscores > 0);
    const all = handed.reduce(either, this.#asText(input));
    return {
      private: input.private || handed.some((texts) => texts.private && texts.constant === undefined),
      underscores: inserted ? 2 : all.underscores,
      head: false,
      text: all.text,
      container: false,
      lazy: false,
    };
  }

  #filter({ input, name, arguments: given }: Extract<JinjaExpression, { kind: 'filter' }>): Texts {
    const texts = input === undefined ? DATA : this.of(input);
    return this.#transformed(texts, name, given);
  }

  #transformed(texts: Texts, name: string, given: readonly JinjaArgument[]): Texts {
    if (this.#plain.has(name)) return DATA;
    if (name === 'list' || name === 'sort' || name === 'reverse' || name === 'dictsort')
      return texts.container || texts.lazy ? { ...texts, lazy: false } : { ...this.#made(texts, []), lazy: false };
    if (name === 'first' || name === 'last' || name === 'random' || name === 'min' || name === 'max')
      return this.#element(texts);
    if (name === 'default' || name === 'd' || name === 'get' || name === 'pop' || name === 'setdefault') {
      const inner = name.startsWith('d') ? texts : this.#element(texts);
      return given.map(({ value }) => this.of(value)).reduce(either, inner);
    }
    if (name === 'cycle') return given.map(({ value }) => this.of(value)).reduce(either, this.#element(texts));
    if (this.#removing.has(name)) return this.#made(texts, []);
    if (name === 'replace') {
      const made = this.#made(texts, given.slice(1));
      // In a text of the conversation it is the conversation that says where an underscore comes.
      return texts.text ? made : { ...made, underscores: Math.min(1, made.underscores) as 0 | 1 };
    }
    if (this.#decoding.has(name))
      return { ...this.#made(texts, given), underscores: texts.text ? 2 : texts.underscores };
    if (name === 'format' || name === 'join') {
      const made = this.#made(texts, given);
      // One value may stand in it many times.
      const many = name === 'format' && (texts.constant === undefined || /%[^%a-z]*c|:[^{}]*c\}/.test(texts.constant));
      return { ...made, underscores: made.underscores > 0 || many ? 2 : 0 };
    }
    if (!this.#lazy.has(name)) return this.#made(texts, given);
    // A generator over values, not over their text.
    return {
      ...this.#made({ ...texts, lazy: false }, given),
      lazy: true,
      container: texts.container,
      head: texts.head,
    };
  }

  #call({ callee, arguments: given }: Extract<JinjaExpression, { kind: 'call' }>): Texts {
    if (callee.kind === 'attribute') return this.#transformed(this.of(callee.object), callee.name, given);
    if (callee.kind !== 'name') return this.#made(DATA, given);
    const { name } = callee;
    if (name === 'caller' || this.#scope.macros.has(name)) return this.#names.get(`()${name}`) ?? NOTHING;
    if (name === 'range' || name === 'raise_exception' || name === 'loop') return DATA;
    if (name === 'dict' || name === 'namespace') {
      // Keyword names are keys, and keys are texts: `dict(__class__=1)|first`.
      const keys = given.flatMap(({ name: key, value }) =>
        key === undefined ? [] : [{ kind: 'constant' as const, value: key, at: value.at }],
      );
      const texts = this.#several([...keys, ...given.map(({ value }) => value)]);
      return name === 'dict' ? texts : { ...texts, underscores: Math.min(texts.underscores, 1) as 0 | 1 };
    }
    // `cycler('a', 'b')` and `joiner('a')` give back what they were given, in time.
    if (name === 'cycler' || name === 'joiner') return this.#several(given.map(({ value }) => value));
    return either(this.#made(DATA, given), this.#element(this.#name(name)));
  }
}

function isPlainNamespace(value: JinjaExpression): boolean {
  if (value.kind !== 'call' || value.callee.kind !== 'name' || value.callee.name !== 'namespace') return false;
  return value.arguments.every(({ name, spread }) => name !== undefined && spread !== true);
}

function same(a: Texts, b: Texts): boolean {
  return (
    a.private === b.private &&
    a.underscores === b.underscores &&
    a.head === b.head &&
    a.text === b.text &&
    a.container === b.container &&
    a.lazy === b.lazy
  );
}
