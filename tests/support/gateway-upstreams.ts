// Small model servers for tests of the gateway: what arrived is kept, and the test says what goes back.
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ModelUpstream {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  close(): Promise<void>;
}

export type Answering = (request: Arrived, response: ServerResponse) => void;

export async function startUpstream(answer: Answering): Promise<ModelUpstream> {
  const arrived: Arrived[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks) };
      arrived.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    arrived,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/** Three probabilities, whatever was asked. */
export const probabilities: Answering = (_, response) =>
  sendJson(response, {
    model_name: 'digits',
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: [0.2, 0.5, 0.3] }],
  });

/** A request of the Open Inference Protocol for two numbers. */
export const QUESTION = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [0.1, 0.2] }] };

export const INFER = '/v2/models/digits/infer';

export interface AskOptions {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One question over a connection that is kept or not as fetch likes. */
export function ask(rest: string, key: string | undefined, options: AskOptions = {}): Promise<Response> {
  const { path = INFER, body = QUESTION, headers = {} } = options;
  return fetch(`${rest}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}
