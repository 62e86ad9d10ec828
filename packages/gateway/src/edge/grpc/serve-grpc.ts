// The gRPC listener: HTTP/2 from node:http2 with bounds on everything a peer can do without a valid call.
import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants, createSecureServer, createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { isIP } from 'node:net';
import { messageOf, VallumError } from '@vallum/core';
import { HeldBytes } from '../../grpc/held-bytes.js';
import { Connection } from './connection.js';
import type { GrpcLimits } from './limits.js';
import type { CallParts } from './serve-call.js';
import { serveCall } from './serve-call.js';
import { Sockets } from './sockets.js';

export interface GrpcListener {
  /** Name or address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Connections at once, and of one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly tls?: GrpcTls;
}

/** All as PEM. */
export interface GrpcTls {
  readonly certificate: string;
  readonly key: string;
  /** Authorities of client certificates; without them no client certificate counts. */
  readonly clientAuthorities?: string;
  readonly requireClient: boolean;
}

export interface GrpcServerOptions extends Omit<CallParts, 'memory'> {
  readonly listener: GrpcListener;
}

export interface GrpcServer {
  readonly port: number;
  /** Takes no new calls, lets those under way end within so many milliseconds, then cuts. */
  close(drainMs: number): Promise<void>;
}

const SWEEPS_A_LIMIT = 4;
/** Bytes of a message that may be on the way before we took any of it: of one call, and of one connection. */
const CALL_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 1024 * 1024;

/** @throws VallumError `LISTENER_PLAIN` without TLS beyond loopback, `LISTENER_TLS` unusable certificate or key, `LISTENER_ADDRESS` */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const { listener, limits } = options;
  const server = createFor(listener, limits);
  const parts: CallParts = { ...options, memory: new HeldBytes(limits.heldBytes) };
  const connections = new Map<ServerHttp2Session, Connection>();
  const sockets = new Sockets(server, listener.tls !== undefined, { ...listener, lingerMs: limits.answerMs });
  server.on('session', (session: ServerHttp2Session) => {
    session.setLocalWindowSize(CONNECTION_WINDOW);
    connections.set(session, new Connection(session, limits, performance.now()));
    session.once('close', () => connections.delete(session));
  });
  server.on(
    'stream',
    (stream: ServerHttp2Stream, _headers: unknown, _flags: number, rawHeaders?: readonly string[]) => {
      const connection =
        stream.session === undefined ? undefined : connections.get(stream.session as ServerHttp2Session);
      if (connection === undefined) stream.destroy();
      else take(stream, rawHeaders ?? [], connection, parts);
    },
  );
  // Peers that speak no HTTP/2, or break off: nothing is owed to them.
  server.on('unknownProtocol', (socket: Socket) => socket.destroy());
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => {});
  await listen(server, listener);
  const sweeper = setInterval(
    () => {
      const now = performance.now();
      for (const connection of connections.values()) connection.sweep(now);
      sockets.sweep(now);
    },
    Math.min(limits.headersMs, limits.idleMs) / SWEEPS_A_LIMIT,
  );
  return {
    port: (server.address() as AddressInfo).port,
    close: async (drainMs) => {
      clearInterval(sweeper);
      for (const connection of connections.values()) connection.close();
      await drain(server, sockets, drainMs);
    },
  };
}

function take(
  stream: ServerHttp2Stream,
  rawHeaders: readonly string[],
  connection: Connection,
  parts: CallParts,
): void {
  // Streams that break end with an error; that they closed is all that matters.
  stream.on('error', () => {});
  const mayWork = connection.opened();
  if (stream.destroyed) {
    if (mayWork) connection.worked();
    connection.closed(false, performance.now());
    return;
  }
  stream.once('close', () => connection.closed(wasAnswered(stream), performance.now()));
  if (!mayWork) {
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  void serveCall(stream, rawHeaders, connection, parts).finally(() => connection.worked());
}

/** Node answers a stream that was reset with headers of its own, so that having sent some says nothing. */
function wasAnswered(stream: ServerHttp2Stream): boolean {
  return stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted && stream.writableFinished;
}

function createFor({ host, tls }: GrpcListener, limits: GrpcLimits): Http2Server | Http2SecureServer {
  const options = {
    maxSessionMemory: 10,
    maxHeaderListPairs: 64,
    maxOutstandingPings: 1,
    maxSettings: 32,
    // Not in the types of Node 20: what a peer may do wrong before its connection is cut.
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: CALL_WINDOW,
      enablePush: false,
    },
  };
  if (tls === undefined) {
    if (!isLoopback(host))
      throw new VallumError('LISTENER_PLAIN', `gRPC without TLS would listen on ${host}, which others can reach`, {
        fix: 'give listen.grpc a certificate and key under tls, or listen on 127.0.0.1',
      });
    return createServer(options);
  }
  if (tls.requireClient && tls.clientAuthorities === undefined)
    throw new VallumError('LISTENER_TLS', 'gRPC requires client certificates, and no authority of them is named', {
      fix: 'name a file of authorities under listen.grpc.tls.clientAuthorities',
    });
  try {
    return createSecureServer({
      ...options,
      cert: tls.certificate,
      key: tls.key,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['h2'],
      handshakeTimeout: limits.headersMs,
      ...(tls.clientAuthorities === undefined
        ? {}
        : { ca: tls.clientAuthorities, requestCert: true, rejectUnauthorized: tls.requireClient }),
    });
  } catch (error) {
    throw new VallumError('LISTENER_TLS', `the certificate or key of gRPC cannot be used: ${messageOf(error)}`, {
      fix: 'check that both are PEM and belong together',
    });
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function listen(server: Http2Server | Http2SecureServer, { host, port }: GrpcListener): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error) =>
      reject(
        new VallumError('LISTENER_ADDRESS', `gRPC cannot listen on ${host}:${port}: ${error.message}`, {
          fix: 'choose a free port and an address of this machine',
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function drain(server: Http2Server | Http2SecureServer, sockets: Sockets, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => sockets.destroyAll(), drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
