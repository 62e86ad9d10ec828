// The operators' pages: what they answer, and to whom.
import { request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperatorServer } from './operator-server.js';
import { serveOperators } from './operator-server.js';

let server: OperatorServer;
let isReady = true;
beforeEach(async () => {
  isReady = true;
  server = await serveOperators('127.0.0.1:0', {
    metrics: () => Promise.resolve({ type: 'text/plain', text: 'vallum_x 1\n' }),
    status: () => ({ gateway: 'test' }),
    isReady: () => isReady,
  });
});
afterEach(() => server.close());

async function ask(path: string, method: 'GET' | 'POST' = 'GET', host?: string): Promise<readonly [number, string]> {
  const headers = host === undefined ? {} : { host };
  const answer = await request(`http://127.0.0.1:${server.port}${path}`, { method, headers });
  return [answer.statusCode, await answer.body.text()];
}

it('says what goes on, and takes no orders', async () => {
  expect(await ask('/metrics')).toEqual([200, 'vallum_x 1\n']);
  expect(await ask('/status')).toEqual([200, '{"gateway":"test"}\n']);
  expect((await ask('/live'))[0]).toBe(200);
  expect((await ask('/ready'))[0]).toBe(200);
  isReady = false;
  expect((await ask('/ready'))[0]).toBe(503);
  expect((await ask('/status', 'POST'))[0]).toBe(405);
  expect((await ask('/config'))[0]).toBe(404);
});

it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1:80'])(
  'tells %s nothing',
  async (host) => {
    expect((await ask('/status', 'GET', host))[0]).toBe(404);
    expect((await ask('/status', 'GET', 'localhost:9464'))[0]).toBe(200);
  },
);
