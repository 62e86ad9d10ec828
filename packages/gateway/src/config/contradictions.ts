// What each key allows by itself and all of them together do not: names that nobody has, a protocol without a listener, an open
// address without TLS.
import type { Contradiction } from './contradictions/check.js';
import { first } from './contradictions/check.js';
import { IDENTITY_CHECKS } from './contradictions/identity.js';
import { LISTENER_CHECKS } from './contradictions/listeners.js';
import { ROUTE_CHECKS } from './contradictions/routes.js';
import { UPSTREAM_CHECKS } from './contradictions/upstreams.js';
import type { GatewaySettings } from './schema.js';

/** In this order: a route that has no upstream is told so before anything else about it. */
const CHECKS = [...LISTENER_CHECKS, ...IDENTITY_CHECKS, ...UPSTREAM_CHECKS, ...ROUTE_CHECKS];

/** The first thing that does not fit. */
export function findContradiction(settings: GatewaySettings): Contradiction | undefined {
  return first(CHECKS, (check) => check(settings));
}
