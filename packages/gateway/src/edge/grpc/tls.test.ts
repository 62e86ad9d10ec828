// TLS on both sides: client certificates, what is not HTTP/2, upstreams with their own authority, and refusals to start.
import { connect as connectTls } from 'node:tls';
import { connect as connectTcp } from 'node:net';
import { credentials, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { X509Certificate } from 'node:crypto';
import { isRefusal } from '../../door/refusal.js';
import { grpcUpstream } from './call-upstream.js';
import type { Authority, Pem } from './testing/authority.js';
import { authority, hasOpenssl } from './testing/authority.js';
import type { TestGateway } from './testing/gateway.js';
import { Opened, startGateway, upstreamSettings } from './testing/gateway.js';
import { echo, grpcClient, startModelServer } from './testing/grpc-peers.js';

const opened = new Opened();
afterEach(() => opened.end());

const request = { model_name: 'spam', raw_input_contents: [Buffer.from('ab')] };

describe.skipIf(!hasOpenssl)('gRPC over TLS (needs openssl)', () => {
  let ours: Authority;
  let strangers: Authority;
  let server: Pem;
  beforeAll(() => {
    ours = authority();
    strangers = authority();
    server = ours.issue('gateway', 'DNS:localhost,IP:127.0.0.1');
  });
  afterAll(() => {
    ours.end();
    strangers.end();
  });

  async function gatewayWith(requireClient: boolean, headersMs = 5_000): Promise<TestGateway> {
    const model = opened.add(await startModelServer(echo), (it) => it.kill());
    const gateway = await startGateway(model.url, {
      limits: { headersMs },
      listener: { tls: { ...server, clientAuthorities: ours.certificate, requireClient } },
    });
    return opened.add(gateway, async (it) => {
      it.upstream.close();
      await it.server.close(0);
    });
  }
  async function ask(port: number, pem?: Pem): Promise<string> {
    const how = credentials.createSsl(
      Buffer.from(ours.certificate),
      pem === undefined ? null : Buffer.from(pem.key),
      pem === undefined ? null : Buffer.from(pem.certificate),
    );
    const client = opened.add(grpcClient(port, how), (it) => it.close());
    const { answer, error } = await client.ask('ModelInfer', request);
    return answer?.raw_output_contents[0]?.toString() ?? String(error?.code);
  }

  it('tells who holds a verified certificate, each name by itself', async () => {
    const { port, door } = await gatewayWith(false);
    const pem = ours.issue('web', 'URI:spiffe://acme/web,DNS:web.acme.example');
    expect(await ask(port, pem)).toBe('ba');
    const certificate = door.entered[0]?.credentials.certificate;
    expect(certificate).toEqual({
      fingerprint: new X509Certificate(pem.certificate).fingerprint256.replaceAll(':', '').toLowerCase(),
      commonName: 'web',
      alternativeNames: ['URI:spiffe://acme/web', 'DNS:web.acme.example'],
      notAfter: Date.parse(new X509Certificate(pem.certificate).validTo),
    });
  });

  it('believes no certificate of another authority', async () => {
    const { port, door } = await gatewayWith(false);
    expect(await ask(port, strangers.issue('web', 'URI:spiffe://acme/web'))).toBe('ba');
    expect(await ask(port)).toBe('ba');
    expect(door.entered.map((incoming) => incoming.credentials)).toEqual([{}, {}]);
  });

  it('lets nobody in without a certificate where one is required', async () => {
    const { port, door } = await gatewayWith(true);
    expect(await ask(port)).toBe('14');
    expect(await ask(port, strangers.issue('web', 'URI:spiffe://acme/web'))).toBe('14');
    expect(door.entered).toHaveLength(0);
    expect(await ask(port, ours.issue('web', 'URI:spiffe://acme/web'))).toBe('ba');
  });

  it('speaks only HTTP/2, and waits only so long for a handshake', async () => {
    const { port, door } = await gatewayWith(false, 150);
    const old = connectTls({ port, host: '127.0.0.1', ca: ours.certificate, ALPNProtocols: ['http/1.1'] });
    await new Promise((resolve) => old.on('error', resolve).on('close', resolve));
    const none = connectTls({ port, host: '127.0.0.1', ca: ours.certificate }, () =>
      none.write('POST / HTTP/1.1\r\n\r\n'),
    );
    await new Promise((resolve) => none.on('error', () => {}).on('close', resolve));
    const mute = connectTcp(port, '127.0.0.1');
    await new Promise((resolve) => mute.on('error', () => {}).on('close', resolve));
    expect(door.entered).toHaveLength(0);
  });

  it('calls an upstream with TLS, and none of an unknown authority', async () => {
    const pair = { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.certificate) };
    const model = opened.add(await startModelServer(echo, 0, ServerCredentials.createSsl(null, [pair])), (it) =>
      it.kill(),
    );
    const url = model.url.replace('grpc://', 'grpcs://');
    const call = { path: '/inference.GRPCInferenceService/ModelInfer', message: Buffer.alloc(0), maxBytes: 1_000 };
    const { signal } = new AbortController();
    const good = opened.add(grpcUpstream(upstreamSettings(url), { authorities: ours.certificate }), (it) => it.close());
    expect(isRefusal(await good.call({ ...call, signal }))).toBe(false);
    for (const secrets of [{}, { authorities: strangers.certificate }]) {
      const bad = opened.add(grpcUpstream(upstreamSettings(url), secrets), (it) => it.close());
      expect(await bad.call({ ...call, signal })).toMatchObject({ code: 'unavailable' });
    }
    expect(model.calls).toHaveLength(1);
  });

  it('does not start with a key of another certificate, or where required certificates have no authority', async () => {
    const other = ours.issue('other', 'DNS:other');
    const start = (tls: object): Promise<unknown> =>
      startGateway('grpc://127.0.0.1:1', { listener: { tls: { ...server, requireClient: false, ...tls } } });
    await expect(start({ key: other.key })).rejects.toMatchObject({ code: 'LISTENER_TLS' });
    await expect(start({ key: 'nonsense' })).rejects.toMatchObject({ code: 'LISTENER_TLS' });
    await expect(start({ requireClient: true })).rejects.toMatchObject({ code: 'LISTENER_TLS' });
  });
});

describe('a listener that cannot be', () => {
  it('does not listen in the clear beyond loopback, or on a port that is taken', async () => {
    const start = (host: string, port = 0): Promise<TestGateway> =>
      startGateway('grpc://127.0.0.1:1', { listener: { host, port } });
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', '1270.0.0.1'])
      await expect(start(host), host).rejects.toMatchObject({ code: 'LISTENER_PLAIN' });
    const { server, port } = await start('127.0.0.1');
    await expect(start('127.0.0.1', port)).rejects.toMatchObject({ code: 'LISTENER_ADDRESS' });
    await server.close(0);
  });
});
