// Servers to probe: a bare one that reads HTTP by hand and believes everything, a real door with real plans in front of an
// upstream that answers, and the ports of a probe without waiting.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { DoorParts } from '../../door/parts.js';
import { refuse } from '../../door/refusal.js';
import { compileConfig } from '../../config/read-config.js';
import { gatewaySchema } from '../../config/schema.js';
import { planRoute } from '../../plans/plan-route.js';
import { echoUpstream } from '../../testing/echo-upstream.js';
import { ADA } from '../../testing/parts.js';
import type { RestBench } from '../../testing/rest-bench.js';
import { restBench } from '../../testing/rest-bench.js';
import { rawWire } from '../edge/raw-wire.js';
import type { ProbeSettings } from '../probe.js';
import { probePath } from '../probe-path.js';
import { probeTarget } from '../probe-target.js';
import type { ProbeSeen } from '../run-probe.js';
import { runProbe } from '../run-probe.js';

export const BODY = Buffer.from(
  JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 4], data: [0, 0, 0, 0] }] }),
);
const METADATA = JSON.stringify({
  name: 'digits',
  versions: ['1'],
  platform: 'example',
  inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 3] }],
});
const ANSWER = JSON.stringify({
  model_name: 'digits',
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: [0.2, 0.5, 0.3] }],
});

/** A door with the checks of a real route; the credential is `good`. @param quota requests in all; many by default */
export async function guardedServer(quota = 1_000_000, parts: Partial<DoorParts> = {}): Promise<RestBench> {
  const input = { tensors: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }], maxBytes: 65_536 };
  const serving = { by: 'nothing', reason: 'a test of the probe' };
  const routes = [{ model: 'digits', protocol: 'oip', upstream: 'local', serving, input }];
  const upstream = await echoUpstream(({ method, path }) => ({
    body: method === 'GET' && path === '/v2/models/digits' ? METADATA : ANSWER,
  }));
  const settings = gatewaySchema.parse({
    schema: 'vallum/gateway/v1',
    name: 'test',
    listen: { rest: { address: '127.0.0.1:0' } },
    upstreams: { local: { url: upstream.url } },
    routes,
  });
  const planParts = {
    learned: () => ({}) as never,
    secret: Buffer.alloc(32),
    sketching: () => undefined,
  };
  const plans = compileConfig(settings, '/').routes.flatMap((route) => planRoute(route, planParts));
  let left = quota;
  return restBench({
    plans,
    upstream,
    settings: { routes },
    parts: {
      identify: ({ authorization }) =>
        authorization === 'Bearer good' ? ADA : refuse('unauthenticated', 'the credential is not known'),
      admit: () => {
        left -= 1;
        if (left < 0) return refuse('over-limit', 'the quota is used up', { retryAfter: 1 });
        return { charge: () => undefined, done: () => undefined };
      },
      ...parts,
    },
  });
}

export interface PlainServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Answers every chunk of bytes, whatever they are. @param answer to each */
export async function believingServer(answer: (text: string) => string): Promise<PlainServer> {
  const server = createServer((socket) => {
    socket.on('data', (chunk) => void socket.write(answer(chunk.toString('latin1'))));
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  const sockets = new Set<{ destroy(): void }>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function settingsFor(url: string, change: Partial<ProbeSettings> = {}): ProbeSettings {
  return {
    target: probeTarget(url, { allowHosts: [], authorised: true }),
    model: 'digits',
    protocol: 'oip',
    path: probePath('oip', 'digits'),
    oversizeBytes: 1024 * 1024,
    rate: 1_000,
    ...change,
  };
}

export function probeIt(settings: ProbeSettings): Promise<ProbeSeen> {
  return runProbe(settings, {
    wire: rawWire(settings.target),
    wait: () => Promise.resolve(),
    random: randomBytes,
    ticks: () => performance.now(),
    progress: () => undefined,
  });
}
