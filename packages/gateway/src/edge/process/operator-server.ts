// Metrics and health for operators, on loopback. It says what goes on and takes no orders.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cannotListen, placeOf } from './listen.js';

export interface OperatorPages {
  /** Prometheus text. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  /** What serves and what does not, for people and scripts. */
  readonly status: () => object;
  readonly isReady: () => boolean;
}

export interface OperatorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws VallumError `GATEWAY_LISTEN` */
export async function serveOperators(address: string, pages: OperatorPages): Promise<OperatorServer> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
    void answer(pages, request.method ?? '', isLocal(request.headers.host) ? (request.url ?? '') : '')
      .catch(() => ({ status: 500, type: 'text/plain', text: 'the page could not be made\n' }))
      .then(({ status, type, text }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(text);
      });
  });
  server.maxConnections = 64;
  const { host, port } = placeOf(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(address, error)));
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A page in a browser on this machine reaches loopback under a name of its own (DNS rebinding), and that name stands here. */
function isLocal(host = ''): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)(?::\d{1,5})?$/i.test(host);
}

async function answer(pages: OperatorPages, method: string, path: string): Promise<Page> {
  const plain = (status: number, text: string): Page => ({ status, type: 'text/plain; charset=utf-8', text });
  if (method !== 'GET') return plain(405, 'GET only\n');
  if (path === '/metrics') return { status: 200, ...(await pages.metrics()) };
  if (path === '/status') return { status: 200, type: 'application/json', text: `${JSON.stringify(pages.status())}\n` };
  if (path === '/live') return plain(200, 'live\n');
  if (path === '/ready') return pages.isReady() ? plain(200, 'ready\n') : plain(503, 'not ready\n');
  return plain(404, '/metrics, /status, /live, /ready\n');
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
