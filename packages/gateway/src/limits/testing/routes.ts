// Routes for tests, with the settings that gateway.yaml would give them.
import type { Route } from '../../config/config.js';
import { gatewaySchema } from '../../config/schema.js';
import type { LimitsOf } from '../lease.js';

type Input = Record<string, unknown>;

export function routeWith(limits: Input, more: Input = {}): Route {
  const settings = gatewaySchema.parse({
    schema: 'vallum/gateway/v1',
    name: 'test',
    listen: {},
    upstreams: { server: { url: 'http://127.0.0.1:1' } },
    routes: [
      {
        model: 'digits',
        protocol: 'json',
        upstream: 'server',
        serving: { by: 'nothing', reason: 'a test asks no verdict' },
        limits,
        ...more,
      },
    ],
  }).routes[0];
  if (settings === undefined) throw new Error('no route');
  return { id: `json/${settings.model}`, settings, operations: [] };
}

export function limitsOf(...routes: readonly Route[]): LimitsOf {
  return (id) => routes.find((route) => route.id === id)?.settings;
}
