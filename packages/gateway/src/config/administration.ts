// Management paths of an upstream, such as a model repository: unreachable unless they are written out here, and then still
// only for whom a policy lets administer.
import type { Route } from './config.js';
import type { GatewaySettings } from './schema.js';
import { routeSchema } from './schema.js';

export function administrationRoutes({ administration }: GatewaySettings): readonly Route[] {
  return administration.map(({ upstream, method, path, maxBytes }, index) => ({
    id: `administration/${index}`,
    settings: routeSchema.parse({
      model: 'administration',
      protocol: 'json',
      upstream,
      serving: { by: 'nothing', reason: 'a management path: no model is served here' },
      input: { maxBytes },
    }),
    operations: [
      {
        id: 'administer',
        method,
        path,
        upstreamPath: path,
        action: 'administer',
        body: method === 'GET' ? 'none' : 'opaque',
      },
    ],
  }));
}
