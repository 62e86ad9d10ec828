// Events by HTTP POST, signed, one request each. A receiver that fails is tried again with growing pauses; what it refuses, or
// what no try delivers, goes to the dead letters. Delivery is at least once: the id tells a second copy.
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { VallumError } from '@vallum/core';
import type { Clock } from '@vallum/core';
import { Lane } from '../lane.js';
import type { Letter } from '../lane.js';
import { pauseAfter } from '../retry.js';
import type { Sink } from '../sink.js';
import { SECRET_BYTES, signatureHeaders } from '../webhook-signature.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const BACKOFF = { first: 500, most: 60_000 };
/** Bytes of an answer that are read before the connection is given up; nothing of it is used. */
const MOST_ANSWER_BYTES = 64 * 1024;
const SIDE_BY_SIDE = 4;

export interface WebhookSinkOptions {
  /** https, or http to this machine. */
  readonly url: string;
  /** At least 24 bytes; shared with the receiver. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  /** In [0, 1): scatters the pauses between two tries. */
  readonly random: () => number;
  /** Where events go that could not be delivered; a file sink. Without it they are dropped. */
  readonly deadLetters?: Sink;
  /** Tries of one event; 8 by default, which with the default pauses is about a minute and a half. */
  readonly tries?: number;
  /** Whole time of one try, in milliseconds; 10,000 by default. */
  readonly timeoutMs?: number;
  readonly waiting?: number;
  readonly backoff?: { readonly first: number; readonly most: number };
  readonly closingMs?: number;
}

/** @throws VallumError `EVENTS_WEBHOOK` for an address that is neither https nor of this machine, or a short secret */
export function webhookSink(options: WebhookSinkOptions): Sink {
  const url = readUrl(options.url);
  if (options.secret.length < SECRET_BYTES)
    throw new VallumError('EVENTS_WEBHOOK', `the secret of the webhook has fewer than ${SECRET_BYTES} bytes`, {
      fix: 'make one with a random generator, such as `openssl rand -base64 32`',
    });
  const { deadLetters, waiting, closingMs } = options;
  const lane = new Lane({
    deliver: ([letter], closing) => (letter === undefined ? Promise.resolve() : send(url, options, letter, closing)),
    sideBySide: SIDE_BY_SIDE,
    ...(waiting === undefined ? {} : { waiting }),
    ...(closingMs === undefined ? {} : { closingMs }),
    ...(deadLetters === undefined ? {} : { deadLetter: ({ event }) => deadLetters.emit(event) }),
  });
  return {
    emit: (event) => lane.emit(event),
    stats: () => lane.stats(),
    close: async (): Promise<void> => {
      await lane.close();
      await deadLetters?.close();
    },
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url;
  throw new VallumError('EVENTS_WEBHOOK', 'events are sent to https addresses only, or to http on this machine', {
    fix: 'give an https URL without user name and password',
  });
}

async function send(url: URL, options: WebhookSinkOptions, letter: Letter, closing: AbortSignal): Promise<void> {
  const { tries = 8, backoff = BACKOFF, random } = options;
  for (let failed = 1; ; failed += 1) {
    const answer = await post(url, options, letter, closing).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && answer.status >= 200 && answer.status < 300) return;
    const why = answer instanceof Error ? answer.message : `the receiver answered ${answer.status}`;
    const mayPass = answer instanceof Error || answer.status >= 500 || answer.status === 408 || answer.status === 429;
    if (!mayPass || failed >= tries || closing.aborted) throw new Error(why);
    const asked = answer instanceof Error ? 0 : answer.retryAfter * 1000;
    const wait = Math.max(pauseAfter(failed, backoff, random), Math.min(asked, backoff.most));
    await sleep(wait, undefined, { signal: closing }).catch(() => undefined);
  }
}

interface Answer {
  readonly status: number;
  /** Seconds that the receiver asks for; 0 for none. */
  readonly retryAfter: number;
}

/** One try. A redirect is an answer like any other: the receiver's address is the one that was configured. */
function post(url: URL, options: WebhookSinkOptions, { event, text }: Letter, closing: AbortSignal): Promise<Answer> {
  const { secret, clock, timeoutMs = 10_000 } = options;
  const seconds = Math.floor(clock().getTime() / 1000);
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...signatureHeaders(secret, { id: event.id, seconds, body: text }),
  };
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = make(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      drain(response);
      response.once('error', reject);
      response.once('close', () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: Number(response.headers['retry-after'] ?? 0) || 0 }),
      );
    });
    request.once('error', (error) =>
      reject(signal.aborted && !closing.aborted ? new Error('the receiver did not answer in time') : error),
    );
    request.end(text);
  });
}

function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
}
