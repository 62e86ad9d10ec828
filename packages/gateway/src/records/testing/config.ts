// A configuration in which everything that `gateway.config` asks for is on, and a way to change it.
import { digestJson } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import type { GatewayConfig } from '../../config/config.js';
import { gatewaySchema } from '../../config/schema.js';

export function config(change: JsonObject = {}, route: JsonObject = {}): GatewayConfig {
  const settings = gatewaySchema.parse({
    schema: 'vallum/gateway/v1',
    name: 'front',
    listen: { rest: { address: '127.0.0.1:8080' } },
    identity: { keys: 'keys.json' },
    upstreams: { model: { url: 'http://127.0.0.1:9000' } },
    routes: [
      {
        model: 'spam-filter',
        protocol: 'oip',
        upstream: 'model',
        serving: { by: 'declared', project: 'vallum.yaml', version: 'v2' },
        limits: { requests: { limit: 10 }, lifetime: 100_000 },
        output: { round: 3 },
        ...route,
      },
    ],
    ...change,
  });
  const routes = settings.routes.map((of) => ({ id: `${of.protocol}/${of.model}`, settings: of, operations: [] }));
  return { settings, routes, digest: digestJson(settings as unknown as JsonObject), folder: '/' };
}
