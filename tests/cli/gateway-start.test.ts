// What `vallum gateway` does where the world around it is not as its settings say: what it cannot do without ends it with a
// sentence and exit 3, what may come back is told, and until then nobody is let in.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { hasOpenssl } from '../../packages/gateway/src/edge/grpc/testing/authority.js';
import type { Running } from '../support/gateway-process.js';
import { GatewayHome, NO_VERDICT } from '../support/gateway-process.js';
import { probabilities, QUESTION, startUpstream } from '../support/gateway-upstreams.js';
import type { Ran } from './command.js';
import { TRACE, vallum } from './command.js';

const homes: GatewayHome[] = [];
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  for (const home of homes.splice(0)) await home.end();
});

const route = (model: string, more: object = {}): object => ({
  model,
  protocol: 'oip',
  upstream: 'models',
  serving: NO_VERDICT,
  ...more,
});

function homeOf(settings: object, url = 'http://127.0.0.1:9'): GatewayHome {
  const home = new GatewayHome({ upstreams: { models: { url } }, routes: [route('digits')], ...settings });
  homes.push(home);
  return home;
}

const start = ({ folder }: GatewayHome): Promise<Ran> => vallum(['gateway', '--workers', '2'], { cwd: folder });

function expectRefusal({ exit, stdout, stderr }: Ran, first: RegExp): void {
  expect([exit, stdout, stderr.match(/^fix: .{5,}$/gm)]).toEqual([3, '', [expect.any(String)]]);
  expect(stderr).toMatch(first);
  expect(stderr).not.toMatch(TRACE);
}

async function asked({ rest }: Running, model: string, token: string): Promise<number> {
  const response = await fetch(`${rest}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(QUESTION),
  });
  await response.arrayBuffer();
  return response.status;
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe('it does not start', () => {
  it('where somebody else has the address of callers', async () => {
    const address = `127.0.0.1:${await takenPort()}`;
    const home = homeOf({ listen: { rest: { address } } });
    await home.key('web');
    expectRefusal(await start(home), /^vallum: nobody can listen on 127\.0\.0\.1:\d+: EADDRINUSE \[GATEWAY_LISTEN\]$/m);
  });

  it('where somebody else has the address of operators, and with sinks and shared state that wait', async () => {
    const home = homeOf({
      operator: { address: `127.0.0.1:${await takenPort()}` },
      events: { syslog: 'tcp://127.0.0.1:9', file: 'events.jsonl' },
      cluster: { redis: 'redis://127.0.0.1:9' },
    });
    await home.key('web');
    expectRefusal(await start(home), /^vallum: nobody can listen on 127\.0\.0\.1:\d+: EADDRINUSE \[GATEWAY_LISTEN\]$/m);
  });

  it('where another gateway has its state, and the other one goes on', async () => {
    const home = homeOf({ cluster: { redis: 'redis://127.0.0.1:9' } });
    const key = await home.key('web');
    const first = await home.start();
    expectRefusal(await start(home), /^vallum: the records in \S+state are held by process \d+ \[GATEWAY_LOG_HELD\]$/m);
    // Nobody answers behind it: what counts is that it still takes requests.
    expect(await asked(first, 'digits', key)).toBe(503);
    expect((await first.stop()).code).toBe(0);
  });

  it.skipIf(!hasOpenssl)('with a certificate that has expired', async () => {
    const tls = { certificate: 'own.pem', key: 'own.key' };
    const home = homeOf({ listen: { rest: { address: '127.0.0.1:0', tls } } });
    await home.key('web');
    expiredCertificate(home);
    expectRefusal(
      await start(home),
      /^vallum: own\.pem expired at 2021-01-01T00:00:00\.000Z \[GATEWAY_CERTIFICATE\]$/m,
    );
  });
});

describe('it starts and lets nobody in', () => {
  it('while an issuer does not publish its keys', async () => {
    const issuer = { issuer: 'https://issuer.example', audience: 'models', algorithms: ['ES256'], jwks: 'jwks.json' };
    const home = homeOf({ identity: { issuers: [issuer] } });
    const gateway = await home.start();
    expect(await gateway.said(/^keys of https:\/\/issuer\.example: unreachable: /)).toContain('jwks.json');
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: 'https://issuer.example', aud: 'models', sub: 'web', exp: now + 60, iat: now };
    const token = `${part({ alg: 'ES256', kid: 'k1', typ: 'JWT' })}.${part(claims)}.${Buffer.alloc(64, 1).toString('base64url')}`;
    expect(await asked(gateway, 'digits', token)).toBe(503);
  });

  it('without the shared state, on routes that say so; others go on with their own share', async () => {
    const upstream = await startUpstream(probabilities);
    endings.push(() => upstream.close());
    const limits = { requests: { limit: 100 } };
    const routes = [route('shared', { limits }), route('own', { limits, withoutState: 'local' })];
    const home = homeOf({ cluster: { redis: 'redis://127.0.0.1:9' }, routes }, upstream.url);
    const key = await home.key('web');
    const gateway = await home.start();
    await gateway.said(/^the shared state of the cluster is away: /);
    expect([await asked(gateway, 'shared', key), await asked(gateway, 'own', key)]).toEqual([503, 200]);
    expect(upstream.arrived.map(({ path }) => path)).toEqual(['/v2/models/own/infer']);
  });
});

/** `openssl req` makes none for the past; its small authority does. */
function expiredCertificate(home: GatewayHome): void {
  const settings =
    '[ca]\ndefault_ca = one\n[one]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n';
  writeFileSync(home.path('ca.cnf'), settings);
  writeFileSync(home.path('index.txt'), '');
  writeFileSync(home.path('serial'), '01\n');
  const run = (...words: string[]): void => void execFileSync('openssl', words, { cwd: home.folder, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('req', ...newKey, '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=localhost');
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'];
  const from = ['-config', 'ca.cnf', '-keyfile', 'own.key', '-in', 'own.csr', '-out', 'own.pem'];
  run('ca', '-batch', '-notext', '-selfsign', ...dates, ...from);
}
