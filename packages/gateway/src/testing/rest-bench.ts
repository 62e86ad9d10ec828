// A REST side over simple parts in front of an echo upstream, and a raw client that sends bytes as they are.
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { UpstreamSettings } from '../config/schema.js';
import { gatewaySchema } from '../config/schema.js';
import { Door } from '../door/door.js';
import type { DoorParts, Plan } from '../door/parts.js';
import { restServer } from '../edge/rest/serve-rest.js';
import { UpstreamPool } from '../edge/upstream/pool.js';
import type { EchoUpstream } from './echo-upstream.js';
import { echoUpstream } from './echo-upstream.js';
import type { TestParts } from './parts.js';
import { plainPlan, testParts } from './parts.js';

export interface RestBench {
  readonly url: string;
  readonly port: number;
  readonly upstream: EchoUpstream;
  readonly parts: TestParts;
  readonly close: () => Promise<void>;
}

export interface BenchOptions {
  readonly plans?: readonly Plan[];
  readonly parts?: Partial<DoorParts>;
  readonly upstream?: EchoUpstream;
  readonly settings?: object;
  readonly upstreamSettings?: Partial<UpstreamSettings>;
}

export async function restBench(options: BenchOptions = {}): Promise<RestBench> {
  const upstream = options.upstream ?? (await echoUpstream());
  const settings = gatewaySchema.parse({
    schema: 'vallum/gateway/v1',
    name: 'test',
    listen: { rest: { address: '127.0.0.1:0' } },
    upstreams: { local: { url: upstream.url, ...options.upstreamSettings } },
    routes: [
      { model: 'digits', protocol: 'oip', upstream: 'local', serving: { by: 'nothing', reason: 'a test of the door' } },
    ],
    ...options.settings,
  });
  const local = settings.upstreams['local'];
  if (local === undefined) throw new Error('no upstream');
  const pool = new UpstreamPool(local, (file) => file);
  const parts = testParts(options.plans ?? [plainPlan()], options.parts);
  const server = restServer({ settings, door: new Door(parts), upstream: () => pool });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    upstream,
    parts,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await pool.close();
      await upstream.close();
    },
  };
}

/** Sends bytes over one connection and collects what comes until it is closed, or nothing has come for a while. */
export function raw(
  port: number,
  pieces: readonly (string | Buffer)[],
  quietMs = 150,
  firstMs = 2_000,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    let timer = setTimeout(done, firstMs);
    function done(): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    }
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(done, quietMs);
    });
    socket.on('close', done);
    socket.on('error', () => undefined);
  });
}

export function statuses(answer: string): readonly number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}
