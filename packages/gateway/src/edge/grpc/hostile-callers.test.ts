// Callers that send what no gRPC library sends, or nothing at all.
import type { AddressInfo } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { constants, createServer } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { echo, grpcClient, startModelServer } from './testing/grpc-peers.js';
import type { TestGateway } from './testing/gateway.js';
import { Opened, startGateway } from './testing/gateway.js';
import { moment } from './testing/moment.js';
import { CALL_HEAD, closed, frame, gather, INFER, rawCall, rawSession } from './testing/raw-caller.js';

const opened = new Opened();
afterEach(() => opened.end());

async function gatewayWith(more: Parameters<typeof startGateway>[1] = {}): Promise<TestGateway> {
  const model = opened.add(await startModelServer(echo), (it) => it.kill());
  const gateway = await startGateway(model.url, more);
  return opened.add(gateway, async (it) => {
    it.upstream.close();
    await it.server.close(0);
  });
}
const session = (port: number): ReturnType<typeof rawSession> => opened.add(rawSession(port), (it) => it.destroy());

/** A message that the echo server understands: model_name "m". */
const GOOD = frame(Buffer.from([0x0a, 0x01, 0x6d]));

describe('hostile heads', () => {
  it.each([
    ['GET', { ':method': 'GET' }, { ':status': 405, allow: 'POST' }],
    ['another content type', { 'content-type': 'application/json' }, { ':status': 415 }],
    ['no te', { te: undefined }, { ':status': 200, 'grpc-status': '3' }],
    ['an unknown path', { ':path': '/x' }, { ':status': 200, 'grpc-status': '12' }],
    ['a path with dots', { ':path': '/inference.GRPCInferenceService/../ModelInfer/' }, { 'grpc-status': '12' }],
    ['a bad time-out', { 'grpc-timeout': '1x' }, { 'grpc-status': '3' }],
    ['a time-out of nothing', { 'grpc-timeout': '0n' }, { 'grpc-status': '4' }],
  ])('refuses %s', async (_what, change, expected) => {
    const { port, door } = await gatewayWith();
    const head = { ...CALL_HEAD, ...change };
    const { headers } = await rawCall(session(port), head, GOOD);
    expect(headers).toMatchObject(expected);
    expect(door.reported.filter((succeeded) => !succeeded)).toEqual([]);
  });

  it('refuses two credentials, which Node itself would take for one', async () => {
    const { port, door } = await gatewayWith();
    // An array becomes two header fields; Node refuses to send a doubled `authorization`, so `x-api-key` stands for it.
    const { headers } = await rawCall(session(port), { ...CALL_HEAD, 'x-api-key': ['a', 'b'] }, GOOD);
    expect(headers['grpc-status']).toBe('3');
    expect(door.turned[0]?.reason).toContain('x-api-key');
  });

  it('refuses headers over their bound', async () => {
    const { port, door } = await gatewayWith({ limits: { headerBytes: 4_096 } });
    const head = { ...CALL_HEAD, filler: 'x'.repeat(30_000) };
    const answer = await rawCall(session(port), head, GOOD);
    expect(answer.headers['grpc-status']).toBe('8');
    expect(door.turned[0]?.code).toBe('headers-too-large');
  });
});

