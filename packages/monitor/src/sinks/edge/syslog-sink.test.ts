// Events to syslog servers that are really there: UDP, TCP and a Unix socket, one that breaks off, and none at all.
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { SecurityEvent } from '@vallum/core';
import { afterEach, describe, expect, it } from 'vitest';
import { readSyslogAddress } from '../syslog-message.js';
import type { SyslogAddress } from '../syslog-message.js';
import { event, fateOf } from '../testing/events.js';
import { syslogSink } from './syslog-sink.js';
import type { SyslogSinkOptions } from './syslog-sink.js';

const names = { host: 'gate way', app: 'vallum', process: '7' };
const backoff = { first: 1, most: 5 };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function sinkTo(address: SyslogAddress, more: Partial<SyslogSinkOptions> = {}): ReturnType<typeof syslogSink> {
  const sink = syslogSink({ address, names, random: () => 0.5, backoff, ...more });
  closers.push(() => sink.close());
  return sink;
}

/** Takes a stream apart as RFC 6587 says, without our code. */
function messagesIn(bytes: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('ascii', at, space));
    messages.push(bytes.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return messages;
}

/** RFC 5424 as a pattern: priority, version, time, host, app, process, message id, no structured data, BOM and text. */
const FORM = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) - \ufeff(.*)$/s;

interface Heard {
  readonly server: Server;
  readonly messages: () => readonly string[];
  readonly sockets: Socket[];
  /** Resolves when so many whole messages have arrived. */
  readonly until: (count: number) => Promise<void>;
}

async function listen(where: { host: string; port: number } | { path: string }): Promise<Heard> {
  let bytes = Buffer.alloc(0);
  const sockets: Socket[] = [];
  let heard: () => void = () => undefined;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      heard();
    });
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const until = async (count: number): Promise<void> => {
    while (messagesIn(bytes).length < count) await new Promise<void>((resolve) => (heard = resolve));
  };
  return { server, messages: () => messagesIn(bytes), sockets, until };
}

const tcp = (server: Server): SyslogAddress => ({
  over: 'tcp',
  host: '127.0.0.1',
  port: (server.address() as AddressInfo).port,
});

describe('a message', () => {
  it.each<[number, number]>([
    [1, 6],
    [2, 5],
    [3, 4],
    [4, 3],
    [5, 2],
    [6, 1],
    [99, 5],
  ])('of OCSF severity %i has syslog severity %i, over UDP, in the form of RFC 5424', async (ocsf, severity) => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const arrived = new Promise<string>((resolve) => socket.once('message', (bytes) => resolve(bytes.toString())));
    const sink = sinkTo({ over: 'udp', host: '127.0.0.1', port: socket.address().port });
    const one = event('a', { data: { severity_id: ocsf, message: 'line\n<13>1 forged' } });
    await sink.emit(one);
    const [, priority, time, host, app, process, what, text] = FORM.exec(await arrived) ?? [];
    expect([Number(priority), time, host, app, process, what]).toEqual([
      13 * 8 + severity,
      one.time,
      'gateway',
      'vallum',
      '7',
      'route-closed',
    ]);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text ?? '')).toEqual(one);
  });
});

describe('a stream', () => {
  it('is cut where each message ends, whatever the messages hold', async () => {
    const heard = await listen({ host: '127.0.0.1', port: 0 });
    const sink = sinkTo(tcp(heard.server));
    const events = ['12 34', '\u20ac\u{1f600}', '{"a":1}\n'].map((message, at) =>
      event(`${at}`, { data: { message } }),
    );
    for (const one of events) await sink.emit(one);
    await heard.until(3);
    expect(heard.messages().map((text) => JSON.parse(FORM.exec(text)?.[7] ?? '') as SecurityEvent)).toEqual(events);
    expect(heard.sockets).toHaveLength(1);
  });

  it('goes over a Unix socket as well', async () => {
    const folder = await mkdtemp(`${tmpdir()}/vallum-syslog-`);
    closers.push(() => rm(folder, { recursive: true }));
    const heard = await listen({ path: `${folder}/log` });
    const sink = sinkTo(readSyslogAddress(`unix://${folder}/log`));
    await sink.emit(event('a'));
    await heard.until(1);
    expect(sink.stats()).toMatchObject({ emitted: 1, delivered: 1 });
  });

  it('that the server ends is opened again, and the next event arrives', async () => {
    const heard = await listen({ host: '127.0.0.1', port: 0 });
    const sink = sinkTo(tcp(heard.server));
    await sink.emit(event('a'));
    await heard.until(1);
    const [first] = heard.sockets;
    const ended = new Promise((resolve) => first?.once('close', resolve));
    first?.end();
    await ended;
    await sink.emit(event('b'));
    await heard.until(2);
    expect(heard.sockets).toHaveLength(2);
  });
});

describe('no server', () => {
  it('is tried again a few times, then the event is dropped and counted', async () => {
    const heard = await listen({ host: '127.0.0.1', port: 0 });
    const address = tcp(heard.server);
    await new Promise((resolve) => heard.server.close(resolve));
    const sink = sinkTo(address, { tries: 3 });
    expect(await fateOf(sink.emit(event('a')))).toBe('EVENT_DROPPED');
    expect(sink.stats()).toMatchObject({ emitted: 1, dropped: 1, waiting: 0 });
    expect(sink.stats().lastError).toMatch(/ECONNREFUSED/);
  });
});

describe('an address', () => {
  it.each<[string, SyslogAddress]>([
    ['udp://log.example.org', { over: 'udp', host: 'log.example.org', port: 514 }],
    ['tcp://[::1]:6514', { over: 'tcp', host: '::1', port: 6514 }],
    ['tcp://log.example.org/', { over: 'tcp', host: 'log.example.org', port: 601 }],
    ['unix:///run/a%20b', { over: 'unix', path: '/run/a b' }],
  ])('%s', (text, address) => expect(readSyslogAddress(text)).toEqual(address));

  it.each(['', 'log.example.org:514', 'http://a', 'udp://u@a', 'udp://', 'tcp://a/b', 'unix://host/path', 'unix://'])(
    '%j is none',
    (text) => {
      expect(() => readSyslogAddress(text)).toThrow(expect.objectContaining({ code: 'EVENTS_SYSLOG' }) as Error);
    },
  );
});
