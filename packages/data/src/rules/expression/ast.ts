// Expressions of a rules file over the columns of one row, as a tree with types. The rules file may be hostile: nothing is
// ever handed to the language's own `eval`, and length, depth and number of parts are bounded before a row is read.
import { VallumError } from '@vallum/core';

export type ValueType = 'number' | 'text' | 'boolean' | 'time';

/** Null: unknown, because a value is missing or a figure has no meaning. Booleans are three-valued, as in SQL. */
export type Value = number | string | boolean | null;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';
export type FunctionName = 'length' | 'lower' | 'upper' | 'abs' | 'matches' | 'time';

export type Node =
  | { readonly kind: 'literal'; readonly type: ValueType; readonly value: Value }
  | { readonly kind: 'column'; readonly type: ValueType; readonly name: string }
  | { readonly kind: 'negate'; readonly type: 'number'; readonly of: Node }
  | {
      readonly kind: 'arithmetic';
      readonly type: 'number';
      readonly operator: Arithmetic;
      readonly left: Node;
      readonly right: Node;
    }
  | {
      readonly kind: 'compare';
      readonly type: 'boolean';
      readonly operator: Comparison;
      readonly left: Node;
      readonly right: Node;
    }
  | {
      readonly kind: 'logic';
      readonly type: 'boolean';
      readonly operator: 'and' | 'or';
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly kind: 'not'; readonly type: 'boolean'; readonly of: Node }
  | { readonly kind: 'null'; readonly type: 'boolean'; readonly of: Node; readonly negated: boolean }
  | {
      readonly kind: 'in';
      readonly type: 'boolean';
      readonly of: Node;
      readonly values: readonly Value[];
      readonly negated: boolean;
    }
  | { readonly kind: 'call'; readonly type: ValueType; readonly name: FunctionName; readonly of: Node }
  | { readonly kind: 'matches'; readonly type: 'boolean'; readonly of: Node; readonly pattern: string };

export function refuseExpression(why: string, at: number): VallumError {
  return new VallumError('DATA_EXPRESSION', `the expression is refused: ${why} (at character ${at + 1})`, {
    fix: 'see docs/data-check.md, "Expressions"',
  });
}
