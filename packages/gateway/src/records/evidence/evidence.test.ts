// Evidence of the gateway names what is off and what was lost, and says nothing where nothing is known.
import type { ControlResult, JsonObject, Task } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { config } from '../testing/config.js';
import { planGatewayConfig } from './plan-gateway-config.js';
import { planGatewayEvents } from './plan-gateway-events.js';
import type { EventsState } from './plan-gateway-events.js';

const run = (task: Task): Promise<ControlResult> =>
  task.run({ signal: new AbortController().signal, progress: () => undefined });
const rulesOf = ({ findings }: ControlResult): string[] => findings.map(({ rule }) => rule);

describe('gateway.config', () => {
  it('passes where everything is on, about the digest of the settings', async () => {
    const whole = config();
    const task = planGatewayConfig(whole);
    expect(await run(task)).toMatchObject({ outcome: 'pass', findings: [] });
    expect([task.kind, task.subject]).toEqual(['gateway.config', { name: 'front', digest: { sha256: whole.digest } }]);
  });

  it.each<[string, JsonObject, JsonObject, string, 'pass' | 'fail']>([
    ['nobody can prove who they are', { identity: {} }, {}, 'VLM-GWC-001', 'fail'],
    [
      'certificates without authorities',
      { identity: { certificates: [{ name: 'DNS:a', principal: 'a' }] } },
      {},
      'VLM-GWC-001',
      'fail',
    ],
    ['clear text to the outside', { listen: { grpc: { address: '0.0.0.0:8001' } } }, {}, 'VLM-GWC-002', 'pass'],
    ['no rate', {}, { limits: { lifetime: 9 } }, 'VLM-GWC-003', 'fail'],
    ['no budget', {}, { limits: { requests: { limit: 1 } } }, 'VLM-GWC-004', 'pass'],
    ['a cap that is none', {}, { input: { maxBytes: 1024 ** 3 } }, 'VLM-GWC-005', 'fail'],
    ['whole answers', {}, { output: {} }, 'VLM-GWC-006', 'fail'],
    ['rounding that takes nothing away', {}, { output: { round: 7 } }, 'VLM-GWC-006', 'fail'],
    ['noise of zero', {}, { output: { noise: 0 } }, 'VLM-GWC-006', 'fail'],
    ['text with secrets', {}, { protocol: 'openai', output: { secrets: 'off' } }, 'VLM-GWC-007', 'fail'],
    ['no verdict', {}, { serving: { by: 'nothing', reason: 'a try-out on my desk' } }, 'VLM-GWC-008', 'pass'],
    ['NaN', {}, { input: { notFinite: 'allow' } }, 'VLM-GWC-009', 'pass'],
  ])('%s', async (_, change, route, rule, outcome) => {
    const result = await run(planGatewayConfig(config(change, route)));
    expect([rulesOf(result), result.outcome]).toEqual([[rule], outcome]);
    expect(result.findings[0]?.fix).not.toBe('');
  });

  it.each<JsonObject>([{ topK: 1 }, { labelOnly: true }, { noise: 0.01 }, { round: 4 }])(
    '%j tells less',
    async (output) => {
      expect(rulesOf(await run(planGatewayConfig(config({}, { output }))))).toEqual([]);
    },
  );

  it('is about every route', async () => {
    const one = config().settings.routes[0];
    const two = { ...one, model: 'other', output: {} } as unknown as JsonObject;
    const result = await run(planGatewayConfig(config({ routes: [one as unknown as JsonObject, two] })));
    expect(result.findings.map(({ location }) => location.entry)).toEqual(['routes oip/other']);
  });

  it('counts management paths, and judges them by other rules than models', async () => {
    const [name = ''] = Object.keys(config().settings.upstreams);
    const administration = [{ upstream: name, method: 'GET', path: '/v2/repository/index' }];
    const result = await run(planGatewayConfig(config({ administration })));
    expect([rulesOf(result), result.outcome]).toEqual([[], 'pass']);
    expect(result.metrics.map(({ id, value }) => [id, value])).toEqual([
      ['routes', 1],
      ['administration-routes', 1],
    ]);
  });
});

describe('gateway.events', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const well: EventsState = {
    at: now.getTime() - 1000,
    hasSink: true,
    emitted: 5,
    delivered: 5,
    dropped: 0,
    selfTest: true,
    ledgerReady: true,
    records: 12,
  };
  const plan = (state?: EventsState): Task =>
    planGatewayEvents({ gateway: 'front', config: sha256('c'), now, ...(state === undefined ? {} : { state }) });

  it('passes when all arrive; neither inputs nor parameters change from run to run', async () => {
    const task = plan(well);
    expect(await run(task)).toMatchObject({ outcome: 'pass', findings: [] });
    expect([task.inputs, task.parameters]).toEqual([[], { gate: 'high' }]);
  });

  it.each<[string, Partial<EventsState>, readonly string[]]>([
    ['no sink', { hasSink: false, selfTest: false }, ['VLM-GWE-001']],
    ['dropped events', { dropped: 1 }, ['VLM-GWE-002']],
    ['a test that is not seen', { selfTest: false }, ['VLM-GWE-003']],
    ['records that cannot be kept', { ledgerReady: false }, ['VLM-GWE-004']],
    ['a rewritten ledger, long ago', { historyDoubt: 'another history', at: 0 }, ['VLM-GWE-005']],
  ])('fails with %s', async (_, change, rules) => {
    const result = await run(plan({ ...well, ...change }));
    expect([result.outcome, rulesOf(result)]).toEqual(['fail', rules]);
  });

  it.each<[string, EventsState | undefined]>([
    ['not-asked', undefined],
    ['not-recent', { ...well, at: now.getTime() - 3_600_001 }],
    ['not-recent', { ...well, at: now.getTime() + 1 }],
  ])('is inconclusive: %s', async (code, state) => {
    expect(await run(plan(state))).toMatchObject({ outcome: 'inconclusive', reason: { code } });
  });
});
