// A door with simple parts, for tests of what is around it.
import { createHash, randomBytes } from 'node:crypto';
import type { Sha256 } from '@vallum/core';
import { asSha256 } from '@vallum/core';
import type { Route } from '../config/config.js';
import { routeSchema } from '../config/schema.js';
import type { Caller } from '../door/caller.js';
import type { Operation } from '../door/operation.js';
import type { DoorParts, Plan } from '../door/parts.js';
import { refuse } from '../door/refusal.js';
import { RouteTable } from '../door/route-table.js';
import type { Answer } from '../protocol/answer.js';
import type { Decision } from '../records/decision.js';

export const ADA: Caller = {
  principal: 'ada',
  roles: ['infer'],
  means: 'key',
  credential: 'k1',
  group: 'ada',
  own: false,
};

export const DIGEST: Sha256 = asSha256('0'.repeat(64));

/** A plan that passes bodies on as they are. */
export function plainPlan(change: Partial<Operation> = {}, settings: object = {}): Plan {
  const operation: Operation = {
    id: 'infer',
    method: 'POST',
    path: '/v2/models/digits/infer',
    upstreamPath: '/v2/models/digits/infer',
    action: 'infer',
    body: 'opaque',
    ...change,
  };
  const route: Route = {
    id: 'oip/digits',
    settings: routeSchema.parse({
      model: 'digits',
      protocol: 'oip',
      upstream: 'local',
      serving: { by: 'nothing', reason: 'a test of the door' },
      ...settings,
    }),
    operations: [operation],
  };
  return {
    route,
    operation,
    asked: { route: route.id, model: 'digits', protocol: 'oip', operation },
    maxBytes: operation.body === 'none' ? 0 : route.settings.input.maxBytes,
    inspect: (body, { contentType = 'application/json' }) => ({
      inputs: [],
      elements: 1,
      rows: 1,
      stream: false,
      forward: body,
      headers: { 'content-type': contentType },
    }),
    guardInput: (inspected) => ({ inspected }),
    guardAnswer: (body, headers) => {
      const received = { body, headers: { 'content-type': headers['content-type'] ?? 'application/json' } };
      const answer: Answer = { outputs: [], source: { outputs: [], received, rewrite: () => received } };
      return { answer, original: answer };
    },
    guardStream: undefined,
  };
}

export interface TestParts extends DoorParts {
  readonly decisions: Decision[];
}

export function testParts(plans: readonly Plan[], change: Partial<DoorParts> = {}): TestParts {
  const table = new RouteTable(plans);
  const decisions: Decision[] = [];
  return {
    find: (transport, method, path) => table.find(transport, method, path),
    identify: ({ authorization }) =>
      authorization === 'Bearer good' ? ADA : refuse('unauthenticated', 'the credential is not known'),
    isRevoked: () => false,
    serving: () => undefined,
    admit: () => ({ charge: () => undefined, done: () => undefined }),
    may: () => ({ policies: ['test'] }),
    upstream: () => ({ enter: () => ({ leave: () => undefined }), report: () => undefined }),
    step: () => 'observe',
    observe: () => undefined,
    afterwards: (work) => work(),
    recorder: {
      ready: true,
      record: async (decision) => {
        decisions.push(decision);
      },
    },
    metrics: { request: () => undefined },
    digestInput: (body) => asSha256(createHash('sha256').update(body).digest('hex')),
    newId: () => randomBytes(16).toString('hex'),
    clock: () => Date.now(),
    ticks: () => performance.now(),
    config: DIGEST,
    policy: () => DIGEST,
    ...change,
    decisions,
  };
}
