// The server: health, metadata, inference, and what comes with servers of this kind when nobody takes it away: anybody may ask,
// manage the repository and read the metrics, bodies have no bound, and errors tell everything.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { readInfer, writeInfer } from './oip.js';
import type { Repository } from './repository.js';
import { RequestError } from './tensor.js';

const NAME = 'example-inference-server/0.1.0';

interface Sent {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | string | object;
}

export function inferenceServer(repository: Repository): Server {
  let answered = 0;
  return createServer((request, response) => {
    bodyOf(request)
      .then((body) => answer(repository, request, body, answered))
      .catch((error: unknown) => failure(error))
      .then((sent) => {
        answered += 1;
        send(response, sent);
      })
      .catch(() => response.destroy());
  });
}

function answer(repository: Repository, request: IncomingMessage, body: Buffer, answered: number): Sent {
  const method = request.method ?? '';
  const { pathname } = new URL(request.url ?? '/', 'http://server');
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const asked = `${method} /${parts.join('/')}`;
  if (asked === 'GET /v2')
    return { body: { name: NAME, version: '0.1.0', extensions: ['binary_tensor_data', 'model_repository'] } };
  if (asked === 'GET /v2/health/live' || asked === 'GET /v2/health/ready') return { body: '' };
  if (asked === 'GET /metrics')
    return { headers: { 'content-type': 'text/plain' }, body: `requests_total ${answered}\n` };
  if (asked === 'POST /v2/repository/index') return { body: [...repository.index()] };
  const [v2, models, name, ...rest] = parts;
  if (v2 === 'v2' && models === 'repository') return manage(repository, method, parts);
  if (v2 !== 'v2' || models !== 'models' || name === undefined) throw new RequestError(`${asked} is not found`, 404);
  const version = rest[0] === 'versions' ? rest[1] : undefined;
  const [what] = version === undefined ? rest : rest.slice(2);
  const model = repository.model(name, version);
  if (method === 'GET' && what === 'ready') return { body: '' };
  if (method === 'GET' && what === undefined) {
    const { inputs, outputs } = model;
    return { body: { name: model.name, versions: [model.version], platform: NAME, inputs, outputs } };
  }
  if (method !== 'POST' || what !== 'infer') throw new RequestError(`${asked} is not found`, 404);
  const read = readInfer(body, request.headers['inference-header-content-length'] as string | undefined);
  return writeInfer(read, { model: model.name, version: model.version, outputs: model.infer(read.inputs) });
}

function manage(repository: Repository, method: string, [, , , name, act]: readonly string[]): Sent {
  if (method !== 'POST' || name === undefined) throw new RequestError('the repository is asked with POST', 405);
  if (act === 'load') repository.load(name);
  else if (act === 'unload') repository.unload(name);
  else throw new RequestError(`the repository cannot ${act ?? 'do nothing'}`, 404);
  return { body: {} };
}

/** As talkative as a server under development. */
function failure(error: unknown): Sent {
  const status = error instanceof RequestError ? error.status : 400;
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { status, body: { error: message, stack } };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Sent): void {
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    server: NAME,
    ...headers,
  });
  response.end(bytes);
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
