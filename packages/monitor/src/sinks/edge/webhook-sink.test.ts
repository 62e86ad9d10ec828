// Events to receivers that are really there: one that takes them, one that fails, refuses, redirects, is slow, or is gone. The
// signature is checked with OpenSSL, which shares no code with us.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { nodeDisk } from '@vallum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSink } from '../file-sink.js';
import { event, fateOf } from '../testing/events.js';
import { webhookSink } from './webhook-sink.js';
import type { WebhookSinkOptions } from './webhook-sink.js';

const secret = Buffer.alloc(32, 7);
const now = new Date('2026-11-22T12:00:00.900Z');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const closers: (() => Promise<unknown>)[] = [];
let base: string;
beforeEach(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-webhook-`);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(base, { recursive: true });
});

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly path: string;
}

interface Receiver {
  readonly url: string;
  readonly got: Got[];
  readonly server: Server;
}

/** @param answer what is done with the n-th request, from 1 */
async function receiver(answer: (at: number, response: ServerResponse) => void): Promise<Receiver> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' });
      answer(got.length, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got, server };
}

function sinkTo(url: string, more: Partial<WebhookSinkOptions> = {}): ReturnType<typeof webhookSink> {
  const sink = webhookSink({
    url,
    secret,
    clock: () => now,
    random: () => 0.5,
    backoff: { first: 1, most: 4 },
    deadLetters: fileSink({ disk: nodeDisk, path: `${base}/dead.jsonl` }),
    ...more,
  });
  closers.push(() => sink.close());
  return sink;
}

const dead = async (): Promise<readonly string[]> => {
  const text = await readFile(`${base}/dead.jsonl`, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
};
const say =
  (status: number, headers = {}) =>
  (_: number, response: ServerResponse): void =>
    void response.writeHead(status, headers).end('x');

describe('a receiver that takes events', () => {
  it('gets them whole, with id, time and type', async () => {
    const { url, got } = await receiver(say(204));
    const sink = sinkTo(url);
    await sink.emit(event('a', { data: { message: '\u20ac' } }));
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ id: 'a', data: { message: '\u20ac' } });
    expect(got[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': 'a',
      'webhook-timestamp': '1795348800',
    });
    expect(sink.stats()).toEqual({ emitted: 1, delivered: 1, dropped: 0, deadLetters: 0, waiting: 0 });
  });

  it.skipIf(!hasOpenssl)('can check the signature with OpenSSL; a changed body or time has another one', async () => {
    const { url, got } = await receiver(say(200));
    await sinkTo(url).emit(event('a'));
    const { headers, body = '' } = got[0] ?? {};
    const signed = `a.${String(headers?.['webhook-timestamp'])}.${body}`;
    const bySecret = (text: string): string => {
      const args = ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${secret.toString('hex')}`, '-binary'];
      return `v1,${execFileSync('openssl', args, { input: text }).toString('base64')}`;
    };
    expect(headers?.['webhook-signature']).toBe(bySecret(signed));
    expect(headers?.['webhook-signature']).not.toBe(bySecret(signed.replace('closed', 'opened')));
    expect(headers?.['webhook-signature']).not.toBe(bySecret(signed.replace('1795348800', '1795348801')));
  });
});

