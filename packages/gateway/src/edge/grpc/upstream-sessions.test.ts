// Connections to an upstream: how many, how they end, and what happens when there are none.
import type { Socket } from 'node:net';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { grpcUpstream } from './call-upstream.js';
import { bad, call, good, listen, shown } from './testing/bad-upstream.js';
import { Opened, upstreamSettings } from './testing/gateway.js';
import { moment } from './testing/moment.js';

const opened = new Opened();
afterEach(() => opened.end());

describe('connections to an upstream', () => {
  it('waits for a place in a bounded queue', async () => {
    const held: ServerHttp2Stream[] = [];
    const arrived = moment();
    const { upstream, sessions, heads } = await bad(
      opened,
      (stream) => {
        held.push(stream);
        if (held.length === 2) arrived.now();
        if (held.length > 2) good(stream, 0);
      },
      { connections: 1, queue: 1 },
      2,
    );
    // The first call brings the connection up, so that its settings are known.
    const results = [call(upstream)];
    while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    results.push(call(upstream), call(upstream));
    expect(shown(await call(upstream))).toContain('overloaded');
    await arrived.come;
    for (const stream of held.slice(0, 2)) good(stream, 0);
    expect((await Promise.all(results)).map(shown)).toEqual(['answer', 'answer', 'answer']);
    expect([sessions.length, heads.length]).toEqual([1, 3]);
  });

  it('opens no more connections than allowed', async () => {
    const { upstream, sessions } = await bad(opened, good, { connections: 2 }, 1);
    const results = await Promise.all(Array.from({ length: 40 }, () => call(upstream)));
    expect(results.map(shown)).toEqual(Array.from({ length: 40 }, () => 'answer'));
    expect(sessions.length).toBeLessThanOrEqual(2);
  });

  it('finds nobody: a closed port, one that never speaks, one that speaks something else', async () => {
    const none = grpcUpstream(upstreamSettings('grpc://127.0.0.1:1'));
    expect(shown(await call(none))).toContain('unavailable: the upstream cannot be reached');
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      if (sockets.length > 1) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const url = await listen(server);
    opened.add(server, (it) => {
      for (const socket of sockets) socket.destroy();
      it.close();
    });
    const mute = grpcUpstream(upstreamSettings(url, { connectSeconds: 0.1 }));
    expect(shown(await call(mute))).toContain('did not speak HTTP/2 within 100 ms');
    expect(shown(await call(mute))).toContain('unavailable');
    expect(sockets).toHaveLength(2);
  });

  it('drops a connection that stopped answering, even pings, and uses another', async () => {
    const relays: Socket[] = [];
    const arrived = moment();
    const model = createServer();
    model.on('stream', (stream) => {
      stream.on('error', () => {});
      if (relays.length > 2) return good(stream, 0);
      // As when a machine vanishes: nothing is closed, and nothing comes through any more.
      for (const socket of relays) socket.unpipe().pause();
      arrived.now();
    });
    model.on('sessionError', () => {});
    const modelUrl = new URL(await listen(model));
    const relay = createTcpServer((near) => {
      const far = connectTcp(Number(modelUrl.port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) relays.push(socket.on('error', () => {}));
    });
    const url = await listen(relay);
    opened.add(relay, (it) => {
      for (const socket of relays) socket.destroy();
      it.close();
      model.close();
    });
    const settings = upstreamSettings(url, { headersSeconds: 0.1, connectSeconds: 0.2, connections: 1 });
    const upstream = opened.add(grpcUpstream(settings), (it) => it.close());
    const first = call(upstream);
    await arrived.come;
    expect(shown(await first)).toContain('upstream-time-out');
    expect(shown(await call(upstream))).toBe('answer');
    expect(relays).toHaveLength(4);
  });

  it('refuses calls after it was closed', async () => {
    const { upstream } = await bad(opened, good);
    await call(upstream);
    upstream.close();
    expect(shown(await call(upstream))).toContain('unavailable');
  });
});
