// The operations of each protocol, and that nothing else comes out of a configuration.
import { describe, expect, it } from 'vitest';
import type { RouteSettings } from '../config/schema.js';
import { gatewaySchema } from '../config/schema.js';
import { operationsOf } from './operations.js';

function route(more: object): RouteSettings {
  const settings = gatewaySchema.parse({
    schema: 'vallum/gateway/v1',
    name: 'test',
    listen: {},
    upstreams: { up: { url: 'http://127.0.0.1:1' } },
    routes: [{ model: 'digits', upstream: 'up', serving: { by: 'nothing', reason: 'a test of paths' }, ...more }],
  });
  return settings.routes[0] as RouteSettings;
}

const lines = (more: object): readonly string[] =>
  operationsOf(route(more)).map(({ method, path, upstreamPath, action, body }) =>
    [method, path, upstreamPath, action, body].join(' '),
  );

describe('operationsOf', () => {
  it('oip: infer, metadata and ready, with and without each version, and the metadata of the server', () => {
    expect(lines({ protocol: 'oip', versions: ['3'], upstreamModel: 'org/mnist' })).toEqual([
      'POST /v2/models/digits/infer /v2/models/org%2Fmnist/infer infer oip',
      'GET /v2/models/digits /v2/models/org%2Fmnist readMetadata none',
      'GET /v2/models/digits/ready /v2/models/org%2Fmnist/ready readMetadata none',
      'GET /v2 /v2 readMetadata none',
      'POST /v2/models/digits/versions/3/infer /v2/models/org%2Fmnist/versions/3/infer infer oip',
      'GET /v2/models/digits/versions/3 /v2/models/org%2Fmnist/versions/3 readMetadata none',
      'GET /v2/models/digits/versions/3/ready /v2/models/org%2Fmnist/versions/3/ready readMetadata none',
    ]);
  });

  it('oip-grpc: full names of methods', () => {
    expect(operationsOf(route({ protocol: 'oip-grpc' })).map(({ path }) => path)).toEqual([
      '/inference.GRPCInferenceService/ModelInfer',
      '/inference.GRPCInferenceService/ModelReady',
      '/inference.GRPCInferenceService/ModelMetadata',
      '/inference.GRPCInferenceService/ServerMetadata',
    ]);
  });

  it('mlflow, openai and json', () => {
    expect(lines({ protocol: 'mlflow' })).toEqual([
      'POST /digits/invocations /invocations infer mlflow',
      'GET /digits/ping /ping readMetadata none',
      'GET /digits/version /version readMetadata none',
    ]);
    expect(lines({ protocol: 'openai', prefix: '/chat/', upstreamPrefix: '/api/v1' })).toEqual([
      'POST /chat/chat/completions /api/v1/chat/completions infer openai-chat',
      'POST /chat/completions /api/v1/completions infer openai-completion',
      'POST /chat/embeddings /api/v1/embeddings infer openai-embedding',
      'GET /chat/models /api/v1/models readMetadata none',
    ]);
    expect(lines({ protocol: 'json' })).toEqual(['POST /digits /digits infer json']);
    expect(lines({ protocol: 'json', prefix: '/' })).toEqual(['POST / /digits infer json']);
  });

  it.each(['oip', 'oip-grpc', 'mlflow', 'openai', 'json'])('%s reaches no management path', (protocol) => {
    for (const line of lines({ protocol, versions: ['1'] }))
      expect(line).not.toMatch(/repository|sharedmemory|trace|logging|load|administer/i);
  });
});
