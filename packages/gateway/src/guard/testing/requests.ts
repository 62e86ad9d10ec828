// Requests as a protocol would have read them, and what the guard says of them.
import { expect } from 'vitest';
import { gatewaySchema } from '../../config/schema.js';
import type { InputSettings } from '../../config/schema.js';
import { isRefusal } from '../../door/refusal.js';
import type { Datatype, Inspected, InputTensor, NumberArray } from '../../protocol/inspected.js';
import { compileInputGuard } from '../input/input-guard.js';
import type { GatewayRanges, RangeColumn } from '../learn/ranges.js';
import { RANGES_SCHEMA } from '../learn/ranges.js';

const inputSettings = gatewaySchema.shape.routes.element.shape.input;
export const settings = (given: object): InputSettings => inputSettings.parse(given);

export function tensor(
  numbers: NumberArray,
  shape: readonly number[],
  name = 'x',
  datatype: Datatype = 'FP64',
): InputTensor {
  return { name, datatype, shape, numbers };
}
export function texts(
  values: readonly string[],
  name = 'city',
  shape: readonly number[] = [values.length],
): InputTensor {
  return { name, datatype: 'BYTES', shape, texts: values };
}
export function request(...inputs: InputTensor[]): Inspected {
  return {
    inputs,
    elements: 1,
    rows: 1,
    stream: false,
    forward: Buffer.from('{}'),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  };
}
export function ranges(...columns: RangeColumn[]): GatewayRanges {
  const source = { kind: 'table', sha256: 'a'.repeat(64) as GatewayRanges['source']['sha256'] } as const;
  return { schema: RANGES_SCHEMA, source, rows: 100, margin: 0.1, columns };
}

/** The operator's reason, or `passes`. */
export function outcome(given: object, inspected: Inspected, learned?: GatewayRanges): string {
  const answer = compileInputGuard(settings(given), learned)(inspected);
  if (!isRefusal(answer)) {
    expect(answer.inspected).toBe(inspected);
    return 'passes';
  }
  expect(answer.code).toBe('bad-input');
  return answer.reason;
}
