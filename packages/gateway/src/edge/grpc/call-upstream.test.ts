// What an upstream may answer, and what the gateway makes of it.
import { constants } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Behaviour } from './testing/bad-upstream.js';
import { answer, bad, call, good, shown } from './testing/bad-upstream.js';
import { Opened } from './testing/gateway.js';
import { moment } from './testing/moment.js';
import { frame } from './testing/raw-caller.js';

const opened = new Opened();
afterEach(() => opened.end());

describe('grpcUpstream', () => {
  it('sends its own head and gives back the message alone', async () => {
    const { upstream, heads } = await bad(opened, good);
    expect(shown(await call(upstream, { timeoutMs: 5_000 }))).toBe('answer');
    expect(heads[0]).toMatchObject({
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: 'Bearer own',
      'grpc-timeout': '6000m',
    });
  });

  it.each<[string, Behaviour, string]>([
    ['HTTP 500', (stream) => stream.respond({ ':status': 500 }, { endStream: true }), 'answered with HTTP 500'],
    [
      'a page',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<h1>secret</h1>');
      },
      'something else than gRPC',
    ],
    ['no status', (stream) => answer(stream, frame('x'), {}), 'without a gRPC status'],
    ['a status that is none', (stream) => answer(stream, frame('x'), { 'grpc-status': 'OK' }), 'without a gRPC status'],
    ['no message', (stream) => answer(stream, Buffer.alloc(0)), 'ended before its message'],
    ['two messages', (stream) => answer(stream, Buffer.concat([frame('a'), frame('b')])), 'second message'],
    ['a compressed message', (stream) => answer(stream, frame('x', 1)), 'compressed'],
    ['half a message', (stream) => answer(stream, frame('abc').subarray(0, 6)), 'after 1 of 3 bytes'],
    ['a long message', (stream) => answer(stream, frame(Buffer.alloc(1_001))), '1001 bytes'],
    ['an announced long message', (stream) => answer(stream, Buffer.from([0, 0xff, 0, 0, 0])), 'are allowed'],
    ['a reset', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 'broke off with HTTP/2 code 2'],
    ['the end of the connection', (stream) => stream.session?.destroy(), 'broke off'],
    [
      'the end of the connection in the middle',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(frame('abc').subarray(0, 6), () => stream.session?.destroy());
      },
      '',
    ],
    [
      'a status before the message',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' });
        stream.end(frame('abc'));
      },
      'without a gRPC status',
    ],
  ])('takes %s for a bad upstream', async (_what, behave, reason) => {
    const { upstream, heads } = await bad(opened, behave);
    const result = shown(await call(upstream));
    expect(result).toContain('bad-upstream: ');
    expect(result).toContain(reason);
    expect(result).not.toContain('secret');
    // What may have been processed is not asked again.
    expect(heads).toHaveLength(1);
  });

  it('reads a status from trailers alone, and leaves its text', async () => {
    const { upstream } = await bad(opened, (stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '3', 'grpc-message': 'secret' },
        { endStream: true },
      ),
    );
    expect(shown(await call(upstream))).toBe('bad-input: the upstream answered with gRPC status 3');
  });

  it('asks once more what the upstream refused unprocessed, and only once', async () => {
    const once = await bad(opened, (stream, count) =>
      count === 1 ? stream.close(constants.NGHTTP2_REFUSED_STREAM) : good(stream, count),
    );
    expect(shown(await call(once.upstream))).toBe('answer');
    expect(once.heads).toHaveLength(2);
    const always = await bad(opened, (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    expect(shown(await call(always.upstream))).toContain('unavailable');
    expect(always.heads).toHaveLength(2);
  });

  it('asks again after GOAWAY only what the upstream says it did not look at', async () => {
    const { upstream, sessions, heads } = await bad(opened, (stream, count) => {
      if (count === 2) stream.session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, 1);
      if (count > 2) good(stream, count);
    });
    const results = await Promise.all([call(upstream), call(upstream)]);
    expect(results.map(shown)).toEqual([expect.stringContaining('broke off'), 'answer']);
    expect([sessions.length, heads.length]).toEqual([2, 3]);
  });

  it('lets a call end after a friendly GOAWAY and takes a new connection for the next', async () => {
    const { upstream, sessions } = await bad(opened, (stream, count) => {
      stream.session?.close();
      good(stream, count);
    });
    expect(shown(await call(upstream))).toBe('answer');
    expect(shown(await call(upstream))).toBe('answer');
    expect(sessions).toHaveLength(2);
  });

  it('ends the stream at the upstream when nobody waits any more', async () => {
    const [arrived, reset] = [moment(), moment()];
    let code: number | undefined;
    const { upstream } = await bad(opened, (stream) => {
      arrived.now();
      stream.on('close', () => {
        code = stream.rstCode;
        reset.now();
      });
    });
    const controller = new AbortController();
    const result = call(upstream, { signal: controller.signal });
    await arrived.come;
    controller.abort();
    expect(shown(await result)).toContain('nobody waits');
    await reset.come;
    expect(code).toBe(constants.NGHTTP2_CANCEL);
  });

  it('bounds silence before the answer, within it, and the whole call', async () => {
    const silent = await bad(opened, () => {}, { headersSeconds: 0.1 });
    expect(shown(await call(silent.upstream))).toContain('no headers within 100 ms');
    const begun: Behaviour = (stream) => stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    const stuck = await bad(opened, begun, { idleSeconds: 0.1 });
    expect(shown(await call(stuck.upstream))).toContain('nothing for 100 ms');
    const dribble: Behaviour = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(frame(Buffer.alloc(900)).subarray(0, 5));
      const timer = setInterval(() => stream.write('x'), 20);
      stream.on('close', () => clearInterval(timer));
    };
    const slow = await bad(opened, dribble, { totalSeconds: 0.3, idleSeconds: 0.2 });
    expect(shown(await call(slow.upstream))).toContain('too long altogether');
  });
});
