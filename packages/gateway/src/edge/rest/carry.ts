// One admitted request from body to answer. A caller who goes away stops the upstream; an upstream that fails is told as a
// code; a stream goes out as fast as its reader takes it and no faster.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '@vallum/core';
import type { Exchange, Forward } from '../../door/exchange.js';
import type { StreamGuard } from '../../door/parts.js';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import { next } from '../../door/soon.js';
import type { Call, UpstreamHeaders } from '../upstream/call.js';
import { readBody } from './read-body.js';
import { holdAnswer, limitStall } from './slow-readers.js';
import { NOT_RECORDED, send, sendRefusal, whenRecorded } from './send.js';
import type { RestContext } from './rest-context.js';

/** @param read the body, where it was read already, and what gives back the memory that it holds */
export function carry(
  context: RestContext,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  read?: { readonly body: Buffer; readonly release: () => void },
): void {
  const carried = new Carried(context, request, response, exchange);
  if (read === undefined) carried.start();
  else carried.take(read.body, read.release);
}

class Carried {
  readonly #context: RestContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #exchange: Exchange;
  #release: () => void = () => undefined;
  #callOff: () => void = () => undefined;
  #call: Call | undefined;
  #guard: StreamGuard | undefined;
  #status = 0;
  #headers: UpstreamHeaders = {};
  #streamed = 0;
  /** What waits for the record of a stream's beginning; undefined when nothing has to wait. */
  #waiting: Buffer[] | undefined;
  #isEnded = false;
  #isOver = false;

