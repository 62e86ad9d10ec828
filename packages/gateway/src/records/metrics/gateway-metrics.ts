// The figures of the whole gateway as the primary serves them to Prometheus: what workers counted, summed, so that nothing goes
// back when a worker dies, and what the primary knows itself.
import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import { STEPS } from '../../detectors/step.js';
import type { Step } from '../../detectors/step.js';
import { DURATION_BUCKETS } from './request-counts.js';
import type { CountedCell, WorkerGauges, WorkerMetrics } from './request-counts.js';

/** Content type of what `metricsText` gives. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Counts of events since the start, as a sink or the gateway keeps them. */
export interface EventCounts {
  readonly emitted: number;
  readonly delivered: number;
  readonly dropped: number;
}

type Labels = Readonly<Record<string, string | number>>;
interface Value {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
}
type Sum = { -readonly [Key in keyof CountedCell]: CountedCell[Key] };

export class GatewayMetrics {
  readonly #sums = new Map<string, Sum>();
  readonly #workers = new Map<string, WorkerGauges>();
  readonly #own = new Registry();
  readonly #queue = this.#gauge('vallum_gateway_queue_depth', 'Requests that wait for an upstream connection');
  readonly #delay = this.#gauge(
    'vallum_gateway_loop_delay_seconds',
    'Longest event-loop delay of a worker, last second',
  );
  readonly #waiting = this.#gauge('vallum_gateway_records_waiting', 'Records that are not durable yet');
  readonly #lost = this.#gauge('vallum_gateway_records_lost', 'Records that running workers could not keep');
  readonly #count = this.#gauge('vallum_gateway_workers', 'Workers that report');
  readonly #ledger = this.#gauge('vallum_gateway_ledger_ready', '1 while the ledger takes records');
  readonly #steps = this.#gauge('vallum_gateway_principals', 'Principals on a step of the detectors', ['step']);
  readonly #open = this.#gauge('vallum_gateway_route_open', '1 while the serving gate of the route is open', ['route']);
  readonly #events = this.#gauge('vallum_gateway_events', 'Events since the start', ['fate']);

  /** Takes in what a worker counted since the last time. @param worker id of its process */
  add(worker: string, { cells, gauges }: WorkerMetrics): void {
    this.#workers.set(worker, gauges);
    for (const cell of cells) {
      const key = `${cell.route}\0${cell.outcome}\0${cell.code}`;
      const sum = this.#sums.get(key);
      if (sum === undefined) this.#sums.set(key, { ...cell, buckets: [...cell.buckets] });
      else addTo(sum, cell);
    }
  }

  /** A worker has ended; what it counted stays. */
  left(worker: string): void {
    this.#workers.delete(worker);
  }

  ledger(ready: boolean): void {
    this.#ledger.set(Number(ready));
  }

  /** Principals by step; those on `observe` are not counted one by one. */
  steps(counts: Readonly<Partial<Record<Step, number>>>): void {
    for (const step of STEPS) if (step !== 'observe') this.#steps.set({ step }, counts[step] ?? 0);
  }

  route(id: string, isOpen: boolean): void {
    this.#open.set({ route: id }, Number(isOpen));
  }

  events({ emitted, delivered, dropped }: EventCounts): void {
    for (const [fate, value] of Object.entries({ emitted, delivered, dropped })) this.#events.set({ fate }, value);
  }

  /** Prometheus text format 0.0.4. */
  async metricsText(): Promise<string> {
    const all = [...this.#workers.values()];
    this.#queue.set(all.reduce((sum, { queue }) => sum + queue, 0));
    this.#lost.set(all.reduce((sum, { recordsLost }) => sum + recordsLost, 0));
    this.#waiting.set(all.reduce((sum, { recordsWaiting }) => sum + recordsWaiting, 0));
    this.#delay.set(all.reduce((most, { loopDelaySeconds }) => Math.max(most, loopDelaySeconds), 0));
    this.#count.set(all.length);
    const requests = AggregatorRegistry.aggregate([this.#requests()]);
    return `${await requests.metrics()}\n${await this.#own.metrics()}`;
  }

  #gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#own] });
  }

  #requests(): readonly object[] {
    const sums = [...this.#sums.values()];
    const counter = (name: string, help: string, of: (sum: Sum) => number): object =>
      metric(
        'counter',
        name,
        help,
        sums.map((sum) => ({ labels: labelsOf(sum), value: of(sum) })),
      );
    return [
      counter('vallum_gateway_requests_total', 'Requests by route, outcome and code', ({ requests }) => requests),
      counter('vallum_gateway_received_bytes_total', 'Bytes of request bodies', ({ bytesIn }) => bytesIn),
      counter('vallum_gateway_sent_bytes_total', 'Bytes of answers', ({ bytesOut }) => bytesOut),
      metric(
        'histogram',
        DURATION,
        'Seconds from the head of a request to the end of its answer',
        sums.flatMap(histogram),
      ),
    ];
  }
}

const DURATION = 'vallum_gateway_request_duration_seconds';

function metric(type: string, name: string, help: string, values: readonly Value[]): object {
  return { name, help, type, aggregator: 'sum', values };
}

function labelsOf({ route, outcome, code }: Sum): Labels {
  return { route, outcome, code };
}

function histogram(sum: Sum): readonly Value[] {
  const labels = labelsOf(sum);
  let below = 0;
  const buckets = [...DURATION_BUCKETS, '+Inf'].map((le, at): Value => {
    below += sum.buckets[at] ?? 0;
    return { metricName: `${DURATION}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${DURATION}_sum`, labels, value: sum.seconds },
    { metricName: `${DURATION}_count`, labels, value: sum.requests },
  ];
}

function addTo(sum: Sum, cell: CountedCell): void {
  sum.requests += cell.requests;
  sum.seconds += cell.seconds;
  sum.bytesIn += cell.bytesIn;
  sum.bytesOut += cell.bytesOut;
  for (const [at, count] of cell.buckets.entries()) sum.buckets[at] = (sum.buckets[at] ?? 0) + count;
}
