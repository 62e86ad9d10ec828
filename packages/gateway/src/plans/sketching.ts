// What detectors get of one request: sketches of its rows, each with what was answered for it and what it cost.
import type { Route } from '../config/config.js';
import { makeSketcher } from '../detectors/sketching/sketcher.js';
import { rowAnswer } from '../detectors/sketching/row-answer.js';
import type { Range } from '../detectors/sketching/scale.js';
import type { Plan } from '../door/parts.js';
import type { GatewayRanges } from '../guard/learn/ranges.js';
import { unitsOf } from '../limits/limiter.js';

export type Sketching = NonNullable<Plan['sketch']>;

/** Undefined for a route that nobody watches. @param secret the same in all workers of a gateway */
export function sketchingOf(
  { settings }: Route,
  learned: GatewayRanges | undefined,
  secret: Uint8Array,
): Sketching | undefined {
  const { kind } = settings.detection;
  if (kind === 'off') return undefined;
  const sketch = makeSketcher({ kind, secret, ranges: rangesOf(learned) });
  return (inspected, answer) => {
    const { rows, elements, tokens = 0 } = inspected;
    const cost = unitsOf(settings.cost, { rows, elements, tokens }) / Math.max(1, rows);
    return sketch(inspected).map(({ row, ...one }) => ({
      ...one,
      kind,
      cost: cost * one.rows,
      ...rowAnswer(answer?.outputs ?? [], rows, row),
    }));
  };
}

function rangesOf(learned: GatewayRanges | undefined): ReadonlyMap<string, Range> {
  if (learned === undefined || !('columns' in learned)) return new Map();
  return new Map(
    learned.columns.flatMap((column) => (column.check === 'number' ? [[column.name, column] as const] : [])),
  );
}