  constructor(context: RestContext, request: IncomingMessage, response: ServerResponse, exchange: Exchange) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#exchange = exchange;
  }

  /** Reads the body first. */
  start(): void {
    const { maxBytes } = this.#exchange.plan;
    this.#release = readBody(this.#request, maxBytes, this.#context.held, (body, release) => {
      this.#release = release;
      if (isRefusal(body)) return this.#refuse(body);
      this.#take(body);
    });
    this.#watch();
  }

  take(body: Buffer, release: () => void): void {
    this.#release = release;
    this.#watch();
    if (!this.#isOver) this.#take(body);
  }

  /** From now on, and for whoever has left already while it was looked at, the end of the connection ends this. */
  #watch(): void {
    this.#callOff = this.#context.links.atEnd(this.#request.socket, () => this.#left());
  }

  #take(body: Buffer): void {
    try {
      const taken = next(this.#exchange.take(body), (forward) => this.#forward(forward));
      if (taken instanceof Promise) taken.catch((error: unknown) => this.#broke(error));
    } catch (error) {
      this.#broke(error);
    }
  }

  #forward(forward: Forward | Refusal): void {
    if (isRefusal(forward)) return this.#refuse(forward);
    // The caller may have left while its input was looked at: then nothing is sent.
    if (this.#isOver) return;
    const { output } = this.#exchange.plan.route.settings;
    this.#call = this.#context.upstream(forward.upstream).call(forward, output.maxBytes, {
      head: (status, headers) => this.#guarded(() => this.#head(forward, status, headers)),
      chunk: (chunk) => this.#guarded(() => this.#chunk(chunk)),
      done: (body) => this.#done(body),
      failed: (refusal) => this.#failed(refusal),
    });
  }

  /** What is thrown here would be taken by undici for a fault of the upstream. */
  #guarded(work: () => boolean): boolean {
    try {
      return work();
    } catch (error) {
      this.#broke(error);
      return true;
    }
  }

  /** @returns whether the answer is passed on as it comes */
  #head(forward: Forward, status: number, headers: UpstreamHeaders): boolean {
    this.#status = status;
    this.#headers = headers;
    const isEvents = (headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream');
    if (!forward.stream || !isEvents || this.#exchange.refusalOf(status, headers) !== undefined) return false;
    this.#guard = this.#exchange.streamGuard();
    if (this.#guard !== undefined && this.#context.isDurable) this.#recordBeginning();
    return this.#guard !== undefined;
  }

  /** With `records.durable: before` the first byte of a stream waits for a record that says it begins. */
  #recordBeginning(): void {
    this.#waiting = [];
    whenRecorded(this.#context, this.#exchange.begun(), (isRecorded) => {
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (this.#isOver) return;
      if (!isRecorded) {
        this.#refuse(NOT_RECORDED);
        return this.#call?.abort('the decision could not be recorded');
      }
      if (this.#pass(Buffer.concat(waiting))) this.#call?.resume();
      if (this.#isEnded) this.#endStream();
    });
  }

  #chunk(chunk: Buffer): boolean {
    if (this.#isOver || this.#guard === undefined) return true;
    return this.#pass(this.#guard.push(chunk));
  }

  /** @returns false when the reader is behind */
  #pass(guarded: Buffer | Refusal): boolean {
    if (isRefusal(guarded)) {
      this.#refuse(guarded);
      this.#call?.abort('the stream was ended');
      return true;
    }
    if (this.#waiting !== undefined) {
      this.#waiting.push(guarded);
      return false;
    }
    if (guarded.length === 0) return true;
    if (!this.#response.headersSent) this.#beginStream();
    this.#streamed += guarded.length;
    if (this.#response.write(guarded)) return true;
    const { socket } = this.#request;
    socket.setTimeout(this.#context.stallMs);
    this.#response.once('drain', () => {
      socket.setTimeout(0);
      this.#call?.resume();
    });
    return false;
  }

  #beginStream(): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-vallum-decision': this.#exchange.id,
    });
  }

  #done(body: Buffer): void {
    this.#exchange.reported(this.#status < 500);
    if (this.#isOver) return;
    try {
      if (this.#guard === undefined) this.#answer(body);
      else this.#lastOfStream(this.#guard);
    } catch (error) {
      this.#broke(error);
    }
  }

  #answer(body: Buffer): void {
    const written = this.#exchange.answer(this.#status, this.#headers, body);
    if (isRefusal(written)) return this.#refuse(written);
    if (!holdAnswer(this.#context, this.#request, this.#response, written.body.length))
      return this.#refuse(refuse('overloaded', 'all answers together hold too much memory', { retryAfter: 1 }));
    this.#finish();
    const { id } = this.#exchange;
    whenRecorded(this.#context, this.#exchange.end({ status: 200, bytesOut: written.body.length }), (isRecorded) => {
      if (!isRecorded) return sendRefusal(this.#request, this.#response, NOT_RECORDED, id);
      const headers = { ...written.headers, 'x-vallum-decision': id };
      send(this.#request, this.#response, { status: 200, headers, body: written.body });
      limitStall(this.#context, this.#request);
    });
  }

  #lastOfStream(guard: StreamGuard): void {
    this.#pass(guard.finish());
    this.#isEnded = true;
    if (this.#waiting === undefined) this.#endStream();
  }

  #endStream(): void {
    if (this.#isOver) return;
    this.#exchange.mask(this.#guard?.masked ?? {});
    this.#finish();
    if (!this.#response.headersSent) this.#beginStream();
    this.#response.end();
    limitStall(this.#context, this.#request);
    void this.#exchange.end({ status: 200, bytesOut: this.#streamed });
  }

  #failed(refusal: Refusal): void {
    // What the caller broke off is no fault of the upstream.
    if (!this.#isOver) this.#exchange.reported(false);
    this.#refuse(refusal);
  }

  #refuse(refusal: Refusal): void {
    if (this.#isOver) return;
    this.#finish();
    const { id } = this.#exchange;
    if (this.#response.headersSent) {
      // Half an answer is out: the connection ends without the last chunk, so nobody takes it for a whole one.
      void this.#exchange.end({ status: 200, bytesOut: this.#streamed, refusal });
      this.#response.destroy();
      return;
    }
    whenRecorded(this.#context, this.#exchange.end({ status: refusal.status, bytesOut: 0, refusal }), (isRecorded) =>
      sendRefusal(this.#request, this.#response, isRecorded ? refusal : NOT_RECORDED, id),
    );
  }

  /** A fault of ours, and none of the upstream: the caller is told first, so that ending the call changes nothing. */
  #broke(error: unknown): void {
    this.#refuse(refuse('unavailable', `the gateway failed: ${messageOf(error)}`));
    this.#call?.abort('the gateway failed');
  }

  /** The connection closed before an answer was whole. */
  #left(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#call?.abort('the caller left');
    const why = 'the connection ended: the caller left, was too slow to send, or took nothing of its answer';
    void this.#exchange.end({ status: 499, bytesOut: this.#streamed, refusal: refuse('time-out', why) });
  }

  #finish(): void {
    this.#isOver = true;
    this.#callOff();
    this.#release();
  }
}