describe('hostile bodies', () => {
  it.each([
    ['a compressed message', frame('x', 1), '12'],
    ['a flag that is none', frame('x', 7), '3'],
    ['two messages', Buffer.concat([GOOD, GOOD]), '3'],
    ['bytes behind the message', Buffer.concat([GOOD, Buffer.from('GET / HTTP/1.1\r\n')]), '3'],
    ['no message', Buffer.alloc(0), '3'],
    ['half a message', GOOD.subarray(0, 6), '3'],
    ['a length of 4 GiB', Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), '8'],
  ])('refuses %s and forwards nothing', async (_what, body, code) => {
    const { port, door } = await gatewayWith();
    const { headers } = await rawCall(session(port), CALL_HEAD, body);
    expect(headers['grpc-status']).toBe(code);
    expect(door.reported).toEqual([]);
    expect(door.ended).toHaveLength(1);
  });

  it('tells a caller that still sends to stop, and the connection stays usable', async () => {
    const { port, door } = await gatewayWith();
    const caller = session(port);
    const stream = caller.request(CALL_HEAD, { endStream: false });
    const answer = gather(stream);
    stream.write(frame('x', 1));
    const { headers, rstCode } = await answer;
    expect([headers['grpc-status'], rstCode]).toEqual(['12', constants.NGHTTP2_NO_ERROR]);
    expect((await rawCall(caller, CALL_HEAD, GOOD)).trailers['grpc-status']).toBe('0');
    expect(door.ended).toHaveLength(2);
  });

  it('gives up a message that does not come to its end', async () => {
    const { port, door } = await gatewayWith({ limits: { bodyMs: 100 } });
    const stream = session(port).request(CALL_HEAD, { endStream: false });
    const answer = gather(stream);
    stream.write(GOOD.subarray(0, 6));
    expect((await answer).headers['grpc-status']).toBe('4');
    expect(door.ended[0]?.refusal?.code).toBe('time-out');
  });

  it('holds messages of all callers together only up to a bound, and gives it back', async () => {
    const { port } = await gatewayWith({ limits: { heldBytes: 40_000 } });
    const caller = session(port);
    const half = caller.request(CALL_HEAD, { endStream: false });
    half.on('error', () => {});
    half.write(Buffer.concat([frame(Buffer.alloc(50_000)).subarray(0, 5), Buffer.alloc(17_000)]));
    const large = frame(Buffer.concat([Buffer.from([0x3a, 0xa0, 0x9c, 0x01]), Buffer.alloc(20_000)]));
    const refused = await rawCall(caller, CALL_HEAD, large);
    expect(refused.headers['grpc-status']).toBe('14');
    half.close(constants.NGHTTP2_CANCEL);
    await closedStream(half);
    const taken = await rawCall(caller, CALL_HEAD, frame(Buffer.from([0x3a, 0x03, 1, 2, 3])));
    expect(taken.trailers['grpc-status']).toBe('0');
  });
});

