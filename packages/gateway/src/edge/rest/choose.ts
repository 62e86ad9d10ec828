// A path of several routes: the body is read first, and says which of them is meant.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Choosing, Turned } from '../../door/door.js';
import { wasTurned } from '../../door/door.js';
import type { Exchange } from '../../door/exchange.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import { next } from '../../door/soon.js';
import { carry } from './carry.js';
import { readBody } from './read-body.js';
import type { RestContext } from './rest-context.js';
import { sendTurned } from './send.js';

export function choose(
  context: RestContext,
  request: IncomingMessage,
  response: ServerResponse,
  choosing: Choosing,
): void {
  const giveUp = readBody(request, choosing.maxBytes, context.held, (body, release) => {
    callOff();
    const go = (entered: Exchange | Turned): void => {
      if (!wasTurned(entered)) return carry(context, request, response, entered, { body: body as Buffer, release });
      release();
      sendTurned(context, request, response, entered);
    };
    if (isRefusal(body)) return go(choosing.refuse(body));
    void next(choosing.choose(body), go);
  });
  const callOff = context.links.atEnd(request.socket, () => {
    giveUp();
    choosing.refuse(refuse('time-out', 'the connection ended before the body was whole'));
  });
}
