// NVIDIA's and KServe's own clients, over HTTP and gRPC, ask KServe's model server directly and through the gateway: good
// questions have the same answers, and what is broken, too large or management goes no further than the door.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asked, Door, Transport } from './support/gateway/compare.js';
import { ask, codesOf, openDoor, placeOf, UNKNOWN_KEY } from './support/gateway/compare.js';
import type { Answers } from './support/gateway/environments.js';
import { startKserve } from './support/gateway/servers.js';
import type { PythonServer } from './support/gateway/servers.js';

let server: PythonServer;
let door: Door;

beforeAll(async () => {
  server = await startKserve();
  door = await openDoor(server, 'twice', 'oip', 'oip-grpc');
});
afterAll(async () => {
  await door?.end();
  await server?.stop();
});

const asked = (script: string, transport: Transport, mode: string): Asked => ({
  environment: 'clients',
  script,
  transport,
  model: 'twice',
  mode,
});
const through = (script: string, transport: Transport, mode: string, key: string | undefined = door.key) =>
  ask(placeOf(door, transport), key, asked(script, transport, mode));

const NUMBERS = [
  [1, -2.5, 6],
  [14, 0, Math.fround(0.001) * 2],
];
const HEALTH = ['server live', 'server ready'];
const withoutHealth = (answers: Answers): Answers =>
  Object.fromEntries(Object.entries(answers).filter(([name]) => !HEALTH.includes(name)));

describe.each(['ask_triton.py', 'ask_kserve.py'])('%s', (script) => {
  describe.each(['http', 'grpc'] as const)('over %s', (transport) => {
    it('gets the answers of the bare server', async () => {
      const bare = await ask(placeOf(server, transport), undefined, {
        ...asked(script, transport, 'good'),
        typed: true,
      });
      const found = await through(script, transport, 'good');
      expect(found).toEqual(bare);
      // Both could fail alike.
      expect(JSON.stringify(bare)).not.toContain('"error"');
      expect(JSON.stringify(found['numbers in binary form'])).toContain(JSON.stringify(NUMBERS));
      expect(JSON.stringify(found['texts in binary form'])).toContain('grüß Gott, 你好');
      expect(found).toMatchObject({ 'server live': true, 'server ready': true, 'model ready': true });
    });

    it.each([
      ['a wrong key', UNKNOWN_KEY],
      ['no key', undefined],
    ])('learns with %s that the gateway lives, and nothing else', async (_, key) => {
      const answers = await ask(placeOf(door, transport), key, asked(script, transport, 'good'));
      expect(answers).toMatchObject({ 'server live': true, 'server ready': true });
      const codes = codesOf(withoutHealth(answers));
      // Of a model that is not ready, clients over HTTP only say no.
      const { 'model ready': ready, ...others } = codes;
      expect(['unauthenticated', 'answered false']).toContain(ready);
      expect(new Set(Object.values(others))).toEqual(new Set(['unauthenticated']));
    });
  });
});

const MANAGEMENT = [
  'configuration',
  'repository',
  'load',
  'statistics',
  'trace',
  'log',
  'shared memory',
  'register shared memory',
  'unload',
];
const ALL_ALIKE = (names: readonly string[], code: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, code]));

describe('what must not get through', () => {
  it('of tritonclient over HTTP', async () => {
    expect(codesOf(await through('ask_triton.py', 'http', 'bad'))).toEqual({
      ...ALL_ALIKE(MANAGEMENT, 'not-found'),
      'lying shape': 'bad-input',
      'lying size': 'bad-input',
      'lying header': 'bad-input',
      'too large': 'too-large',
      'another model': 'not-found',
      'another version': 'not-found',
      priority: 'bad-input',
      'an unknown parameter': 'bad-input',
      'input in shared memory': 'bad-input',
      gzip: 'unsupported-type',
      'a query': 'bad-path',
    });
  });

  it('of tritonclient over gRPC', async () => {
    expect(codesOf(await through('ask_triton.py', 'grpc', 'bad'))).toEqual({
      ...ALL_ALIKE(MANAGEMENT, 'not-found'),
      'lying shape': 'bad-input',
      'too large': 'too-large',
      'another model': 'bad-input',
      'another version': 'bad-input',
      priority: 'bad-input',
      'an unknown parameter': 'bad-input',
      'input in shared memory': 'bad-input',
      gzip: 'unsupported-type',
    });
  });

  it('of the clients of KServe', async () => {
    const both = { 'lying shape': 'bad-input', 'too large': 'too-large', 'another name in the body': 'bad-input' };
    expect(codesOf(await through('ask_kserve.py', 'http', 'bad'))).toEqual(both);
    expect(codesOf(await through('ask_kserve.py', 'grpc', 'bad'))).toEqual(both);
  });

  it('leaves the model where it is, and every decision in the records', async () => {
    expect(await through('ask_triton.py', 'grpc', 'good')).toMatchObject({ 'model ready': true });
    const decisions = await door.records();
    const outcomes = new Set(decisions.map(({ outcome, code }) => `${outcome} ${code ?? 'ok'}`));
    for (const one of ['allowed ok', 'refused unauthenticated', 'refused bad-input', 'refused too-large'])
      expect(outcomes).toContain(one);
    // Nothing of what was refused reached the server, so that nothing failed there.
    expect(decisions.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });
});