describe('hostile connections', () => {
  it('closes a connection that opens and resets streams (CVE-2023-44487)', async () => {
    const { port, door } = await gatewayWith({ limits: { resets: { burst: 20, perSecond: 0 } } });
    const caller = session(port);
    let code = 0;
    caller.on('goaway', (seen: number) => (code = seen));
    const ended = closed(caller);
    for (let i = 0; i < 60 && !caller.closed && !caller.destroyed; i += 1) {
      const stream = caller.request(CALL_HEAD, { endStream: false });
      stream.on('error', () => {});
      stream.write(GOOD.subarray(0, 3));
      if (stream.pending) await new Promise((resolve) => stream.once('ready', resolve).once('close', resolve));
      stream.close(constants.NGHTTP2_CANCEL);
      await closedStream(stream);
    }
    await ended;
    expect(code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(door.entered.length).toBeLessThanOrEqual(60);
  });

  it('closes a connection that floods with pings', async () => {
    const { port } = await gatewayWith({ limits: { pings: { burst: 5, perSecond: 0 } } });
    const caller = session(port);
    await new Promise((resolve) => caller.once('connect', resolve));
    const ended = closed(caller);
    for (let i = 0; i < 8; i += 1) caller.ping(() => {});
    await ended;
    expect(caller.destroyed).toBe(true);
  });

  it('closes a connection that floods with settings', async () => {
    const { port } = await gatewayWith({ limits: { settings: { burst: 3, perSecond: 0 } } });
    const caller = session(port);
    await new Promise((resolve) => caller.once('connect', resolve));
    const ended = closed(caller);
    for (let i = 0; i < 8 && !caller.destroyed; i += 1) caller.settings({ initialWindowSize: 65_535 + i });
    await ended;
    expect(caller.destroyed).toBe(true);
  });

  it('closes half-open connections: no preface, half a preface, a header block without end', async () => {
    const { port } = await gatewayWith({ limits: { headersMs: 120, answerMs: 120 } });
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    // HEADERS of stream 1 without END_HEADERS.
    const headers = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83]);
    for (const bytes of [Buffer.alloc(0), preface.subarray(0, 10), Buffer.concat([preface, settings, headers])]) {
      // A peer that never closes its side is cut: its writes come to an error.
      const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      const ended = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => {}).resume();
      socket.write(bytes);
      await new Promise((resolve) => socket.on('end', resolve));
      const timer = setInterval(() => socket.write(Buffer.alloc(1)), 50);
      await ended;
      clearInterval(timer);
    }
  });

  it('closes a connection that only pings', async () => {
    const { port } = await gatewayWith({ limits: { idleMs: 150, headersMs: 150 } });
    const caller = session(port);
    const ended = closed(caller);
    const timer = setInterval(() => !caller.destroyed && !caller.closed && caller.ping(() => {}), 20);
    await ended;
    clearInterval(timer);
    expect(caller.destroyed).toBe(true);
  });

  it('speaks no HTTP/1', async () => {
    const { port, door } = await gatewayWith();
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`POST ${INFER} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n`);
    await ended;
    expect(door.entered).toHaveLength(0);
  });

  it('takes only so many connections of one address', async () => {
    const { port } = await gatewayWith({ listener: { connectionsPerAddress: 2 } });
    const [one, two, three] = [session(port), session(port), session(port)];
    await closed(three);
    expect((await rawCall(one, CALL_HEAD, GOOD)).trailers['grpc-status']).toBe('0');
    one.destroy();
    two.destroy();
    await Promise.all([closed(one), closed(two)]);
    const client = opened.add(grpcClient(port), (it) => it.close());
    // The gateway may see the two ends a moment later.
    for (let tries = 0; tries < 50 && (await client.ask('ServerLive', {})).answer?.live !== true; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await client.ask('ServerLive', {})).answer?.live).toBe(true);
  });

  it('runs only so many calls of one connection, however many streams it resets', async () => {
    const asked = moment();
    let running = 0;
    const upstream = createServer();
    upstream.on('stream', (stream) => {
      stream.on('error', () => {});
      running += 1;
      if (running === 3) asked.now();
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    opened.add(upstream, (it) => it.close());
    const gateway = opened.add(
      await startGateway(`grpc://127.0.0.1:${(upstream.address() as AddressInfo).port}`, { limits: { streams: 3 } }),
      async (it) => {
        it.upstream.close();
        await it.server.close(0);
      },
    );
    const caller = session(gateway.port);
    const calls = Array.from({ length: 6 }, () => {
      const stream = caller.request(CALL_HEAD, { endStream: false });
      stream.on('error', () => {});
      stream.end(GOOD);
      return stream;
    });
    await asked.come;
    expect(gateway.door.entered).toHaveLength(3);
    for (const call of calls) call.close(constants.NGHTTP2_CANCEL);
  });

  it('cuts a caller that does not take its answer', async () => {
    const { port, door } = await gatewayWith({ limits: { answerMs: 150 } });
    door.maxBytes = 8 * 1024 * 1024;
    door.maxAnswerBytes = 8 * 1024 * 1024;
    const caller = session(port);
    const tensor = Buffer.alloc(2_000_000);
    const stream = caller.request(CALL_HEAD, { endStream: false });
    stream.on('error', () => {});
    stream.pause();
    const ended = new Promise((resolve) => stream.on('close', resolve));
    // Field 7, raw_input_contents, 2,000,000 bytes: the echo comes back as large.
    stream.end(frame(Buffer.concat([Buffer.from([0x3a, 0x80, 0x89, 0x7a]), tensor])));
    await ended;
    expect(door.ended[0]?.status).toBe(200);
    expect((await rawCall(caller, CALL_HEAD, GOOD)).trailers['grpc-status']).toBe('0');
  });
});

function closedStream(stream: {
  closed: boolean;
  destroyed: boolean;
  once(event: 'close', then: () => void): unknown;
}): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.once('close', () => resolve());
  });
}
