// Callers who do not read their answers: what is written for them lies in our memory, so long answers are counted together with
// bodies, and whoever takes nothing for a while is cut off.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RestContext } from './rest-context.js';

/** Shorter answers are not counted: each connection has at most one. */
const SHORT = 64 * 1024;

/** @returns false when there is no room for the answer now */
export function holdAnswer(
  { held, links }: RestContext,
  { socket }: IncomingMessage,
  response: ServerResponse,
  bytes: number,
): boolean {
  if (bytes <= SHORT) return true;
  if (!held.take(bytes)) return false;
  let isHeld = true;
  const give = (): void => {
    if (isHeld) held.give(bytes);
    isHeld = false;
    callOff();
  };
  let callOff = (): void => undefined;
  callOff = links.atEnd(socket, give);
  response.once('finish', give);
  return true;
}

/** Called when an answer was ended: what the system did not take at once has to be taken in time. Node ends this with the answer. */
export function limitStall({ stallMs }: RestContext, { socket }: IncomingMessage): void {
  if (socket.writableLength > 0) socket.setTimeout(stallMs);
}
