// What is asked of one input, worked out once when a route is read: of what the route says of it and of what training data say.
// Where both have a bound, the route's counts.
import type { InputSettings } from '../../config/schema.js';
import type { Bounds, GatewayRanges, RangeColumn } from '../learn/ranges.js';
import { widen } from '../learn/ranges.js';
import type { BoundsRow } from './number-check.js';
import { compileBounds } from './number-check.js';

export type TensorSettings = NonNullable<InputSettings['tensors']>[number];

export interface Plan {
  readonly bounds: BoundsRow;
  /** Lists for each column, or one for the whole input; undefined where there is none. */
  readonly texts: readonly (ReadonlySet<string> | undefined)[];
  readonly numbers: readonly (ReadonlySet<number> | undefined)[];
  /** Of the learned columns, for operators. */
  readonly columns: readonly string[];
  readonly takes: 'numbers' | 'texts' | 'both';
  /** Numbers of a row, where the training data say it. */
  readonly rowLength?: number;
  /** Columns come by their order: it has to be the only input, and its rows have to be as long. */
  readonly byOrder: boolean;
}

const UNBOUNDED: Bounds = { low: -Infinity, high: Infinity };
const BOOLEANS: ReadonlySet<number> = new Set([0, 1]);

export class PlanMaker {
  readonly #learned: GatewayRanges | undefined;
  readonly #allowsNotFinite: boolean;

  constructor(learned: GatewayRanges | undefined, allowsNotFinite: boolean) {
    this.#learned = learned;
    this.#allowsNotFinite = allowsNotFinite;
  }

  /** Names that the training data know. */
  get names(): readonly string[] {
    const learned = this.#learned;
    return learned !== undefined && 'columns' in learned ? learned.columns.map(({ name }) => name) : [];
  }

  /** @param name undefined for an input that neither the route nor the training data name */
  plan(name: string | undefined, rule: TensorSettings | undefined): Plan {
    const learned = this.#learned;
    // Where the route says all of it, nothing is left to learn.
    if (learned === undefined || isTold(rule)) return this.#make(rule, [{}], { takes: 'both', byOrder: false });
    if ('tensor' in learned) {
      const { elements, minimum, maximum } = learned.tensor;
      const column = { bounds: widen(minimum, maximum, learned.margin) };
      return { ...this.#make(rule, [column], { takes: 'numbers', byOrder: false }), rowLength: elements };
    }
    const known = learned.columns.filter((column) => column.name === name);
    const columns = known.length > 0 ? known : learned.columns;
    const parts = columns.map((column) => partOf(column, learned.margin));
    return this.#make(rule, parts, { takes: kindOf(columns), byOrder: known.length === 0 });
  }

  #make(rule: TensorSettings | undefined, parts: readonly Part[], form: Pick<Plan, 'takes' | 'byOrder'>): Plan {
    const { minimum, maximum, categories } = rule ?? {};
    const bounds = parts.map(({ bounds: { low, high } = UNBOUNDED }) => ({
      low: minimum ?? low,
      high: maximum ?? high,
    }));
    const texts = categories === undefined ? undefined : new Set(categories);
    const numbers = categories === undefined ? undefined : numbersOf(categories);
    return {
      ...form,
      bounds: compileBounds(bounds, this.#allowsNotFinite),
      texts: parts.map((part) => texts ?? part.texts),
      numbers: parts.map((part) => numbers ?? part.numbers),
      columns: parts.flatMap(({ name }) => (name === undefined ? [] : [JSON.stringify(name.slice(0, 80))])),
    };
  }
}

function isTold(rule: TensorSettings | undefined): boolean {
  if (rule === undefined) return false;
  return rule.categories !== undefined || (rule.minimum !== undefined && rule.maximum !== undefined);
}

/** A number is in the list by its value: `1` stands for 1.0 as well. */
function numbersOf(categories: readonly string[]): ReadonlySet<number> {
  const values = categories.filter((category) => category.trim() !== '').map(Number);
  return new Set(values.filter(Number.isFinite));
}

interface Part {
  readonly name?: string;
  readonly bounds?: Bounds;
  readonly texts?: ReadonlySet<string>;
  readonly numbers?: ReadonlySet<number>;
}

function partOf(column: RangeColumn, margin: number): Part {
  const { name } = column;
  switch (column.check) {
    case 'number':
      return { name, bounds: widen(column.minimum, column.maximum, margin) };
    case 'boolean':
      return { name, numbers: BOOLEANS };
    case 'categories':
      return { name, texts: new Set(column.categories) };
    case 'none':
      return { name };
  }
}

/** A number in place of a text would pass by the list, and a text in place of a number by the bounds. */
function kindOf(columns: readonly RangeColumn[]): Plan['takes'] {
  if (columns.some(({ check }) => check === 'number' || check === 'boolean')) return 'numbers';
  return columns.some(({ check }) => check === 'categories') ? 'texts' : 'both';
}
