// One input against its plan. An input that nobody knows is refused: its values would go unchecked to whoever reads it behind
// the gateway.
import type { InputSettings } from '../../config/schema.js';
import type { InputTensor } from '../../protocol/inspected.js';
import type { GatewayRanges } from '../learn/ranges.js';
import { firstOutside, firstStranger } from './number-check.js';
import type { Plan, TensorSettings } from './plan.js';
import { PlanMaker } from './plan.js';

/** A sentence for operators that says why the input is refused. It names place and bound, never the value. */
export type TensorCheck = (input: InputTensor, inputs: readonly InputTensor[]) => string | undefined;

export function compileTensorCheck(
  { tensors, notFinite }: Pick<InputSettings, 'tensors' | 'notFinite'>,
  learned: GatewayRanges | undefined,
): TensorCheck {
  const maker = new PlanMaker(learned, notFinite === 'allow');
  const rules = new Map(tensors?.map((tensor) => [tensor.name, tensor]));
  const names = new Set([...rules.keys(), ...maker.names]);
  const plans = new Map([...names].map((name) => [name, maker.plan(name, rules.get(name))]));
  const unnamed = maker.plan(undefined, undefined);
  return (input, inputs) => {
    const rule = rules.get(input.name);
    if (tensors !== undefined && rule === undefined) return 'the route has no such input';
    const plan = plans.get(input.name) ?? unnamed;
    return (
      (rule === undefined ? undefined : formFault(input, rule)) ??
      planFault(input, inputs, plan) ??
      textFault(input, plan) ??
      numberFault(input, plan)
    );
  };
}

function formFault({ datatype, shape }: InputTensor, wanted: TensorSettings): string | undefined {
  if (wanted.datatype !== undefined && wanted.datatype !== datatype)
    return `it is ${datatype} where the route takes ${wanted.datatype}`;
  if (wanted.shape === undefined) return undefined;
  const fits =
    wanted.shape.length === shape.length && wanted.shape.every((side, i) => side === -1 || side === shape[i]);
  return fits ? undefined : `its shape [${shape.slice(0, 8).join(', ')}] does not fit [${wanted.shape.join(', ')}]`;
}

function planFault(
  { numbers, texts, shape }: InputTensor,
  inputs: readonly InputTensor[],
  plan: Plan,
): string | undefined {
  const { takes, rowLength, byOrder, columns } = plan;
  if (byOrder && inputs.length > 1) return 'the training data have no such column';
  if (byOrder && (shape.length < 2 || shape.at(-1) !== columns.length))
    return `the training data have no such column, and it has no rows of ${columns.length} columns`;
  const has = numbers === undefined ? 'texts' : 'numbers';
  // In rows of both kinds by their order, a number stands where a text was learned, or the other way round.
  const isMixed = byOrder && plan.texts.some((list) => list !== undefined) && takes === 'numbers';
  if (isMixed || (takes !== 'both' && takes !== has))
    return `it holds ${has} where ${isMixed ? 'both' : takes} were learned`;
  const elements = (numbers ?? texts)?.length ?? 0;
  return rowLength === undefined || elements % rowLength === 0
    ? undefined
    : `it has ${elements} numbers, and a row has ${rowLength}`;
}

function textFault({ texts }: InputTensor, plan: Plan): string | undefined {
  if (texts === undefined) return undefined;
  const width = plan.texts.length;
  for (const [column, list] of plan.texts.entries()) {
    if (list === undefined) continue;
    for (let i = column; i < texts.length; i += width)
      if (!list.has(texts[i] as string)) return `${placeOf(plan, i)} is none of the ${list.size} categories`;
  }
  return undefined;
}

function numberFault({ numbers }: InputTensor, plan: Plan): string | undefined {
  if (numbers === undefined) return undefined;
  const columns = plan.numbers.length;
  const at = firstOutside(numbers, plan.bounds);
  if (at >= 0) return `${placeOf(plan, at)} ${whyOutside(numbers[at] as number, plan, at % columns)}`;
  for (const [column, list] of plan.numbers.entries()) {
    const stranger = list === undefined ? -1 : firstStranger(numbers, list, { column, columns });
    if (stranger >= 0) return `${placeOf(plan, stranger)} is none of the ${list?.size ?? 0} values it may have`;
  }
  return undefined;
}

function placeOf({ columns }: Plan, at: number): string {
  const name = columns[at % Math.max(1, columns.length)];
  if (columns.length > 1) return `column ${name ?? ''} of row ${Math.floor(at / columns.length)}`;
  return name === undefined ? `value ${at}` : `value ${at} of column ${name}`;
}

function whyOutside(value: number, { bounds }: Plan, column: number): string {
  const low = bounds.lows[column] ?? 0;
  const high = bounds.highs[column] ?? 0;
  if (!bounds.allowsNotFinite && !Number.isFinite(value)) return Number.isNaN(value) ? 'is NaN' : 'is infinite';
  return value < low ? `is below ${low}` : `is above ${high}`;
}
