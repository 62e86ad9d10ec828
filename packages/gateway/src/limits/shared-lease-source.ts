// Budgets of a cluster, seen from one gateway: shared state first; where it cannot be reached, each route is refused or goes on
// with this gateway's own budgets, as its `withoutState` says. Then G gateways let through G times the budget at most.
import { messageOf } from '@vallum/core';
import type { LeaseAnswer, LeaseRequest, LeaseSource, LimitsOf } from './lease.js';

export interface SharedLeaseOptions {
  /** Rates in the shared store, under the name of a worker that no other gateway uses. */
  readonly shared: (holder: string) => LeaseSource;
  /** This gateway's own; the lifetimes' book too, which asks the shared store itself. */
  readonly local: (holder: string) => LeaseSource;
  readonly limitsOf: LimitsOf;
}

export function sharedLeaseSource({ shared, local, limitsOf }: SharedLeaseOptions, holder: string): LeaseSource {
  const remote = shared(holder);
  const own = local(holder);

  /** What is left of a lease belongs to the store that lent it: the other one would give it out a second time. */
  async function rates(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]> {
    try {
      return await remote.lease(requests);
    } catch (error) {
      const reason = `the shared state of budgets cannot be reached: ${messageOf(error)}`;
      const isOpen = ({ route }: LeaseRequest): boolean => limitsOf(route)?.withoutState === 'local';
      const answers = await own.lease(requests.filter(isOpen));
      let next = 0;
      return requests.map((request) => {
        const answer = isOpen(request) ? answers[next++] : undefined;
        return answer ?? { kind: 'unavailable', reason };
      });
    }
  }

  return {
    lease: async (requests) => {
      const isRate = requests.map(({ dimension }) => dimension !== 'lifetime');
      const [ofRates, ofLifetimes] = await Promise.all([
        rates(requests.filter((_, index) => isRate[index])),
        own.lease(requests.filter((_, index) => !isRate[index])),
      ]);
      const queues = { rate: [...ofRates], lifetime: [...ofLifetimes] };
      return isRate.map(
        (rate) =>
          (rate ? queues.rate.shift() : queues.lifetime.shift()) ?? {
            kind: 'unavailable',
            reason: 'the store of budgets gave fewer answers than it was asked for',
          },
      );
    },
  };
}
