// MLServer with a classifier of scikit-learn behind the gateway, over REST and gRPC: the same answers, and no way to its
// repository, which the bare server opens to anybody.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asked, Door, Transport } from './support/gateway/compare.js';
import { ask, codesOf, openDoor, placeOf, UNKNOWN_KEY } from './support/gateway/compare.js';
import { startMlserver } from './support/gateway/servers.js';
import type { PythonServer } from './support/gateway/servers.js';

let server: PythonServer;
let door: Door;

beforeAll(async () => {
  server = await startMlserver();
  door = await openDoor(server, 'iris', 'oip', 'oip-grpc');
});
afterAll(async () => {
  await door?.end();
  await server?.stop();
});

const asked = (script: string, transport: Transport, mode: string): Asked => ({
  environment: 'clients',
  script,
  transport,
  model: 'iris',
  mode,
});

describe.each(['http', 'grpc'] as const)('over %s', (transport) => {
  it.each(['ask_triton.py', 'ask_kserve.py'])('%s gets the answers of the bare server', async (script) => {
    const good = asked(script, transport, 'flowers');
    const bare = await ask(placeOf(server, transport), undefined, good);
    const found = await ask(placeOf(door, transport), door.key, good);
    // MLServer's health has no body over HTTP, and KServe's client wants one; the gateway's has it.
    const { 'server live': live, 'server ready': ready, ...rest } = found;
    expect([live, ready]).toEqual([true, true]);
    expect(bare).toMatchObject(rest);
    expect(JSON.stringify(rest)).not.toContain('"error"');
    expect(JSON.stringify(rest['flowers'])).toContain('[[0],[2]]');
  });

  it('a wrong key gets none of them', async () => {
    const found = codesOf(
      await ask(placeOf(door, transport), UNKNOWN_KEY, asked('ask_triton.py', transport, 'flowers')),
    );
    expect(found).toMatchObject({
      'server metadata': 'unauthenticated',
      'model metadata': 'unauthenticated',
      flowers: 'unauthenticated',
      probabilities: 'unauthenticated',
    });
  });
});

describe('its repository', () => {
  const post = (place: string, path: string, key?: string): Promise<Response> =>
    fetch(`http://${place}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: '{}',
    });
  const unload = '/v2/repository/models/iris/unload';
  const isReady = (): Promise<unknown> => ask(door.rest, door.key, asked('ask_triton.py', 'http', 'flowers'));

  it('is out of reach behind the gateway', async () => {
    for (const path of [
      '/v2/repository/index',
      unload,
      '/v2/repository/models/iris/load',
      '/v2/repository/../repository/index',
    ])
      expect([400, 404], path).toContain((await post(door.rest, path, door.key)).status);
    expect(codesOf(await ask(door.grpc, door.key, asked('ask_triton.py', 'grpc', 'repository')))).toEqual({
      repository: 'not-found',
      unload: 'not-found',
      load: 'not-found',
    });
    expect(await isReady()).toMatchObject({ 'model ready': true });
  });

  it('is open to anybody where MLServer stands bare', async () => {
    expect(await (await post(server.rest, '/v2/repository/index')).json()).toMatchObject([{ name: 'iris' }]);
    expect((await post(server.rest, unload)).status).toBe(200);
    expect(await isReady()).toMatchObject({ 'model ready': false });
    expect(await ask(server.grpc, undefined, asked('ask_triton.py', 'grpc', 'repository'))).toMatchObject({
      load: null,
    });
  });
});
