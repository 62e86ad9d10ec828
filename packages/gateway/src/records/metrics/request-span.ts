// OpenTelemetry: one span for each request, made when its decision is known, so that nothing of it lies on the way of the
// request. Without a registered provider nothing is made at all.
import { ProxyTracerProvider, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import type { Decision } from '../decision.js';

const SCOPE = 'vallum.gateway';

/** True when somebody registered a provider, so that spans go somewhere. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE) !== undefined;
}

/** The span `vallum.gateway.request` of a decision. Principals and peers stay out of it: traces travel further than records. */
export function traceRequest(decision: Decision): void {
  if (!isTracing()) return;
  const { at, durationMs, outcome, code } = decision;
  const span = trace.getTracer(SCOPE).startSpan('vallum.gateway.request', {
    kind: SpanKind.SERVER,
    startTime: at,
    attributes: attributesOf(decision),
    root: true,
  });
  if (outcome === 'failed')
    span.setStatus({ code: SpanStatusCode.ERROR, ...(code === undefined ? {} : { message: code }) });
  span.end(at + durationMs);
}

function attributesOf(decision: Decision): Attributes {
  const { id, outcome, code, route, operation, model, status, bytesIn, bytesOut, rows, tokens } = decision;
  return {
    'vallum.decision': id,
    'vallum.outcome': outcome,
    ...(code === undefined ? {} : { 'vallum.code': code }),
    ...(route === undefined ? {} : { 'vallum.route': route }),
    ...(operation === undefined ? {} : { 'vallum.operation': operation }),
    ...(model === undefined ? {} : { 'vallum.model': model }),
    ...(rows === undefined ? {} : { 'vallum.rows': rows }),
    ...(tokens === undefined ? {} : { 'vallum.tokens': tokens }),
    'http.response.status_code': status,
    'http.request.body.size': bytesIn,
    'http.response.body.size': bytesOut,
  };
}
