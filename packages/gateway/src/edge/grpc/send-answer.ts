// The three answers of gRPC: a message with trailers, trailers only, and plain HTTP for what is no call at all.
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Refusal } from '../../door/refusal.js';
import { prefixOf } from '../../grpc/frame.js';
import { GRPC_OK, refusalTrailers } from '../../grpc/status.js';

const CONTENT_TYPE = 'application/grpc';

/** @param decision Absent for what no decision was needed. */
export function sendMessage(stream: ServerHttp2Stream, message: Buffer, decision?: string): void {
  if (stream.destroyed || stream.closed) return;
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(GRPC_OK) }));
  stream.respond(
    {
      ':status': 200,
      'content-type': CONTENT_TYPE,
      ...(decision === undefined ? {} : { 'x-vallum-decision': decision }),
    },
    { waitForTrailers: true },
  );
  stream.cork();
  stream.write(prefixOf(message));
  stream.end(message);
}

export function sendRefusal(stream: ServerHttp2Stream, refusal: Refusal, admitted: boolean, decision: string): void {
  answerAtOnce(stream, {
    ':status': 200,
    'content-type': CONTENT_TYPE,
    ...refusalTrailers(refusal, admitted, decision),
  });
}

/** For requests that speak no gRPC, which would take a status of 200 for success. */
export function sendHttpRefusal(stream: ServerHttp2Stream, refusal: Refusal, decision: string): void {
  answerAtOnce(stream, {
    ':status': refusal.status,
    'x-vallum-decision': decision,
    ...(refusal.status === constants.HTTP_STATUS_METHOD_NOT_ALLOWED ? { allow: 'POST' } : {}),
  });
}

/** Headers and the end. A caller that still sends is told to stop, as RFC 9113 section 8.1 has it. */
function answerAtOnce(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(headers, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
