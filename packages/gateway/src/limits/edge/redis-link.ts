// One connection to Redis or Valkey, for questions that must be answered soon or not at all: nothing is queued while it is
// away, every command has a time-out, and after one the store is left alone for a moment.
import { sha256, VallumError } from '@vallum/core';
import { createClient } from '@redis/client';

export interface RedisOptions {
  /** `redis://host:port` or `rediss://host:port`. */
  readonly url: string;
  readonly password?: string;
  /** Of one command, in milliseconds. */
  readonly timeoutMs?: number;
  /** Told whenever the store can be reached again or no longer. */
  readonly onState?: (isUp: boolean, reason: string) => void;
}

const TIMEOUT_MS = 250;
const CONNECT_MS = 2_000;
const MOST_QUEUED = 50_000;
/** After a time-out nobody waits for the store so long: one slow store must not make every request slow. */
const REST_MS = 1_000;
const SLOWEST_RETRY_MS = 1_000;

type Client = ReturnType<typeof createClient>;

export class RedisLink {
  readonly #client: Client;
  readonly #timeoutMs: number;
  readonly #readyWork: (() => void)[] = [];
  #restUntil = 0;
  /** Undefined until it is known: that the store is away from the beginning is told too. */
  #isUp: boolean | undefined;
  readonly #onState: RedisOptions['onState'];

  constructor({ url, password, timeoutMs = TIMEOUT_MS, onState }: RedisOptions) {
    this.#timeoutMs = timeoutMs;
    this.#onState = onState;
    this.#client = createClient({
      url,
      ...(password === undefined ? {} : { password }),
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      commandsQueueMaxLength: MOST_QUEUED,
      socket: {
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), SLOWEST_RETRY_MS),
      },
    });
    this.#client.on('error', (error: Error) => this.#tell(false, error.message));
    this.#client.on('ready', () => {
      this.#restUntil = 0;
      this.#tell(true, 'connected');
      for (const work of this.#readyWork) work();
    });
  }

  /** Begins to connect and goes on trying; resolves when connected, or after two seconds without. */
  async start(): Promise<void> {
    const connected = this.#client.connect().then(
      () => undefined,
      () => undefined,
    );
    await within(connected, CONNECT_MS).catch(() => undefined);
  }

  /** Work to be done now if there is a connection, and whenever there is one again. */
  whenReady(work: () => void): void {
    this.#readyWork.push(work);
    if (this.#client.isReady) work();
  }

  /** Runs a script with one key. @throws VallumError `REDIS_GONE` */
  async run(script: Script, key: string, values: readonly string[]): Promise<unknown> {
    const rest = ['1', key, ...values];
    return this.#ask(async () => {
      try {
        return await this.#client.sendCommand(['EVALSHA', script.sha1, ...rest]);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return this.#client.sendCommand(['EVAL', script.text, ...rest]);
      }
    });
  }

  /** @throws VallumError `REDIS_GONE` */
  async command(words: readonly string[]): Promise<unknown> {
    return this.#ask(() => this.#client.sendCommand([...words]));
  }

  /** Listens on a connection of its own, also after this one was lost. */
  async subscribe(channel: string, heard: (message: string) => void): Promise<() => void> {
    const listener = this.#client.duplicate({ disableOfflineQueue: false });
    listener.on('error', () => undefined);
    const subscribed = listener.connect().then(() => listener.subscribe(channel, heard));
    await within(subscribed, CONNECT_MS).catch(() => undefined);
    subscribed.catch(() => undefined);
    return () => listener.destroy();
  }

  close(): void {
    this.#readyWork.length = 0;
    if (this.#client.isOpen) this.#client.destroy();
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#client.isReady) throw gone('there is no connection');
    if (performance.now() < this.#restUntil) throw gone('it did not answer in time a moment ago');
    try {
      const answer = await within(work(), this.#timeoutMs);
      this.#tell(true, 'it answers');
      return answer;
    } catch (error) {
      if (error instanceof TimeOut) {
        this.#restUntil = performance.now() + REST_MS;
        this.#tell(false, 'it does not answer in time');
      }
      throw gone(error instanceof Error ? error.message : String(error), error);
    }
  }

  #tell(isUp: boolean, reason: string): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    this.#onState?.(isUp, reason);
  }
}

export interface Script {
  readonly text: string;
  /** As the server names it. */
  readonly sha1: string;
}

class TimeOut extends Error {}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeOut(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function gone(why: string, cause?: unknown): VallumError {
  return new VallumError('REDIS_GONE', `the shared state cannot be reached: ${why}`, {
    fix: 'see that the server of cluster.redis runs and can be reached from here',
    cause,
  });
}

/** Names of callers stay out of the shared store. */
export function keyFor(prefix: string, what: string, of: readonly string[]): string {
  return `${prefix}:${what}:${sha256(JSON.stringify(of)).slice(0, 32)}`;
}
