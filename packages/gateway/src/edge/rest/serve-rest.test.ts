// The REST side with a real upstream behind it: what goes through, what is stopped, and what each side gets to see.
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { refuse } from '../../door/refusal.js';
import { ANSWER, echoUpstream } from '../../testing/echo-upstream.js';
import { plainPlan } from '../../testing/parts.js';
import type { BenchOptions, RestBench } from '../../testing/rest-bench.js';
import { raw, restBench, statuses } from '../../testing/rest-bench.js';

let bench: RestBench | undefined;
afterEach(() => bench?.close());
const start = async (options?: BenchOptions): Promise<RestBench> => (bench = await restBench(options));

const GOOD = { authorization: 'Bearer good', 'content-type': 'application/json' };
const INFER = '/v2/models/digits/infer';

interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | null;
}

async function ask(
  { url }: RestBench,
  path: string,
  { method = 'POST', headers = GOOD, body = '{"a":1}' }: Asking = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const answer = await request(url + path, { method, headers, body });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('a request that may go through', () => {
  it('reaches the upstream as our own text around its bytes, and comes back with the id of its decision', async () => {
    const here = await start();
    const answer = await ask(here, INFER, { headers: { ...GOOD, 'x-evil': '1', cookie: 'a=b', 'user-agent': 'x' } });
    expect([answer.status, answer.text]).toEqual([200, ANSWER]);
    const [received] = here.upstream.received;
    expect(received).toMatchObject({ method: 'POST', path: INFER, body: Buffer.from('{"a":1}') });
    expect(Object.keys(received?.headers ?? {}).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
    expect(here.parts.decisions).toMatchObject([
      { id: answer.headers['x-vallum-decision'], outcome: 'allowed', principal: 'ada', status: 200, bytesIn: 7 },
    ]);
  });

  it('is framed anew: chunks of the caller become one length', async () => {
    const here = await start();
    const chunks = '3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\nX-Trailer: 1\r\n\r\n';
    const head = `POST ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n`;
    expect(statuses(await raw(here.port, [`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`]))).toEqual([200]);
    expect(here.upstream.received[0]?.headers).toMatchObject({ 'content-length': '7' });
    expect(here.upstream.bytes().toString()).not.toMatch(/trailer|transfer-encoding/i);
  });

  it('is asked for its body only when its head was let in', async () => {
    const here = await start();
    const head = (who: string): string =>
      `POST ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${who}\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n`;
    expect(statuses(await raw(here.port, [head('good')]))).toEqual([100]);
    expect(statuses(await raw(here.port, [head('bad')]))).toEqual([401]);
    expect(here.upstream.received).toEqual([]);
  });
});

describe('turned away', () => {
  const rows: readonly (readonly [string, string, object, number])[] = [
    ['nobody', INFER, { headers: {} }, 401],
    ['a wrong credential', INFER, { headers: { ...GOOD, authorization: 'Bearer bad' } }, 401],
    ['an unknown path', '/v2/repository/index', {}, 404],
    ['an unknown path, to nobody', '/v2/repository/index', { headers: {} }, 401],
    ['another method', INFER, { method: 'GET', body: null }, 405],
    ['an escaped slash', '/v2/models%2fdigits/infer', {}, 400],
    ['a query', `${INFER}?x=1`, {}, 400],
    ['a content coding', INFER, { headers: { ...GOOD, 'content-encoding': 'gzip' } }, 415],
    ['a body that is too long', INFER, { body: Buffer.alloc(2_000) }, 413],
  ];
  it.each(rows)('%s', async (_, path, change, status) => {
    const here = await start({ plans: [plainPlan({}, { input: { maxBytes: 1_000 } })] });
    const answer = await ask(here, path, change);
    expect(answer.status).toBe(status);
    const decision = answer.headers['x-vallum-decision'];
    const told = JSON.parse(answer.text) as { readonly code: string };
    expect(told).toEqual({ error: expect.any(String) as string, code: expect.any(String) as string, decision });
    expect(told).toMatchObject({
      error: expect.stringContaining(`(${told.code}, decision ${String(decision)})`) as string,
    });
    expect(here.upstream.bytes()).toHaveLength(0);
    expect(here.parts.decisions).toMatchObject([{ outcome: 'refused', status }]);
  });

  it('a chunked body that is too long, and one in very many chunks', async () => {
    const here = await start({ plans: [plainPlan({}, { input: { maxBytes: 100_000 } })] });
    const head = `POST ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const long = `${(200_000).toString(16)}\r\n${'a'.repeat(200_000)}\r\n0\r\n\r\n`;
    expect(statuses(await raw(here.port, [head, long]))).toEqual([413]);
    expect(statuses(await raw(here.port, [head, '1\r\na\r\n'.repeat(20_000), '0\r\n\r\n']))).toEqual([400]);
    expect(here.upstream.bytes()).toHaveLength(0);
  });

  it('when a part throws, when the route does not serve, when nothing can be recorded', async () => {
    const broken = await start({
      parts: {
        may: () => {
          throw new Error('secret detail');
        },
      },
    });
    const answer = await ask(broken, INFER);
    expect([answer.status, answer.text.includes('secret')]).toEqual([503, false]);
    expect(broken.parts.decisions[0]?.reason).toContain('secret detail');
    await broken.close();
    const closed = await start({ parts: { serving: () => refuse('not-served', 'no verdict') } });
    expect((await ask(closed, INFER)).status).toBe(503);
    await closed.close();
    const full = await start({
      parts: { recorder: { ready: false, record: () => Promise.reject(new Error('full')) } },
    });
    expect((await ask(full, INFER)).status).toBe(503);
    expect(await ask(full, '/v2/health/ready', { method: 'GET', headers: {}, body: null })).toMatchObject({
      status: 503,
      text: '{"ready":false}',
    });
    expect(full.upstream.bytes()).toHaveLength(0);
  });
});

describe('an upstream', () => {
  it('that errs shows its status and nothing of its words', async () => {
    const upstream = await echoUpstream(() => ({ status: 500, headers: { server: 'x/1.2' }, body: 'Traceback /srv' }));
    const here = await start({ upstream });
    const answer = await ask(here, INFER);
    expect(answer.status).toBe(502);
    expect(JSON.stringify(answer)).not.toMatch(/Traceback|x\/1\.2/);
    expect(here.parts.decisions).toMatchObject([{ outcome: 'failed', code: 'bad-upstream' }]);
  });

  it('that finds fault with the input says so as a code', async () => {
    const here = await start({ upstream: await echoUpstream(() => ({ status: 422, body: 'bad shape in layer 3' })) });
    expect(await ask(here, INFER)).toMatchObject({ status: 400, text: expect.not.stringContaining('layer') as string });
  });

  it('that redirects is not followed', async () => {
    const here = await start({
      upstream: await echoUpstream(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' })),
    });
    expect((await ask(here, INFER)).status).toBe(502);
    expect(here.upstream.received).toHaveLength(1);
  });

  it('that answers too much, or in a coding, is cut off', async () => {
    const big = await start({
      upstream: await echoUpstream(() => ({ body: Buffer.alloc(5_000) })),
      plans: [plainPlan({}, { output: { maxBytes: 1_000 } })],
    });
    expect((await ask(big, INFER)).status).toBe(502);
    await big.close();
    const coded = await start({
      upstream: await echoUpstream(() => ({ headers: { 'content-encoding': 'gzip' }, body: 'x' })),
    });
    expect((await ask(coded, INFER)).status).toBe(502);
  });

  it('that is gone, or too slow, is told from one that errs', async () => {
    const upstream = await echoUpstream(() => new Promise(() => undefined));
    const slow = await start({ upstream, upstreamSettings: { totalSeconds: 0.2 } });
    expect((await ask(slow, INFER)).status).toBe(504);
    await upstream.close();
    expect((await ask(slow, INFER)).status).toBe(503);
  });

  it('is left in peace when the caller goes away', async () => {
    let aborted = 0;
    const upstream = await echoUpstream(() => new Promise(() => undefined));
    const here = await start({ upstream });
    const controller = new AbortController();
    const asked = request(here.url + INFER, { method: 'POST', headers: GOOD, body: '{}', signal: controller.signal });
    while (upstream.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await asked.catch(() => (aborted += 1));
    while (here.parts.decisions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(aborted).toBe(1);
    expect(here.parts.decisions).toMatchObject([{ outcome: 'failed', status: 499 }]);
  });
});

it('answers health by itself and says nothing of the upstream', async () => {
  const here = await start();
  expect(await ask(here, '/v2/health/live', { method: 'GET', headers: {}, body: null })).toMatchObject({
    status: 200,
    text: '{"live":true}',
  });
  expect(await ask(here, '/v2/health/ready', { method: 'GET', headers: {}, body: null })).toMatchObject({
    status: 200,
    text: '{"ready":true}',
  });
  expect(await ask(here, '/v2/health/live', { headers: {} })).toMatchObject({ status: 400, text: '' });
  expect(here.upstream.bytes()).toHaveLength(0);
});
