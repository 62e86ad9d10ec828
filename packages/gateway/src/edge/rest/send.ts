// How an answer leaves: after its record where that was asked for, and never with more of a request still unread behind it
// than we are ready to skip.
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Turned } from '../../door/door.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { TurnedAway } from '../../door/turned-away.js';
import { turnedAway } from '../../door/turned-away.js';
import type { RestContext } from './rest-context.js';

/** Bytes up to which head and body leave in one write: a copy of so few costs less than a second piece does. */
const ONE_WRITE = 8 * 1024;
/** A disk that hangs must not keep callers waiting; the record may still come, of a request that got no answer. */
const RECORD_MS = 10_000;
/** Bytes of an unread body that are skipped to keep a connection; a longer one ends it. */
const SKIPPED = 64 * 1024;

export function sendTurned(
  context: RestContext,
  request: IncomingMessage,
  response: ServerResponse,
  turned: Turned,
): void {
  whenRecorded(context, turned.recorded, (isRecorded) =>
    sendRefusal(request, response, isRecorded ? turned.turned : NOT_RECORDED, turned.id),
  );
}

/** With `records.durable: before` nothing is answered that was not written down. */
export function whenRecorded(
  { isDurable }: RestContext,
  recorded: Promise<void>,
  send: (isRecorded: boolean) => void,
): void {
  if (!isDurable) return send(true);
  let isSent = false;
  const once = (isRecorded: boolean): void => {
    clearTimeout(timer);
    if (!isSent) send(isRecorded);
    isSent = true;
  };
  const timer = setTimeout(() => once(false), RECORD_MS);
  recorded.then(
    () => once(true),
    () => once(false),
  );
}

export const NOT_RECORDED = refuse('unavailable', 'the decision could not be recorded');

export function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal, id: string): void {
  send(request, response, turnedAway(refusal, id, request.url ?? ''), refusal.code === 'bad-framing');
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: TurnedAway,
  mustClose = false,
): void {
  if (response.headersSent || response.destroyed) return;
  const closes = mustClose || (!request.complete && !isShort(request));
  const head: (string | number)[] = [];
  for (const name in headers) head.push(name, headers[name] as string);
  head.push('content-length', body.length);
  if (closes) head.push('connection', 'close');
  response.writeHead(status, head as OutgoingHttpHeader[]);
  // Node joins a text with the head, and latin1 is each byte as it is.
  if (body.length <= ONE_WRITE) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** Whether what is left of a body is worth reading for the sake of the connection. */
function isShort({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= SKIPPED;
}
