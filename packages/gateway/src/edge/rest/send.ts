// How an answer leaves: after its record where that was asked for, and never with more of a request still unread behind it
// than we are ready to skip.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Turned } from '../../door/door.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { TurnedAway } from '../../door/turned-away.js';
import { turnedAway } from '../../door/turned-away.js';
import type { RestContext } from './rest-context.js';

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
  recorded.then(
    () => send(true),
    () => send(false),
  );
}

export const NOT_RECORDED = refuse('unavailable', 'the decision could not be recorded');

export function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal, id: string): void {
  send(request, response, turnedAway(refusal, id), refusal.code === 'bad-framing');
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: TurnedAway,
  mustClose = false,
): void {
  if (response.headersSent || response.destroyed) return;
  const closes = mustClose || (!request.complete && !isShort(request));
  response.writeHead(status, { ...headers, 'content-length': body.length, ...(closes ? { connection: 'close' } : {}) });
  response.end(body);
}

/** Whether what is left of a body is worth reading for the sake of the connection. */
function isShort({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= SKIPPED;
}
