// Events to a syslog server over UDP, TCP or a Unix stream socket. Syslog has no answer: delivered means that this machine's
// network took the message, and no more. Whoever has to be sure adds a file or a webhook.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lane } from '../lane.js';
import type { Letter } from '../lane.js';
import { pauseAfter } from '../retry.js';
import type { Sink } from '../sink.js';
import { framed, syslogMessage } from '../syslog-message.js';
import type { SyslogAddress, SyslogNames } from '../syslog-message.js';

const CONNECT_MS = 5_000;
const WRITE_MS = 5_000;
const BACKOFF = { first: 200, most: 10_000 };

export interface SyslogSinkOptions {
  readonly address: SyslogAddress;
  readonly names: SyslogNames;
  /** In [0, 1): scatters the pauses between two tries. */
  readonly random: () => number;
  /** Tries of one event over a stream; 6 by default. */
  readonly tries?: number;
  readonly waiting?: number;
  readonly backoff?: { readonly first: number; readonly most: number };
}

export function syslogSink(options: SyslogSinkOptions): Sink {
  const { address, names, waiting } = options;
  const way = address.over === 'udp' ? new Datagrams(address) : new Stream(options);
  const lane = new Lane({
    deliver: ([letter], closing) => way.send(bytesOf(letter, names), closing),
    ...(waiting === undefined ? {} : { waiting }),
  });
  return {
    emit: (event) => lane.emit(event),
    stats: () => lane.stats(),
    close: async (): Promise<void> => {
      await lane.close();
      way.end();
    },
  };
}

function bytesOf(letter: Letter | undefined, names: SyslogNames): Buffer {
  return letter === undefined ? Buffer.alloc(0) : syslogMessage(letter.event, letter.text, names);
}

class Datagrams {
  readonly #address: SyslogAddress & { readonly over: 'udp' | 'tcp' };
  readonly #socket;

  constructor(address: SyslogAddress & { readonly over: 'udp' | 'tcp' }) {
    this.#address = address;
    this.#socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('error', () => undefined);
  }

  send(message: Buffer): Promise<void> {
    const { host, port } = this.#address;
    return new Promise((resolve, reject) => {
      this.#socket.send(message, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  end(): void {
    this.#socket.close();
  }
}

class Stream {
  readonly #options: SyslogSinkOptions;
  #socket: Socket | undefined;

  constructor(options: SyslogSinkOptions) {
    this.#options = options;
  }

  /** A message that was cut off by a broken connection is sent again, whole: the server may have it twice, never half. */
  async send(message: Buffer, closing: AbortSignal): Promise<void> {
    const { tries = 6, random, backoff = BACKOFF } = this.#options;
    for (let failed = 1; ; failed += 1)
      try {
        this.#socket ??= await open(this.#options.address);
        await write(this.#socket, framed(message));
        return;
      } catch (error) {
        this.end();
        if (failed >= tries || closing.aborted) throw error;
        await sleep(pauseAfter(failed, backoff, random), undefined, { signal: closing });
      }
  }

  end(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function open(address: SyslogAddress): Promise<Socket> {
  const target = address.over === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('the syslog server did not answer in time')));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.unref();
      // Nothing that comes back is of interest; a half-closed connection is found at the next write.
      socket.resume();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('the syslog server takes nothing')), WRITE_MS);
    const done = (error?: Error | null): void => {
      clearTimeout(timer);
      socket.off('close', closed).off('error', failed);
      if (error instanceof Error) reject(error);
      else resolve();
    };
    const failed = (error: Error): void => done(error);
    const closed = (): void => done(new Error('the syslog server closed the connection'));
    if (socket.destroyed || socket.readableEnded) return done(new Error('the syslog server closed the connection'));
    socket.once('error', failed).once('close', closed);
    socket.write(bytes, done);
  });
}
