// What each key allows by itself and all of them together do not: names that nobody has, a protocol without a listener, an open
// address without TLS.
import { didYouMean } from '@vallum/policy';
import type { GatewaySettings, ListenerSettings } from './schema.js';

export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  readonly fix: string;
}

type Check = (settings: GatewaySettings) => Contradiction | undefined;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):/;

/** Of an address that other machines reach. */
export function isOpenAddress(address: string): boolean {
  return !LOOPBACK.test(address);
}

const CHECKS: readonly Check[] = [
  ({ listen }) =>
    listen.rest === undefined && listen.grpc === undefined
      ? { path: ['listen'], what: 'there is no listener', fix: 'give listen.rest or listen.grpc an address' }
      : undefined,
  ({ listen }) => openWithoutTls('rest', listen.rest) ?? openWithoutTls('grpc', listen.grpc),
  ({ operator }) =>
    isOpenAddress(operator.address)
      ? {
          path: ['operator', 'address'],
          what: 'metrics and health are for operators and would be open to everybody',
          fix: 'keep them on loopback, and let a local agent read them',
        }
      : undefined,
  ({ identity }) =>
    identity.keys === undefined && identity.issuers.length === 0 && identity.certificates.length === 0
      ? {
          path: ['identity'],
          what: 'nobody can prove who they are',
          fix: 'name a file of keys, an issuer or a certificate',
        }
      : undefined,
  ({ identity, listen }) =>
    identity.certificates.length > 0 &&
    listen.rest?.tls?.clientAuthorities === undefined &&
    listen.grpc?.tls?.clientAuthorities === undefined
      ? {
          path: ['identity', 'certificates'],
          what: 'client certificates are named and no listener asks for them',
          fix: 'give a listener tls.clientAuthorities',
        }
      : undefined,
  ({ routes, upstreams }) =>
    first(routes, ({ upstream }, index) => unknownUpstream(upstreams, upstream, ['routes', index, 'upstream'])),
  ({ administration, upstreams }) =>
    first(administration, ({ upstream }, index) =>
      unknownUpstream(upstreams, upstream, ['administration', index, 'upstream']),
    ),
  ({ routes, upstreams }) =>
    first(routes, ({ protocol, upstream }, index) => {
      const url = upstreams[upstream]?.url ?? '';
      const isGrpc = url.startsWith('grpc');
      return (protocol === 'oip-grpc') === isGrpc
        ? undefined
        : {
            path: ['routes', index, 'upstream'],
            what: `${protocol} cannot be spoken with ${url}`,
            fix: 'an oip-grpc route has an upstream grpc:// or grpcs://, all others http:// or https://',
          };
    }),
  ({ routes, listen }) =>
    first(routes, ({ protocol }, index) =>
      (protocol === 'oip-grpc' ? listen.grpc : listen.rest) === undefined
        ? {
            path: ['routes', index, 'protocol'],
            what: `there is no listener for ${protocol}`,
            fix: `give listen.${protocol === 'oip-grpc' ? 'grpc' : 'rest'} an address`,
          }
        : undefined,
    ),
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

/** The first thing that does not fit. */
export function findContradiction(settings: GatewaySettings): Contradiction | undefined {
  return first(CHECKS, (check) => check(settings));
}

function openWithoutTls(which: string, listener: ListenerSettings | undefined): Contradiction | undefined {
  if (listener === undefined || listener.tls !== undefined || !isOpenAddress(listener.address)) return undefined;
  return {
    path: ['listen', which, 'address'],
    what: 'other machines reach this address, and keys would cross the network in the clear',
    fix: `give listen.${which} tls, or listen on 127.0.0.1`,
  };
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

function first<T, R>(all: readonly T[], look: (one: T, index: number) => R | undefined): R | undefined {
  for (const [index, one] of all.entries()) {
    const found = look(one, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
