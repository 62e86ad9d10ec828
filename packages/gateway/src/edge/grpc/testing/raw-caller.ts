// A caller that speaks HTTP/2 by hand: for frames that no gRPC library sends.
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';

export interface RawAnswer {
  readonly headers: Record<string, unknown>;
  readonly trailers: Record<string, unknown>;
  readonly body: Buffer;
  readonly rstCode: number;
}

export const INFER = '/inference.GRPCInferenceService/ModelInfer';
export const CALL_HEAD: OutgoingHttpHeaders = {
  ':method': 'POST',
  ':path': INFER,
  'content-type': 'application/grpc',
  te: 'trailers',
};

export function frame(message: Buffer | string, flag = 0): Buffer {
  const bytes = Buffer.from(message);
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

export function rawSession(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  return session;
}

/** What came back until the stream closed. */
export function gather(stream: ClientHttp2Stream): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  let headers: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  stream.on('response', (seen) => (headers = { ...seen }));
  stream.on('trailers', (seen: Record<string, unknown>) => (trailers = { ...seen }));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.on('close', () => resolve({ headers, trailers, body: Buffer.concat(chunks), rstCode: stream.rstCode }));
  });
}

/** One call with any head and any body. */
export async function rawCall(
  session: ClientHttp2Session,
  head: OutgoingHttpHeaders,
  body: Buffer,
): Promise<RawAnswer> {
  const stream = session.request(head, { endStream: false });
  const answer = gather(stream);
  stream.end(body);
  return answer;
}

export function closed(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed) resolve();
    else session.on('close', () => resolve());
  });
}
