// The shape of parsed Python: enough to follow names and calls. Chains (`a + b + c`, `a.b().c[0]`) are flat, so that no
// source can make the tree deeper than the depth that the parser counts.

export type Expression =
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean | null; readonly line: number }
  | { readonly kind: 'bytes'; readonly text: string; readonly line: number }
  | { readonly kind: 'format'; readonly parts: readonly (string | Expression)[]; readonly line: number }
  | { readonly kind: 'trail'; readonly base: Expression; readonly trail: readonly Trail[]; readonly line: number }
  /** Operators of one strength, from left to right. */
  | { readonly kind: 'chain'; readonly operators: readonly string[]; readonly items: readonly Expression[] }
  /** `and`, `or`, comparisons: every item is evaluated. */
  | { readonly kind: 'logic'; readonly operators: readonly string[]; readonly items: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly kind: 'choice'; readonly test: Expression; readonly then: Expression; readonly other: Expression }
  | { readonly kind: 'sequence'; readonly type: 'list' | 'tuple' | 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression | undefined, Expression])[] }
  | {
      readonly kind: 'comprehension';
      readonly type: 'list' | 'set' | 'dict' | 'generator';
      readonly element: Expression;
      readonly value?: Expression;
      readonly clauses: readonly Clause[];
    }
  | {
      readonly kind: 'lambda';
      readonly parameters: readonly Parameter[];
      readonly body: Expression;
      readonly line: number;
    }
  | { readonly kind: 'star'; readonly value: Expression; readonly double: boolean }
  | { readonly kind: 'named'; readonly name: string; readonly value: Expression }
  /** `await`, `yield`: the value passes through. */
  | { readonly kind: 'wrap'; readonly value: Expression }
  | { readonly kind: 'slice'; readonly parts: readonly (Expression | undefined)[] };

export type Trail =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'call'; readonly arguments: readonly Argument[]; readonly line: number }
  | { readonly kind: 'index'; readonly index: Expression };

export interface Argument {
  readonly keyword?: string;
  readonly star?: '*' | '**';
  readonly value: Expression;
}

export interface Clause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

export interface Parameter {
  readonly name: string;
  readonly star?: '*' | '**';
  readonly default?: Expression;
  readonly annotation?: Expression;
}

export type Block = readonly Statement[];

export type Statement =
  | { readonly kind: 'expression'; readonly value: Expression; readonly line: number }
  | {
      readonly kind: 'assign';
      readonly targets: readonly Expression[];
      readonly value?: Expression;
      /** `+` for `+=`. */
      readonly operator?: string;
      readonly annotation?: Expression;
      readonly line: number;
    }
  | { readonly kind: 'import'; readonly names: readonly ImportedName[]; readonly line: number }
  | {
      readonly kind: 'from';
      readonly level: number;
      readonly module: string;
      /** Undefined for `*`. */
      readonly names?: readonly ImportedName[];
      readonly line: number;
    }
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly decorators: readonly Expression[];
      readonly returns?: Expression;
      readonly body: Block;
      readonly line: number;
    }
  | {
      readonly kind: 'class';
      readonly name: string;
      readonly bases: readonly Argument[];
      readonly decorators: readonly Expression[];
      readonly body: Block;
      readonly line: number;
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: Block }[];
      readonly other: Block;
      readonly line: number;
    }
  /** `for` with a target, `while` without. */
  | {
      readonly kind: 'loop';
      readonly target?: Expression;
      readonly subject: Expression;
      readonly body: Block;
      readonly line: number;
    }
  | {
      readonly kind: 'with';
      readonly items: readonly { readonly value: Expression; readonly target?: Expression }[];
      readonly body: Block;
      readonly line: number;
    }
  /** `try` with all its parts, `match` with its cases: any of the blocks may run. */
  | {
      readonly kind: 'blocks';
      readonly subjects: readonly Expression[];
      readonly blocks: readonly {
        readonly values: readonly Expression[];
        readonly name?: string;
        /** What a `case` binds the subject to. */
        readonly target?: Expression;
        readonly body: Block;
      }[];
      readonly line: number;
    }
  | { readonly kind: 'return'; readonly value: Expression; readonly line: number }
  | { readonly kind: 'global'; readonly names: readonly string[]; readonly line: number }
  /** `raise`, `assert`, `del`: values that are evaluated and nothing else. */
  | { readonly kind: 'values'; readonly values: readonly Expression[]; readonly line: number };

export interface ImportedName {
  readonly name: string;
  readonly as?: string;
}
