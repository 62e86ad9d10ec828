// Upstreams: every route has one that speaks its protocol, and no secret stands in an address.
import { didYouMean } from '@vallum/policy';
import type { GatewaySettings } from '../schema.js';
import type { Check, Contradiction } from './check.js';
import { first } from './check.js';

export const UPSTREAM_CHECKS: readonly Check[] = [
  ({ routes, upstreams }) =>
    first(routes, ({ upstream }, index) => unknownUpstream(upstreams, upstream, ['routes', index, 'upstream'])),
  ({ administration, upstreams }) =>
    first(administration, ({ upstream }, index) =>
      unknownUpstream(upstreams, upstream, ['administration', index, 'upstream']),
    ),
  ({ routes, upstreams }) =>
    first(routes, ({ protocol, upstream }, index) => {
      const url = upstreams[upstream]?.url ?? '';
      return (protocol === 'oip-grpc') === isGrpc(url)
        ? undefined
        : {
            path: ['routes', index, 'upstream'],
            what: `${protocol} cannot be spoken with ${url}`,
            fix: 'an oip-grpc route has an upstream grpc:// or grpcs://, all others http:// or https://',
          };
    }),
  ({ administration, upstreams }) =>
    first(administration, ({ upstream }, index) => {
      const url = upstreams[upstream]?.url ?? '';
      return isGrpc(url)
        ? {
            path: ['administration', index, 'upstream'],
            what: `a management path cannot be asked of ${url}`,
            fix: 'name an upstream http:// or https://',
          }
        : undefined;
    }),
  ({ upstreams }) =>
    first(Object.entries(upstreams), ([name, { url }]) => {
      const { username, password, search, hash } = new URL(url);
      return username + password + search + hash === ''
        ? undefined
        : {
            path: ['upstreams', name, 'url'],
            what: 'an upstream is an address without user, query or fragment',
            fix: 'put a secret into a file and name it under token',
          };
    }),
];

function isGrpc(url: string): boolean {
  return url.startsWith('grpc');
}

function unknownUpstream(
  upstreams: GatewaySettings['upstreams'],
  name: string,
  path: readonly PropertyKey[],
): Contradiction | undefined {
  if (Object.hasOwn(upstreams, name)) return undefined;
  return {
    path,
    what: `the upstream ${JSON.stringify(name)} is not under upstreams`,
    fix: didYouMean(name, Object.keys(upstreams)),
  };
}
