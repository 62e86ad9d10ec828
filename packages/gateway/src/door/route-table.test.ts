// Which route a request is for, where several have one path.
import { describe, expect, it } from 'vitest';
import { request } from 'undici';
import { ANSWER, echoUpstream } from '../testing/echo-upstream.js';
import { ADA, plainPlan } from '../testing/parts.js';
import { restBench } from '../testing/rest-bench.js';
import type { Plan } from './parts.js';
import { isRefusal } from './refusal.js';
import { RouteTable } from './route-table.js';

const chat = (model: string, maxBytes = 1_000): Plan => {
  const plan = plainPlan(
    { id: 'chat', path: '/v1/chat/completions', upstreamPath: `/${model}`, body: 'openai-chat' },
    { model, protocol: 'openai', input: { maxBytes } },
  );
  return { ...plan, route: { ...plan.route, id: `openai/${model}` }, asked: { ...plan.asked, model, route: model } };
};

describe('several routes with one path', () => {
  const table = new RouteTable([chat('small'), chat('large', 2_000)]);
  const found = table.find('rest', 'POST', '/v1/chat/completions');
  if (isRefusal(found) || !('choose' in found)) throw new Error('no choice');

  it('are told apart by the model in the body, and the longest body of all may come', () => {
    expect(found.maxBytes).toBe(2_000);
    for (const model of ['small', 'large'])
      expect(found.choose(Buffer.from(JSON.stringify({ model })))).toMatchObject({ asked: { model } });
  });

  it.each(['{"model":"other"}', '{"model":7}', '{}', '[]', 'x', '{"model":"small","model":"large"}', ''])(
    'and %s is for none of them',
    (body) => {
      expect(isRefusal(found.choose(Buffer.from(body)))).toBe(true);
    },
  );

  it('do not exist where nothing of a request says which is meant', () => {
    const list = (model: string): Plan => ({ ...chat(model), operation: { ...plainPlan().operation, body: 'none' } });
    expect(new RouteTable([list('a'), list('b')]).find('rest', 'POST', plainPlan().operation.path)).toMatchObject({
      code: 'not-found',
    });
  });
});

describe('through the door', () => {
  const ask = async (
    model: string,
    denied: string,
  ): Promise<{ status: number; paths: string[]; routes: unknown[] }> => {
    const upstream = await echoUpstream(() => ({ body: ANSWER }));
    const here = await restBench({
      upstream,
      plans: [chat('small'), chat('large', 2_000)],
      parts: {
        may: (_, asked) =>
          asked.model === denied
            ? { refused: true, status: 403, code: 'forbidden', reason: 'no' }
            : { policies: [ADA.principal] },
      },
    });
    const answer = await request(`${here.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer good', 'content-type': 'application/json' },
      body: JSON.stringify({ model, fill: 'x'.repeat(1_200) }),
    });
    await answer.body.dump();
    const paths = upstream.received.map(({ path }) => path);
    const routes = here.parts.decisions.map(({ route }) => route);
    await here.close();
    return { status: answer.statusCode, paths, routes };
  };

  it('each model has its own upstream path, size, policy and record', async () => {
    expect(await ask('large', 'small')).toEqual({ status: 200, paths: ['/large'], routes: ['openai/large'] });
    expect(await ask('large', 'large')).toEqual({ status: 403, paths: [], routes: ['openai/large'] });
    expect(await ask('none', '')).toEqual({ status: 404, paths: [], routes: [undefined] });
  });

  it('a body that only the other model may have is refused', async () => {
    expect((await ask('small', '')).status).toBe(413);
  });
});
