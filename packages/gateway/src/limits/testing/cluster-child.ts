// One gateway of a cluster as a process of its own: takes leases, revokes and tells what it sees, a line of JSON each.
import { createInterface } from 'node:readline';
import { redisLeaseSource } from '../edge/redis-lease-source.js';
import { RedisLink } from '../edge/redis-link.js';
import { RedisRevocations } from '../edge/redis-revocations.js';
import { LeasedLimiter } from '../leased-limiter.js';
import { Limiter } from '../limiter.js';
import { LocalLeaseSource } from '../local-lease-source.js';
import { isRefusal } from '../../door/refusal.js';
import { Revocations } from '../revocations.js';
import { sharedLeaseSource } from '../shared-lease-source.js';
import { limitsOf, routeWith } from './routes.js';

interface Order {
  readonly id: number;
  readonly do: 'take' | 'revoke' | 'isRevoked';
  readonly route?: 'closed' | 'local';
  readonly times?: number;
  readonly principal?: string;
}

const [, , url = '', gateway = ''] = process.argv;
const now = (): number => performance.now();
const rate = { limit: 100, per: 'hour', burst: 100 };
const routes = {
  closed: routeWith({ requests: rate, concurrency: 1_000 }, { model: 'closed' }),
  local: routeWith({ requests: rate, concurrency: 1_000 }, { model: 'local', withoutState: 'local' }),
};
const known = limitsOf(...Object.values(routes));
const link = new RedisLink({ url });
const revocations = new Revocations();
const shared = new RedisRevocations({ link, prefix: 'test', revocations });
const local = new LocalLeaseSource({
  limitsOf: known,
  now,
  lifetime: { lease: async () => ({ kind: 'never' }), forget: () => undefined },
});
const source = sharedLeaseSource(
  {
    shared: (holder) => redisLeaseSource({ link, prefix: 'test', limitsOf: known }, `${gateway}/${holder}`),
    local: (holder) => local.forHolder(holder),
    limitsOf: known,
  },
  'worker',
);
const leases = new LeasedLimiter({ source, now });
const limiter = new Limiter({ leases, factorOf: () => 1, workers: 1 });

async function take({ route = 'closed', times = 1, principal = 'web' }: Order): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (let n = 0; n < times; n += 1) {
    const answer = await limiter.admit({ principal }, routes[route], now());
    const code = isRefusal(answer) ? answer.code : 'admitted';
    codes[code] = (codes[code] ?? 0) + 1;
    if (!isRefusal(answer)) answer.done();
  }
  return codes;
}

async function obey(order: Order): Promise<unknown> {
  const { principal = 'web' } = order;
  switch (order.do) {
    case 'take':
      return take(order);
    case 'revoke':
      return shared.revoke({ kind: 'principal', id: principal });
    case 'isRevoked':
      return revocations.isRevoked({ principal, credential: 'k1' });
  }
}

await link.start();
await shared.start();
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const result = await obey(order).catch((error: { readonly code?: string }) => ({ failed: error.code }));
  process.stdout.write(`${JSON.stringify({ id: order.id, result: result ?? null })}\n`);
}
shared.close();
link.close();
