// Evaluates an expression for the rows of a batch. Three-valued: what is missing makes a comparison unknown, and `and` and
// `or` know what they can know without it. NaN and a division by zero are unknown too, never false in silence.
import type { Values } from '@vallum/formats';
import { cellAt } from '../../tables/cells.js';
import { compilePattern } from '../pattern/pattern.js';
import type { Arithmetic, Comparison, Node, Value } from './ast.js';

const DAY_MS = 86_400_000;

/** @param row counted from 0 in the batch */
export type Evaluate = (columns: readonly Values[], row: number) => Value;

/** @param indexOf where a column stands in the batches that will be given */
export function compileExpression(node: Node, indexOf: (name: string) => number): Evaluate {
  const compile = (inner: Node): Evaluate => compileExpression(inner, indexOf);
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'column':
      return column(indexOf(node.name), node.type === 'boolean');
    case 'negate': {
      const of = compile(node.of);
      return (columns, row) => {
        const value = of(columns, row);
        return value === null ? null : -(value as number);
      };
    }
    case 'arithmetic': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const work = ARITHMETIC[node.operator];
      const unit = node.left.type === 'time' ? DAY_MS : 1;
      return both(left, right, (a, b) => known(work(a as number, b as number) / unit));
    }
    case 'compare':
      return both(compile(node.left), compile(node.right), COMPARE[node.operator]);
    case 'logic': {
      const [left, right] = [compile(node.left), compile(node.right)];
      // What decides alone: false for `and`, true for `or`.
      const strong = node.operator === 'or';
      return (columns, row) => {
        const a = left(columns, row);
        if (a === strong) return strong;
        const b = right(columns, row);
        if (b === strong) return strong;
        return a === null || b === null ? null : !strong;
      };
    }
    case 'not': {
      const of = compile(node.of);
      return (columns, row) => {
        const value = of(columns, row);
        return value === null ? null : value === false;
      };
    }
    case 'null': {
      const of = compile(node.of);
      const { negated } = node;
      return (columns, row) => (of(columns, row) === null) !== negated;
    }
    case 'in': {
      const of = compile(node.of);
      const values = new Set(node.values);
      const { negated } = node;
      return (columns, row) => {
        const value = of(columns, row);
        return value === null ? null : values.has(value) !== negated;
      };
    }
    case 'call': {
      const of = compile(node.of);
      const work = CALLS[node.name as keyof typeof CALLS] as (value: never) => Value;
      return (columns, row) => {
        const value = of(columns, row);
        return value === null ? null : work(value as never);
      };
    }
    case 'matches': {
      const of = compile(node.of);
      const pattern = compilePattern(node.pattern);
      return (columns, row) => {
        const value = of(columns, row);
        return value === null ? null : (pattern.test(value as string) ?? null);
      };
    }
  }
}

function column(index: number, isBoolean: boolean): Evaluate {
  return (columns, row) => {
    const values = columns[index];
    const cell = values === undefined ? undefined : cellAt(values, row);
    if (cell === undefined || Number.isNaN(cell)) return null;
    return isBoolean ? cell === 1 : cell;
  };
}

function both(left: Evaluate, right: Evaluate, work: (a: Value, b: Value) => Value): Evaluate {
  return (columns, row) => {
    const a = left(columns, row);
    if (a === null) return null;
    const b = right(columns, row);
    return b === null ? null : work(a, b);
  };
}

function known(value: number): Value {
  return Number.isNaN(value) ? null : value;
}

const ARITHMETIC: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? NaN : a / b),
  '%': (a, b) => (b === 0 ? NaN : a % b),
};

/** Both sides have one type: the parser saw to it. Texts are ordered by their UTF-16 units. */
const COMPARE: Readonly<Record<Comparison, (a: Value, b: Value) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => (a as number) < (b as number),
  '<=': (a, b) => (a as number) <= (b as number),
  '>': (a, b) => (a as number) > (b as number),
  '>=': (a, b) => (a as number) >= (b as number),
};

const CALLS = {
  /** In characters (code points), as people count. */
  length: (value: string) => codePoints(value),
  lower: (value: string) => value.toLowerCase(),
  upper: (value: string) => value.toUpperCase(),
  abs: (value: number) => Math.abs(value),
} as const;

export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}