describe('a receiver that fails', () => {
  it('is tried again, under the same id, until it takes the event', async () => {
    const { url, got } = await receiver((at, response) => {
      if (at === 1) response.destroy();
      else say([0, 0, 500, 429, 200][at] ?? 200, at === 3 ? { 'retry-after': '9999' } : {})(at, response);
    });
    const sink = sinkTo(url);
    await sink.emit(event('a'));
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual(['a', 'a', 'a', 'a']);
    expect([sink.stats().delivered, await dead()]).toEqual([1, []]);
  });

  it('for good: the event is a dead letter', async () => {
    const { url, got } = await receiver(say(503));
    const sink = sinkTo(url, { tries: 3 });
    expect(await fateOf(sink.emit(event('a')))).toBe('EVENT_DEAD_LETTER');
    expect([got.length, await dead()]).toEqual([3, ['a']]);
    expect(sink.stats()).toMatchObject({ deadLetters: 1, dropped: 0, lastError: 'the receiver answered 503' });
  });

  it.each([301, 307, 400, 401, 410])('with %i, which no new try changes: it is asked once', async (status) => {
    const elsewhere = await receiver(say(200));
    const { url, got } = await receiver(say(status, { location: elsewhere.url }));
    expect(await fateOf(sinkTo(url).emit(event('a')))).toBe('EVENT_DEAD_LETTER');
    expect([got.length, elsewhere.got.length, await dead()]).toEqual([1, 0, ['a']]);
  });

  it('by not answering is left after the time-out', async () => {
    const { url, got } = await receiver(() => undefined);
    const sink = sinkTo(url, { tries: 2, timeoutMs: 30 });
    expect(await fateOf(sink.emit(event('a')))).toBe('EVENT_DEAD_LETTER');
    expect([got.length, sink.stats().lastError]).toEqual([2, 'the receiver did not answer in time']);
  });

  it('by answering without end costs no more than a time-out', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
      more();
    });
    expect(await fateOf(sinkTo(url, { tries: 1, timeoutMs: 5_000 }).emit(event('a')))).toBe('delivered');
  });

  it('and no file for dead letters: the event is dropped', async () => {
    const { url } = await receiver(say(400));
    const sink = webhookSink({ url, secret, clock: () => now, random: () => 0 });
    expect(await fateOf(sink.emit(event('a')))).toBe('EVENT_DROPPED');
    await sink.close();
  });
});

it.skipIf(!hasOpenssl)('a receiver whose certificate nobody vouches for gets nothing', async () => {
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const files = ['-subj', '/CN=localhost', '-keyout', `${base}/key.pem`, '-out', `${base}/cert.pem`];
  execFileSync('openssl', ['req', ...made, ...files], { stdio: 'ignore' });
  let requests = 0;
  const options = { key: await readFile(`${base}/key.pem`), cert: await readFile(`${base}/cert.pem`) };
  const server = createTlsServer(options, () => (requests += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const sink = sinkTo(`https://localhost:${(server.address() as AddressInfo).port}/`, { tries: 1 });
  expect(await fateOf(sink.emit(event('a')))).toBe('EVENT_DEAD_LETTER');
  expect([requests, sink.stats().lastError]).toEqual([0, 'self-signed certificate']);
});

describe('bounds', () => {
  it('what does not fit in line, and what waits at the end, are dead letters', async () => {
    const { url } = await receiver(() => undefined);
    const sink = sinkTo(url, { waiting: 3, closingMs: 20 });
    const ids = Array.from({ length: 9 }, (_, at) => `e${at}`);
    const fates = ids.map((id) => fateOf(sink.emit(event(id))));
    await sink.close();
    expect(await Promise.all(fates)).toEqual(ids.map(() => 'EVENT_DEAD_LETTER'));
    expect([...(await dead())].sort()).toEqual(ids);
    expect(sink.stats()).toMatchObject({ emitted: 9, deadLetters: 9, waiting: 0 });
  });

  it.each([
    'http://example.org/x',
    'ftp://127.0.0.1/',
    'https://u:p@example.org/',
    'nonsense',
    'http://127.0.0.1.example.org/',
  ])('%s is no receiver', (url) => {
    const make = (): unknown => webhookSink({ url, secret, clock: () => now, random: () => 0 });
    expect(make).toThrow(expect.objectContaining({ code: 'EVENTS_WEBHOOK' }) as Error);
  });

  it('a short secret is none', () => {
    const make = (): unknown =>
      webhookSink({ url: 'https://example.org', secret: Buffer.alloc(23), clock: () => now, random: () => 0 });
    expect(make).toThrow(/secret/);
  });
});
