// One call, from its head to its trailers: the door decides, the upstream answers, and whatever ends early ends both.
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { messageOf } from '@vallum/core';
import type { Turned } from '../../door/door.js';
import type { Incoming } from '../../door/parts.js';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import type { Head } from '../../grpc/head.js';
import { readHead } from '../../grpc/head.js';
import { HEALTH_BYTES, healthAnswer } from '../../grpc/health.js';
import type { HeldBytes, HeldLease } from '../../grpc/held-bytes.js';
import type { GrpcChoosing, GrpcDoor, GrpcExchange, GrpcUpstream, Health } from '../../grpc/ports.js';
import { CallLife } from './call-life.js';
import type { Connection } from './connection.js';
import type { GrpcLimits } from './limits.js';
import { readMessage } from './read-message.js';
import { sendHttpRefusal, sendMessage, sendRefusal } from './send-answer.js';

export interface CallParts {
  readonly door: GrpcDoor;
  readonly health: Health;
  readonly upstream: (name: string) => GrpcUpstream | undefined;
  readonly limits: GrpcLimits;
  readonly memory: HeldBytes;
  /** Answer only when the record is durable. */
  readonly waitForRecord: boolean;
}

/** A call under way. */
interface Call {
  readonly stream: ServerHttp2Stream;
  readonly life: CallLife;
  readonly memory: HeldLease;
  readonly parts: CallParts;
}

/** Refusals that say something about the upstream, for its breaker; the caller's own faults do not. */
const UPSTREAM_FAULTS = new Set(['bad-upstream', 'unavailable', 'overloaded', 'upstream-time-out']);
const ANSWER_HEADERS = { 'content-type': 'application/grpc' };

/** Never rejects. */
export async function serveCall(
  stream: ServerHttp2Stream,
  rawHeaders: readonly string[],
  connection: Connection,
  parts: CallParts,
): Promise<void> {
  const head = readHead(rawHeaders, parts.limits.headerBytes);
  const life = new CallLife(stream, head.timeoutMs);
  const memory = parts.memory.lease();
  // What the answer holds is given back when it was sent, or when nobody takes it.
  stream.once('close', () => memory.release());
  const call = { stream, life, memory, parts };
  try {
    const answer = head.refusal === undefined ? healthAnswer(head.path, parts.health) : undefined;
    await (answer === undefined ? serveThroughDoor(call, head, connection) : serveHealth(call, answer));
  } finally {
    life.stop();
    if (stream.destroyed) memory.release();
    else cutWhenSlow(stream, parts.limits.answerMs);
  }
}

async function serveHealth({ stream, life, memory, parts }: Call, answer: Buffer): Promise<void> {
  const { bodyMs: timeoutMs } = parts.limits;
  const message = await readMessage(stream, { maxBytes: HEALTH_BYTES, timeoutMs, memory, signal: life.signal });
  if (isRefusal(message)) sendRefusal(stream, message, true, '-');
  else sendMessage(stream, answer);
}

async function serveThroughDoor(call: Call, head: Head, connection: Connection): Promise<void> {
  const soon = call.parts.door.enter(incoming(head, connection));
  const entered = soon instanceof Promise ? await soon : soon;
  if ('choose' in entered) return choose(call, entered);
  return 'turned' in entered ? turnAway(call, entered, head) : serveExchange(call, entered);
}

/** A path of several routes: the message is read first, and says which of them is meant. */
async function choose(call: Call, choosing: GrpcChoosing): Promise<void> {
  const message = await messageWithin(call, choosing.maxBytes);
  const entered = isRefusal(message) ? choosing.refuse(message) : await choosing.choose(message);
  return 'turned' in entered ? turnAway(call, entered) : serveExchange(call, entered, message as Buffer);
}

/** @param head where the caller is told before anything of the message was read */
async function turnAway({ stream, parts }: Call, { turned, id, recorded }: Turned, head?: Head): Promise<void> {
  const isRecorded = recorded.catch(() => {});
  if (parts.waitForRecord) await isRecorded;
  if (turned === head?.refusal && (turned.status === 405 || turned.status === 415)) sendHttpRefusal(stream, turned, id);
  else sendRefusal(stream, turned, head === undefined, id);
}

function incoming(head: Head, connection: Connection): Incoming {
  const { method, path, contentType, authorization, apiKey, refusal } = head;
  const { peer, certificate } = connection;
  return {
    transport: 'grpc',
    method,
    target: path,
    credentials: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(certificate === undefined ? {} : { certificate }),
    },
    peer,
    contentType,
    headerLength: undefined,
    contentLength: undefined,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

async function serveExchange(call: Call, exchange: GrpcExchange, message?: Buffer): Promise<void> {
  const { stream, life, parts } = call;
  const result = await answerOf(call, exchange, message).catch((error: unknown) =>
    refuse('unavailable', `the gateway failed: ${messageOf(error)}`),
  );
  // What was decided after the deadline is no answer any more, and the record must not call it one.
  const decided = life.over ?? result;
  const refusal = isRefusal(decided) ? decided : undefined;
  const [status, bytesOut] = isRefusal(decided) ? [decided.status, 0] : [200, decided.length];
  const recorded = exchange
    .end({ status, bytesOut, ...(refusal === undefined ? {} : { refusal }) })
    .then(() => undefined)
    .catch((error: unknown) => refuse('unavailable', `the decision could not be recorded: ${messageOf(error)}`));
  const sent = (parts.waitForRecord ? await recorded : undefined) ?? decided;
  if (isRefusal(sent)) sendRefusal(stream, sent, true, exchange.id);
  else sendMessage(stream, sent, exchange.id);
}

/** @param read the message, where it was read already */
async function answerOf(call: Call, exchange: GrpcExchange, read?: Buffer): Promise<Buffer | Refusal> {
  const { life, memory, parts } = call;
  const { signal } = life;
  const { maxBytes, route } = exchange.plan;
  const message = read ?? (await messageWithin(call, maxBytes));
  if (isRefusal(message)) return message;
  const forward = await exchange.take(message);
  if (isRefusal(forward)) return forward;
  const upstream = parts.upstream(forward.upstream);
  // Asked before the call: the breaker counts only what was sent.
  if (life.over !== undefined || upstream === undefined) {
    exchange.reported(true);
    return life.over ?? refuse('unavailable', `there is no gRPC upstream ${forward.upstream}`);
  }
  const timeoutMs = life.remaining;
  const answer = await upstream.call({
    path: forward.path,
    message: forward.body,
    maxBytes: route.settings.output.maxBytes,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    signal,
  });
  // Callers choose when they cancel and how short their deadlines are: neither may open the breaker for everybody else.
  exchange.reported(life.over !== undefined || !isRefusal(answer) || !UPSTREAM_FAULTS.has(answer.code));
  if (isRefusal(answer)) return answer;
  const written = exchange.answer(200, ANSWER_HEADERS, answer);
  if (isRefusal(written)) return written;
  return memory.add(written.body.length)
    ? written.body
    : refuse('overloaded', 'answers are more than can be held at once');
}

function messageWithin({ stream, life, memory, parts }: Call, maxBytes: number): Promise<Buffer | Refusal> {
  return readMessage(stream, { maxBytes, timeoutMs: parts.limits.bodyMs, memory, signal: life.signal });
}

function cutWhenSlow(stream: ServerHttp2Stream, answerMs: number): void {
  const timer = setTimeout(() => {
    stream.close(constants.NGHTTP2_CANCEL);
    // The frame that says so may never leave either.
    stream.destroy();
  }, answerMs);
  stream.once('close', () => clearTimeout(timer));
}
