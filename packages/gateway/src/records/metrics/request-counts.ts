// What one worker counts of its requests: plain numbers in cells that are found by three look-ups, handed to the primary once a
// second. Labels are routes and codes, which the configuration bounds; a principal is never a label.
import type { Metrics } from '../../door/parts.js';
import { REFUSALS } from '../../door/refusal.js';

/** Upper bounds of the buckets of duration, in seconds. */
export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** Label of requests that matched no route. */
export const NO_ROUTE = '-';
const OUTCOMES = ['allowed', 'refused', 'failed'];
const CODES = ['ok', ...Object.keys(REFUSALS)];

interface Cell {
  requests: number;
  seconds: number;
  bytesIn: number;
  bytesOut: number;
  /** Not cumulative; one more than there are bounds. */
  readonly buckets: number[];
}

/** What was counted since the last hand-over. */
export interface CountedCell extends Readonly<Cell> {
  readonly route: string;
  readonly outcome: string;
  readonly code: string;
}

/** How a worker is now: counts, and seconds of event-loop delay. */
export interface WorkerGauges {
  readonly queue: number;
  readonly loopDelaySeconds: number;
  readonly recordsWaiting: number;
  /** Since the worker started. */
  readonly recordsLost: number;
}

export interface WorkerMetrics {
  readonly type: 'metrics';
  readonly cells: readonly CountedCell[];
  readonly gauges: WorkerGauges;
}

type Cells = Map<string, Map<string, Map<string, Cell>>>;

export class RequestCounts implements Metrics {
  readonly #cells: Cells = new Map();

  /** @param routes ids of the configured routes; no other ever becomes a label */
  constructor(routes: readonly string[]) {
    for (const route of [...routes, NO_ROUTE])
      this.#cells.set(route, new Map(OUTCOMES.map((outcome) => [outcome, new Map<string, Cell>()])));
  }

  /** Cost: about 0.1 us. A route that is not configured counts as none; an outcome or code that is unknown is not counted. */
  request({ route, outcome, code, seconds, bytesIn, bytesOut }: Parameters<Metrics['request']>[0]): void {
    const cells = (this.#cells.get(route) ?? this.#cells.get(NO_ROUTE))?.get(outcome);
    const cell = cells?.get(code) ?? newCell(cells, code);
    cell.requests += 1;
    cell.seconds += seconds;
    cell.bytesIn += bytesIn;
    cell.bytesOut += bytesOut;
    let at = 0;
    while (at < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[at] ?? 0)) at += 1;
    cell.buckets[at] = (cell.buckets[at] ?? 0) + 1;
  }

  /** Hands over what was counted since the last time, and begins anew. */
  take(gauges: WorkerGauges): WorkerMetrics {
    const taken: CountedCell[] = [];
    for (const [route, outcomes] of this.#cells)
      for (const [outcome, codes] of outcomes) {
        for (const [code, cell] of codes) taken.push({ route, outcome, code, ...cell });
        codes.clear();
      }
    return { type: 'metrics', cells: taken, gauges };
  }
}

function newCell(cells: Map<string, Cell> | undefined, code: string): Cell {
  const buckets = new Array<number>(DURATION_BUCKETS.length + 1).fill(0);
  const cell: Cell = { requests: 0, seconds: 0, bytesIn: 0, bytesOut: 0, buckets };
  if (CODES.includes(code)) cells?.set(code, cell);
  return cell;
}
