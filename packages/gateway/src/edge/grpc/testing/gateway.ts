// A gRPC listener with an open door in front of one upstream, for tests.
import type { UpstreamSettings } from '../../../config/schema.js';
import { gatewaySchema } from '../../../config/schema.js';
import type { GrpcUpstream } from '../../../grpc/ports.js';
import { grpcUpstream } from '../call-upstream.js';
import type { GrpcLimits } from '../limits.js';
import { grpcLimits } from '../limits.js';
import type { GrpcListener, GrpcServer } from '../serve-grpc.js';
import { serveGrpc } from '../serve-grpc.js';
import { OpenDoor } from './open-door.js';

export function upstreamSettings(url: string, more: Partial<UpstreamSettings> = {}): UpstreamSettings {
  const read = gatewaySchema.shape.upstreams.parse({ models: { url } })['models'];
  if (read === undefined) throw new Error('the schema dropped the upstream');
  return { ...read, ...more };
}

export interface TestGateway {
  readonly door: OpenDoor;
  readonly server: GrpcServer;
  readonly upstream: GrpcUpstream;
  readonly port: number;
  health: { isReady: boolean };
}

const LIMITS = grpcLimits(gatewaySchema.shape.http.parse({}));

export async function startGateway(
  upstreamUrl: string,
  more: {
    readonly limits?: Partial<GrpcLimits>;
    readonly listener?: Partial<GrpcListener>;
    readonly upstream?: Partial<UpstreamSettings>;
    readonly waitForRecord?: boolean;
  } = {},
): Promise<TestGateway> {
  const door = new OpenDoor();
  const health = { isReady: true };
  const upstream = grpcUpstream(upstreamSettings(upstreamUrl, more.upstream));
  const server = await serveGrpc({
    listener: { host: '127.0.0.1', port: 0, connections: 1_000, connectionsPerAddress: 1_000, ...more.listener },
    door,
    health: { live: () => true, ready: () => health.isReady },
    upstream: (name) => (name === 'models' ? upstream : undefined),
    limits: { ...LIMITS, ...more.limits },
    waitForRecord: more.waitForRecord ?? false,
  });
  return { door, server, upstream, port: server.port, health };
}

/** Things that a test opened, ended in reverse. */
export class Opened {
  readonly #ends: (() => unknown)[] = [];

  add<T>(thing: T, end: (thing: T) => unknown): T {
    this.#ends.push(() => end(thing));
    return thing;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
