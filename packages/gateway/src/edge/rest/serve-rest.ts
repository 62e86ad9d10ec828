// The REST side of the door: Node's own HTTP parser, strict, in front; what it made of a request goes through the door, and
// only bytes that the door handed back go on.
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { ServerOptions as TlsOptions } from 'node:https';
import type { GatewaySettings } from '../../config/schema.js';
import type { Credentials } from '../../door/caller.js';
import type { Choosing, Door, Turned } from '../../door/door.js';
import { wasTurned } from '../../door/door.js';
import type { Exchange } from '../../door/exchange.js';
import { checkFraming } from '../../door/framing.js';
import type { Incoming } from '../../door/parts.js';
import { refuse } from '../../door/refusal.js';
import { next } from '../../door/soon.js';
import type { UpstreamPool } from '../upstream/pool.js';
import { capConnections } from './cap-connections.js';
import { carry } from './carry.js';
import { choose } from './choose.js';
import { certificateOf } from '../peer-certificate.js';
import { Links } from './links.js';
import { HeldBytes } from './read-body.js';
import type { RestContext } from './rest-context.js';
import { sendTurned } from './send.js';

export interface RestOptions {
  readonly settings: GatewaySettings;
  readonly door: Door;
  readonly upstream: (name: string) => UpstreamPool;
  /** Certificate, key and authorities; without it the listener speaks HTTP. */
  readonly tls?: TlsOptions;
}

/** Bytes of bodies that one worker holds at once. */
const MOST_HELD = 512 * 1024 * 1024;

/** Not listening yet. Close it with `close`, and what idles with `closeIdleConnections`. */
export function restServer({ settings, door, upstream, tls }: RestOptions): Server {
  const { http, records } = settings;
  const options: ServerOptions = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: http.headerBytes,
    // Node wants it no longer than the whole.
    headersTimeout: Math.min(http.headersSeconds, http.requestSeconds) * 1_000,
    requestTimeout: http.requestSeconds * 1_000,
    connectionsCheckingInterval: Math.min(1_000, http.headersSeconds * 500),
    keepAliveTimeout: 65_000,
    noDelay: true,
    joinDuplicateHeaders: false,
  };
  const context: RestContext = {
    upstream,
    isDurable: records.durable === 'before',
    held: new HeldBytes(MOST_HELD),
    links: new Links(),
    stallMs: http.requestSeconds * 1_000,
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    receive(door, context, request, response);
  // Node waits two minutes for a handshake, and its look at heads begins after it.
  const secure = { ...options, ...tls, handshakeTimeout: http.headersSeconds * 1_000 };
  const server = tls === undefined ? createServer(options, handle) : createTlsServer(secure, handle);
  server.maxRequestsPerSocket = http.requestsPerConnection;
  server.maxHeadersCount = 100;
  // A body is asked for only when its head was let in, or says which of several models is meant: `receive` says continue.
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  for (const event of ['upgrade', 'connect'] as const)
    server.on(event, (_request: IncomingMessage, socket: NodeJS.WritableStream & { destroy(): void }) =>
      socket.destroy(),
    );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const status = isLate
      ? '408 Request Timeout'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Headers Too Large'
        : '400 Bad Request';
    if (context.links.hasAnswered(socket as Socket)) return void socket.destroy();
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    // Ended alone it would stay open for as long as its caller likes.
    (socket as Socket).destroySoon();
  });
  // Without a handshake nothing can be said, and what waits to be said would keep the connection.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  if (settings.listen.rest !== undefined) capConnections(server, settings.listen.rest);
  return server;
}

function receive(door: Door, context: RestContext, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/v2/health/live' || request.url === '/v2/health/ready') return health(door, request, response);
  const incoming = incomingOf(request);
  if (!context.links.begin(request.socket, response)) {
    void door.enter({
      ...incoming,
      refusal: refuse('bad-framing', 'a request came before the one before it was answered'),
    });
    return void request.socket.destroy();
  }
  const entered = door.enter(incoming);
  void next(entered, (one) => go(context, request, response, one));
}

function go(
  context: RestContext,
  request: IncomingMessage,
  response: ServerResponse,
  entered: Exchange | Choosing | Turned,
): void {
  if (wasTurned(entered)) return sendTurned(context, request, response, entered);
  if (request.headers.expect !== undefined) response.writeContinue();
  if ('choose' in entered) choose(context, request, response, entered);
  else carry(context, request, response, entered);
}

/** Of the gateway itself; it says nothing of what stands behind it. */
function health(door: Door, request: IncomingMessage, response: ServerResponse): void {
  const isGood = checkFraming(request.rawHeaders, request.httpVersion) === undefined && request.method === 'GET';
  if (!isGood) {
    response.writeHead(400, { 'content-length': 0, connection: 'close' });
    response.end();
    return;
  }
  const isReady = request.url === '/v2/health/ready';
  const is = !isReady || door.isReady;
  // Some clients go by the status, some by the body (open-inference-protocol, inference_rest.md).
  const body = Buffer.from(JSON.stringify(isReady ? { ready: is } : { live: is }));
  response.writeHead(is ? 200 : 503, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function incomingOf(request: IncomingMessage): Incoming {
  const { headers, socket, method = '', url = '' } = request;
  const refusal = checkFraming(request.rawHeaders, request.httpVersion);
  const length = headers['content-length'];
  const incoming: Incoming = {
    transport: 'rest',
    method,
    target: url,
    credentials: credentialsOf(request),
    peer: socket.remoteAddress ?? '',
    contentType: headers['content-type'],
    headerLength: headers['inference-header-content-length'] as string | undefined,
    contentLength: length === undefined ? undefined : Number(length),
  };
  return refusal === undefined ? incoming : { ...incoming, refusal };
}

function credentialsOf({ headers, socket }: IncomingMessage): Credentials {
  const authorization = headers.authorization;
  const first = headers['x-api-key'];
  const second = headers['api-key'];
  const certificate = certificateOf(socket);
  // Both names of one header at once are a second credential, and none of them counts.
  const apiKey =
    first !== undefined && second !== undefined ? `${String(first)}\n${String(second)}` : (first ?? second);
  if (authorization !== undefined && apiKey === undefined && certificate === undefined) return { authorization };
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(apiKey === undefined ? {} : { apiKey: String(apiKey) }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
