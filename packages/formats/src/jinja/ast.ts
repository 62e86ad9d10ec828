// What a Jinja template is made of, as far as a judge of it needs to know. Offsets are characters from its start.

export type Expression =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  /** A list or a tuple. */
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: number }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[]; readonly at: number }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string; readonly at: number }
  | { readonly kind: 'subscript'; readonly object: Expression; readonly index: Expression; readonly at: number }
  /** Only as an index. */
  | { readonly kind: 'slice'; readonly parts: readonly Expression[]; readonly at: number }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly arguments: readonly Argument[];
      readonly at: number;
    }
  | {
      readonly kind: 'filter';
      /** Undefined in a filter block, where the block's text is the input. */
      readonly input: Expression | undefined;
      readonly name: string;
      readonly arguments: readonly Argument[];
      readonly at: number;
    }
  | {
      readonly kind: 'test';
      readonly input: Expression;
      readonly name: string;
      readonly arguments: readonly Argument[];
      readonly at: number;
    }
  | { readonly kind: 'unary'; readonly operator: 'not' | '-' | '+'; readonly value: Expression; readonly at: number }
  /** A chain of operators of one rank; `operators[i]` stands in front of `operands[i + 1]`. */
  | {
      readonly kind: 'operation';
      readonly operators: readonly string[];
      readonly operands: readonly Expression[];
      readonly at: number;
    }
  | {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | undefined;
      readonly at: number;
    };

export interface Argument {
  /** Of a keyword argument. */
  readonly name?: string;
  /** `*` or `**` in front. */
  readonly spread?: boolean;
  readonly value: Expression;
}

export interface Parameter {
  readonly name: string;
  readonly initial: Expression | undefined;
}

export type Body = readonly Statement[];

export type Statement =
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'output'; readonly value: Expression; readonly at: number }
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly over: Expression;
      readonly test: Expression | undefined;
      readonly body: Body;
      readonly otherwise: Body;
      readonly at: number;
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
      readonly otherwise: Body;
      readonly at: number;
    }
  | { readonly kind: 'set'; readonly target: Expression; readonly value: Expression; readonly at: number }
  /** `{% set x | filter %}...{% endset %}` */
  | {
      readonly kind: 'set-block';
      readonly target: Expression;
      readonly filter: Expression | undefined;
      readonly body: Body;
      readonly at: number;
    }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: Body;
      readonly at: number;
    }
  | {
      readonly kind: 'call-block';
      readonly parameters: readonly Parameter[];
      readonly call: Expression;
      readonly body: Body;
      readonly at: number;
    }
  | { readonly kind: 'filter-block'; readonly filter: Expression; readonly body: Body; readonly at: number }
  | {
      readonly kind: 'with';
      readonly bindings: readonly (readonly [Expression, Expression])[];
      readonly body: Body;
      readonly at: number;
    }
  | { readonly kind: 'block'; readonly name: string; readonly body: Body; readonly at: number }
  /** include, import, from, extends: another template, and the names that come from it. */
  | {
      readonly kind: 'load';
      readonly how: 'include' | 'import' | 'from' | 'extends';
      readonly template: Expression;
      readonly names: readonly string[];
      readonly at: number;
    }
  | { readonly kind: 'do'; readonly value: Expression; readonly at: number }
  /** A block that only wraps: generation, autoescape, trans. */
  | { readonly kind: 'group'; readonly word: string; readonly body: Body; readonly at: number }
  /** break, continue, debug */
  | { readonly kind: 'word'; readonly word: string; readonly at: number };
