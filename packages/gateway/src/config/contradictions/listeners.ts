// Addresses: one for each listener, none open to other machines without TLS, and metrics for this machine only.
import type { GatewaySettings, ListenerSettings } from '../schema.js';
import type { Check, Contradiction } from './check.js';
import { first } from './check.js';

type Which = 'rest' | 'grpc';
type EachListener = (listener: ListenerSettings, which: Which) => Contradiction | undefined;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):/;
const HIGHEST_PORT = 65_535;

export const LISTENER_CHECKS: readonly Check[] = [
  ({ listen }) =>
    listen.rest === undefined && listen.grpc === undefined
      ? { path: ['listen'], what: 'there is no listener', fix: 'give listen.rest or listen.grpc an address' }
      : undefined,
  ({ listen, operator }) =>
    first(addressesOf({ listen, operator }), ({ address, path }) =>
      portOf(address) <= HIGHEST_PORT
        ? undefined
        : { path, what: `there is no port ${portOf(address)}`, fix: `ports end at ${HIGHEST_PORT}` },
    ),
  ({ listen, operator }) => {
    const all = addressesOf({ listen, operator }).filter(({ address }) => portOf(address) !== 0);
    return first(all, ({ address, path }, index) =>
      all.findIndex((other) => other.address === address) === index
        ? undefined
        : { path, what: `two listeners have the address ${address}`, fix: 'give each a port of its own' },
    );
  },
  each((listener, which) =>
    listener.tls !== undefined || !isOpenAddress(listener.address)
      ? undefined
      : {
          path: ['listen', which, 'address'],
          what: 'other machines reach this address, and keys would cross the network in the clear',
          fix: `give listen.${which} tls, or listen on 127.0.0.1`,
        },
  ),
  each(({ tls }, which) =>
    tls?.requireClient === true && tls.clientAuthorities === undefined
      ? {
          path: ['listen', which, 'tls', 'requireClient'],
          what: 'client certificates are required, and no authority of them is named',
          fix: `give listen.${which} tls.clientAuthorities`,
        }
      : undefined,
  ),
  ({ operator }) =>
    isOpenAddress(operator.address)
      ? {
          path: ['operator', 'address'],
          what: 'metrics and health are for operators and would be open to everybody',
          fix: 'keep them on loopback, and let a local agent read them',
        }
      : undefined,
];

/** Of an address that other machines reach. */
function isOpenAddress(address: string): boolean {
  return !LOOPBACK.test(address);
}

function each(check: EachListener): Check {
  return ({ listen }) =>
    first(['rest', 'grpc'] as const, (which) => {
      const listener = listen[which];
      return listener === undefined ? undefined : check(listener, which);
    });
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

interface Place {
  readonly address: string;
  readonly path: readonly PropertyKey[];
}

function addressesOf({ listen, operator }: Pick<GatewaySettings, 'listen' | 'operator'>): readonly Place[] {
  const listeners = (['rest', 'grpc'] as const).flatMap((which) => {
    const listener = listen[which];
    return listener === undefined ? [] : [{ address: listener.address, path: ['listen', which, 'address'] }];
  });
  return [...listeners, { address: operator.address, path: ['operator', 'address'] }];
}
