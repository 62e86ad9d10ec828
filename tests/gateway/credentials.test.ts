// Who asks, proven by a certificate or by a token of an issuer, over listeners with TLS: the principal is whom the whole name
// stands for, and an expired, foreign or unknown one is nobody.
import { connect } from 'node:net';
import { request as httpsRequest } from 'node:https';
import { writeFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authority, Pem } from '../../packages/gateway/src/edge/grpc/testing/authority.js';
import { authority, hasOpenssl } from '../../packages/gateway/src/edge/grpc/testing/authority.js';
import { grpcClient, startModelServer } from '../../packages/gateway/src/edge/grpc/testing/grpc-peers.js';
import type { ModelServer } from '../../packages/gateway/src/edge/grpc/testing/grpc-peers.js';
import { GatewayHome, NO_VERDICT, until } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, INFER, probabilities, QUESTION, startUpstream } from '../support/gateway-upstreams.js';
import type { LocalIssuer } from '../support/local-issuer.js';
import { startIssuer } from '../support/local-issuer.js';

const WEB = 'URI:spiffe://acme/web';

describe.skipIf(!hasOpenssl)('certificates (skipped without openssl)', () => {
  let ours: Authority;
  let strangers: Authority;
  let home: GatewayHome;
  let gateway: Running;
  let model: ModelUpstream;
  let grpc: ModelServer;
  let key: string;

  beforeAll(async () => {
    [ours, strangers] = [authority(), authority()];
    [model, grpc] = [await startUpstream(probabilities), await startModelServer((_, answer) => answer({ code: 9 }))];
    home = new GatewayHome();
    const server = ours.issue('gateway', 'DNS:localhost,IP:127.0.0.1');
    writeFileSync(home.path('server.pem'), server.certificate);
    writeFileSync(home.path('server.key'), server.key, { mode: 0o600 });
    writeFileSync(home.path('clients.pem'), ours.certificate);
    const tls = { certificate: 'server.pem', key: 'server.key', clientAuthorities: 'clients.pem' };
    home.write({
      listen: {
        rest: { address: '127.0.0.1:0', tls },
        grpc: { address: '127.0.0.1:0', tls: { ...tls, requireClient: true } },
      },
      http: { headersSeconds: 1 },
      identity: { keys: 'keys.json', certificates: [{ name: WEB, principal: 'web', roles: ['infer'] }] },
      upstreams: { model: { url: model.url }, grpc: { url: grpc.url } },
      routes: [
        { model: 'digits', protocol: 'oip', upstream: 'model', serving: NO_VERDICT },
        { model: 'digits', protocol: 'oip-grpc', upstream: 'grpc', serving: NO_VERDICT },
      ],
    });
    key = await home.key('shop');
    gateway = await home.start();
  });
  afterAll(async () => {
    await home.end();
    grpc.kill();
    await model.close();
    ours.end();
    strangers.end();
  });

  /** Status of one question, each over a connection of its own. */
  function statusOf(pem?: Pem, apiKey?: string): Promise<number> {
    return new Promise((done, fail) => {
      const sent = httpsRequest({
        host: '127.0.0.1',
        port: gateway.restPort,
        path: INFER,
        method: 'POST',
        agent: false,
        ca: ours.certificate,
        headers: {
          'content-type': 'application/json',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(pem === undefined ? {} : { cert: pem.certificate, key: pem.key }),
      });
      sent.once('error', fail).once('response', (answer) => done(answer.resume().statusCode ?? 0));
      sent.end(JSON.stringify(QUESTION));
    });
  }

  it('name a principal by their whole name, and only with an authority of ours, in time, and known', async () => {
    expect(gateway.rest).toMatch(/^https:/);
    expect(await statusOf(ours.issue('anybody', `${WEB},DNS:web.acme.example`))).toBe(200);
    expect(await statusOf(ours.issue('web', WEB, -1))).toBe(401);
    expect(await statusOf(strangers.issue('web', WEB))).toBe(401);
    expect(await statusOf(ours.issue('web', 'URI:spiffe://acme/web2'))).toBe(401);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(undefined, key)).toBe(200);
    const before = model.arrived.length;
    // Two credentials at once are none.
    expect(await statusOf(ours.issue('web', WEB), key)).not.toBe(200);
    expect(model.arrived).toHaveLength(before);
  });

  it('are asked for by a listener that requires them, before anything else is said', async () => {
    const request = {
      model_name: 'digits',
      inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 2] }],
      raw_input_contents: [Buffer.from('ab')],
    };
    const codeFor = async (pem?: Pem): Promise<number | undefined> => {
      const own = pem === undefined ? [null, null] : [Buffer.from(pem.key), Buffer.from(pem.certificate)];
      const client = grpcClient(gateway.grpcPort, credentials.createSsl(Buffer.from(ours.certificate), own[0], own[1]));
      const { error } = await client.ask('ModelInfer', request, { deadline: Date.now() + 5_000 });
      client.close();
      return error?.code;
    };
    // UNAVAILABLE: no connection at all.
    expect(await codeFor()).toBe(14);
    expect(await codeFor(strangers.issue('web', WEB))).toBe(14);
    expect(await codeFor(ours.issue('web', WEB, -1))).toBe(14);
    expect(grpc.calls).toHaveLength(0);
    // UNAUTHENTICATED: known to the authority, and to nobody here.
    expect(await codeFor(ours.issue('web', 'URI:spiffe://acme/other'))).toBe(16);
    await codeFor(ours.issue('web', WEB));
    expect(grpc.calls).toHaveLength(1);
  });

  it('are waited for no longer than for a head', async () => {
    for (const port of [gateway.restPort, gateway.grpcPort]) {
      let isClosed = false;
      const silent = connect(port, '127.0.0.1').on('error', () => undefined);
      silent.once('close', () => (isClosed = true));
      try {
        await until(() => isClosed);
      } finally {
        silent.destroy();
      }
    }
  });

  it('stand in the records', async () => {
    await gateway.stop();
    const [first] = (await home.decisions()).filter(({ principal }) => principal === 'web');
    expect(first).toMatchObject({
      means: 'certificate',
      outcome: 'allowed',
      credential: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('that expired are nothing to listen with', async () => {
    const old = ours.issue('gateway', 'DNS:localhost,IP:127.0.0.1', -1);
    writeFileSync(home.path('server.pem'), old.certificate);
    writeFileSync(home.path('server.key'), old.key, { mode: 0o600 });
    await expect(home.start()).rejects.toThrow(/server\.pem expired/);
  });
});

describe('tokens of an issuer', () => {
  it('name a principal of that issuer, with the roles that it may give, for this audience and in time', async () => {
    const [model, issuer]: [ModelUpstream, LocalIssuer] = [await startUpstream(probabilities), await startIssuer()];
    const identity = {
      issuers: [
        {
          issuer: issuer.url,
          audience: 'door',
          algorithms: ['RS256'],
          jwks: `${issuer.url}/jwks`,
          roles: ['infer'],
          freshSeconds: 1,
        },
      ],
    };
    const home = new GatewayHome({
      identity,
      upstreams: { model: { url: model.url } },
      routes: [{ model: 'digits', protocol: 'oip', upstream: 'model', serving: NO_VERDICT }],
    });
    try {
      const gateway = await home.start({ workers: 2 });
      const statusFor = async (audience: string, claims: object): Promise<number> =>
        (await ask(gateway.rest, await issuer.fetchToken(audience, claims))).status;
      const alice = { sub: 'alice', roles: ['infer', 'admin'] };
      expect(await statusFor('door', alice)).toBe(200);
      expect(await statusFor('window', alice)).toBe(401);
      expect(await statusFor('door', { ...alice, exp: Math.floor(Date.now() / 1_000) - 1 })).toBe(401);
      expect(await statusFor('door', { ...alice, iss: 'http://127.0.0.1:1' })).toBe(401);
      expect(await statusFor('door', { sub: 'alice', roles: ['admin'] })).toBe(403);
      expect(model.arrived).toHaveLength(1);

      // The issuer goes: its keys count on for a while, and a gateway that starts now has none.
      const token = await issuer.fetchToken('door', alice);
      await issuer.close();
      await until(async () => {
        expect((await ask(gateway.rest, token)).status).toBe(200);
        return gateway.lines.some((line) => line.startsWith(`keys of ${issuer.url}: `));
      });
      await gateway.stop();
      const { principal, means, credential } = (await home.decisions())[0] ?? {};
      expect({ principal, means, credential }).toEqual({
        principal: `${issuer.url}#alice`,
        means: 'token',
        credential: `${issuer.url}#loopback-1`,
      });
      const late = await home.start();
      expect((await ask(late.rest, token)).status).not.toBe(200);
      await late.said(/^keys of /);
    } finally {
      await home.end();
      await model.close();
      await issuer.close().catch(() => undefined);
    }
  });
});
