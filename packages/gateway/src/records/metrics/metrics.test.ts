// Figures of several workers become one Prometheus text with bounded labels; traces are made only where somebody wants them.
import { trace } from '@opentelemetry/api';
import type { Span, SpanOptions, TracerProvider } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { decision } from '../testing/decisions.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { RequestCounts } from './request-counts.js';
import { isTracing, traceRequest } from './request-span.js';

const gauges = { queue: 2, loopDelaySeconds: 0.01, recordsWaiting: 3, recordsLost: 0 };
const seen = { route: 'oip/m', outcome: 'allowed', code: 'ok', seconds: 0.004, bytesIn: 10, bytesOut: 20 };

describe('requests', () => {
  it('are counted by worker and summed by the primary; a worker that ends takes nothing back', async () => {
    const metrics = new GatewayMetrics();
    for (const worker of ['1', '2']) {
      const counts = new RequestCounts(['oip/m']);
      counts.request(seen);
      counts.request({ ...seen, seconds: 100 });
      counts.request({ ...seen, outcome: 'refused', code: 'over-limit' });
      counts.request({ ...seen, outcome: 'failed', code: 'over-limit' });
      metrics.add(worker, counts.take(gauges));
      expect(counts.take(gauges).cells).toEqual([]);
    }
    const before = await metrics.metricsText();
    metrics.left('1');
    const after = await metrics.metricsText();
    for (const line of [
      'vallum_gateway_requests_total{route="oip/m",outcome="allowed",code="ok"} 4',
      'vallum_gateway_requests_total{route="oip/m",outcome="failed",code="over-limit"} 2',
      'vallum_gateway_received_bytes_total{route="oip/m",outcome="allowed",code="ok"} 40',
      'vallum_gateway_request_duration_seconds_bucket{route="oip/m",outcome="allowed",code="ok",le="0.0025"} 0',
      'vallum_gateway_request_duration_seconds_bucket{route="oip/m",outcome="allowed",code="ok",le="0.005"} 2',
      'vallum_gateway_request_duration_seconds_bucket{route="oip/m",outcome="allowed",code="ok",le="30"} 2',
      'vallum_gateway_request_duration_seconds_bucket{route="oip/m",outcome="allowed",code="ok",le="+Inf"} 4',
      'vallum_gateway_request_duration_seconds_count{route="oip/m",outcome="allowed",code="ok"} 4',
      '# TYPE vallum_gateway_request_duration_seconds histogram',
    ])
      for (const text of [before, after]) expect(text.split('\n')).toContain(line);
    expect(before).toContain('vallum_gateway_queue_depth 4');
    expect(after).toContain('vallum_gateway_queue_depth 2');
    expect(after).toContain('vallum_gateway_workers 1');
  });

  it('have no label that a caller chose', () => {
    const counts = new RequestCounts(['oip/m']);
    for (let at = 0; at < 1000; at += 1) {
      counts.request({ ...seen, route: `/made/up/${at}` });
      counts.request({ ...seen, code: `made up ${at}` });
      counts.request({ ...seen, outcome: `made up ${at}` });
    }
    const { cells } = counts.take(gauges);
    expect(cells.map(({ route, requests }) => [route, requests])).toEqual([['-', 1000]]);
  });
});

it('what the primary knows itself is told', async () => {
  const metrics = new GatewayMetrics();
  metrics.ledger(true);
  metrics.route('oip/m', false);
  metrics.steps({ tighten: 4, block: 1 });
  metrics.events({ emitted: 3, delivered: 2, dropped: 1 });
  const lines = (await metrics.metricsText()).split('\n');
  for (const line of [
    'vallum_gateway_ledger_ready 1',
    'vallum_gateway_route_open{route="oip/m"} 0',
    'vallum_gateway_principals{step="tighten"} 4',
    'vallum_gateway_principals{step="degrade"} 0',
    'vallum_gateway_events{fate="dropped"} 1',
  ])
    expect(lines).toContain(line);
});

describe('traces', () => {
  afterEach(() => trace.disable());

  it('are made of the finished decision, without principal or peer', () => {
    const spans: { readonly name: string; readonly options: SpanOptions | undefined; end?: unknown }[] = [];
    const startSpan = (name: string, options?: SpanOptions): Span => {
      const span = { name, options, end: (at: unknown) => (spans.at(-1)!.end = at), setStatus: () => undefined };
      spans.push({ name, options });
      return span as unknown as Span;
    };
    const provider = { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
    traceRequest(decision());
    expect([isTracing(), spans.length]).toEqual([false, 0]);
    trace.setGlobalTracerProvider(provider);
    expect(isTracing()).toBe(true);
    const one = decision({ outcome: 'failed', code: 'bad-upstream' });
    traceRequest(one);
    expect(spans[0]).toMatchObject({
      name: 'vallum.gateway.request',
      options: { startTime: one.at, attributes: { 'vallum.route': 'oip/spam-filter', 'vallum.code': 'bad-upstream' } },
      end: one.at + one.durationMs,
    });
    expect(JSON.stringify(spans)).not.toMatch(/alice|192\.0\.2/);
  });
});
