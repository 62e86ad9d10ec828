// An upstream that writes down every byte it gets, and takes requests apart as a plain server would.
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface EchoUpstream {
  readonly url: string;
  readonly received: Received[];
  /** Everything that came over all connections, in order of arrival. */
  readonly bytes: () => Buffer;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export interface EchoAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** @param answer the answer to each request; a small Open Inference answer by default */
export async function echoUpstream(
  answer: (request: Received) => EchoAnswer | Promise<EchoAnswer> = () => ({ body: ANSWER }),
): Promise<EchoUpstream> {
  const received: Received[] = [];
  const raw: Buffer[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one: Received = { method, path: url, headers, body: Buffer.concat(chunks) };
      received.push(one);
      void Promise.resolve(answer(one)).then(({ status = 200, headers: said = {}, body }) => {
        const bytes = Buffer.from(body);
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...said });
        response.end(bytes);
      });
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    socket.on('data', (chunk: Buffer) => raw.push(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    bytes: () => Buffer.concat(raw),
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const ANSWER = JSON.stringify({
  model_name: 'digits',
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: [0.2, 0.5, 0.3] }],
});
