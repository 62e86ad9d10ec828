// The witness on HTTP: one path, bounded bodies, short timeouts. It has no authentication, as the protocol wants it: only
// a signature of a known log changes anything. TLS is left to a proxy.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VallumError } from '@vallum/core';
import { MOST_REQUEST_BYTES } from '../request.js';
import type { Witness } from '../witness.js';

export interface ServedWitness {
  readonly url: string;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** Node looks at its own timeouts only every half minute unless it is told to look more often. */
const LIMITS = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, connectionsCheckingInterval: 1000 };
const MOST_CONNECTIONS = 64;

/** @param port 0 for any free one @throws VallumError `WITNESS_LISTEN` */
export async function serveWitness(witness: Witness, host: string, port: number): Promise<ServedWitness> {
  const server = createServer(LIMITS, (request, response) => {
    answer(witness, request, response).catch(() => response.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new VallumError('WITNESS_LISTEN', `cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  const { port: bound, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== '/add-checkpoint') return send(response, 404, 'there is only /add-checkpoint\n');
  if (request.method !== 'POST') return send(response, 405, 'send it with POST\n', { allow: 'POST' });
  const body = await readBody(request);
  if (body === undefined) return send(response, 413, 'the request is too long\n', { connection: 'close' });
  if (body === null) return send(response, 400, 'the request is not UTF-8\n');
  const { status, body: text, isSize } = await witness.addCheckpoint(body);
  send(response, status, text, isSize === true ? { 'content-type': 'text/x.tlog.size' } : {});
}

/** Undefined when it is too long, null when it is not UTF-8. */
async function readBody(request: IncomingMessage): Promise<string | null | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_REQUEST_BYTES) return undefined;
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  const text = body.toString('utf8');
  return Buffer.from(text).equals(body) ? text : null;
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
}
