// An upstream that speaks HTTP/2 by hand and misbehaves as a test wants.
import type { AddressInfo, Server } from 'node:net';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:http2';
import type { UpstreamSettings } from '../../../config/schema.js';
import type { Refusal } from '../../../door/refusal.js';
import { isRefusal } from '../../../door/refusal.js';
import type { GrpcUpstream } from '../../../grpc/ports.js';
import { grpcUpstream } from '../call-upstream.js';
import type { Opened } from './gateway.js';
import { upstreamSettings } from './gateway.js';
import { frame } from './raw-caller.js';

export type Behaviour = (stream: ServerHttp2Stream, count: number) => void;

export interface Bad {
  readonly upstream: GrpcUpstream;
  readonly sessions: ServerHttp2Session[];
  readonly heads: Record<string, unknown>[];
}

export async function bad(
  opened: Opened,
  behave: Behaviour,
  more: Partial<UpstreamSettings> = {},
  streams = 100,
): Promise<Bad> {
  const server = createServer({ settings: { maxConcurrentStreams: streams } });
  const sessions: ServerHttp2Session[] = [];
  const heads: Record<string, unknown>[] = [];
  server.on('session', (session) => sessions.push(session));
  server.on('sessionError', () => {});
  server.on('stream', (stream, head) => {
    heads.push({ ...head });
    stream.on('error', () => {}).resume();
    behave(stream, heads.length);
  });
  const url = await listen(server);
  opened.add(server, (it) => {
    for (const session of sessions) session.destroy();
    it.close();
  });
  const upstream = opened.add(grpcUpstream(upstreamSettings(url, more), { token: 'own' }), (it) => it.close());
  return { upstream, sessions, heads };
}

export function listen(server: Http2Server | Server): Promise<string> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`grpc://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
}

export function call(
  upstream: GrpcUpstream,
  more: { signal?: AbortSignal; timeoutMs?: number; maxBytes?: number } = {},
): Promise<Buffer | Refusal> {
  return upstream.call({
    path: '/inference.GRPCInferenceService/ModelInfer',
    message: Buffer.from('question'),
    maxBytes: 1_000,
    signal: new AbortController().signal,
    ...more,
  });
}

export function shown(result: Buffer | Refusal): string {
  return isRefusal(result) ? `${result.code}: ${result.reason}` : result.toString();
}

export function answer(
  stream: ServerHttp2Stream,
  body: Buffer,
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(body);
}
export const good: Behaviour = (stream) => answer(stream, frame('answer'));
