// Requests whose end two parsers may see in different places, and paths that they may read differently. In each the part that
// must never become a request of its own, or a path of its own, is marked. Classes after RFC 9112 section 11, and the names
// under which they are known: CL.TE, TE.CL, TE.TE, CL.0, TE.0.

export const MARK = 'SMUGGLED';
const INFER = '/v2/models/digits/infer';
const HEAD = `POST ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n`;
const HIDDEN = `GET /${MARK} HTTP/1.1\r\nHost: a\r\nX-Mark: ${MARK}\r\n\r\n`;
const CHUNKED_END = '0\r\n\r\n';
const clOf = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}\r\n`;

export interface Smuggled {
  readonly name: string;
  readonly bytes: string;
}

/** Ways to write the header so that some parsers see it and some do not. */
const CODINGS: readonly string[] = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked\u000b',
  'Transfer-Encoding:\u000bchunked',
  'Transfer-Encoding: \u0000chunked',
  ' Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer-Encoding\r\n : chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: CHUNKED;x=y',
  'Transfer-Encoding: cow',
  'transfer-encoding: chunked\r\nContent-Encoding: chunked',
];

const LENGTHS: readonly string[] = [
  '+6',
  '-1',
  '0x6',
  '6 6',
  '6, 6',
  '06',
  '6\r\nContent-Length: 60',
  '',
  '6;',
  '6e0',
  '٦',
];

const CHUNK_SIZES: readonly string[] = [
  '0x5',
  '+5',
  '-5',
  '5 ',
  ' 5',
  '5;',
  '5;a\nb',
  '5\n',
  'g',
  '',
  '100000000000000005',
  '5\r',
];

export const SMUGGLING: readonly Smuggled[] = [
  {
    name: 'CL.TE',
    bytes: `${HEAD}${clOf(CHUNKED_END + HIDDEN)}Transfer-Encoding: chunked\r\n\r\n${CHUNKED_END}${HIDDEN}`,
  },
  {
    name: 'TE.CL',
    bytes: `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
  ...CODINGS.map((coding) => ({
    name: `TE.TE ${JSON.stringify(coding)}`,
    bytes: `${HEAD}${clOf(CHUNKED_END + HIDDEN)}${coding}\r\n\r\n${CHUNKED_END}${HIDDEN}`,
  })),
  ...LENGTHS.map((length) => ({
    name: `length ${JSON.stringify(length)}`,
    bytes: `${HEAD}Content-Length: ${length}\r\n\r\n{"a":1${HIDDEN}`,
  })),
  ...CHUNK_SIZES.map((size) => ({
    name: `chunk size ${JSON.stringify(size)}`,
    bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\n${size}\r\n{"a":\r\n0\r\n\r\n${HIDDEN}`,
  })),
  {
    name: 'CL.0: a body on a GET',
    bytes: `GET ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n${clOf(HIDDEN)}\r\n${HIDDEN}`,
  },
  { name: 'no length, a body', bytes: `${HEAD}\r\n${HIDDEN}` },
  { name: 'bare LF ends', bytes: `${HEAD}${clOf('{}')}X: y\n\n{}${HIDDEN}` },
  { name: 'LF after chunk data', bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n${HIDDEN}` },
  { name: 'no CRLF after chunk data', bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n${HIDDEN}` },
  {
    name: 'chunk extension with a line',
    bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\n2;\n${MARK}\r\n{}\r\n0\r\n\r\n`,
  },
  { name: 'trailers that are a request', bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n${HIDDEN}` },
  { name: 'a folded header', bytes: `${HEAD}X: y\r\n ${MARK}: z\r\n${clOf('{}')}\r\n{}` },
  { name: 'a header without a name', bytes: `${HEAD}: ${MARK}\r\n${clOf('{}')}\r\n{}` },
  { name: 'a NUL in a header', bytes: `${HEAD}X: \u0000${MARK}\r\n${clOf('{}')}\r\n{}` },
  { name: 'a header line that is a request', bytes: `${HEAD}GET /${MARK} HTTP/1.1\r\n${clOf('{}')}\r\n{}` },
  {
    name: 'HTTP/1.0 with chunks',
    bytes:
      HEAD.replace('1.1', '1.0') + `Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n${HIDDEN}`,
  },
  { name: 'HTTP/2.0 in clear text', bytes: HEAD.replace('1.1', '2.0') + `\r\n${HIDDEN}` },
  { name: 'two requests, the second anonymous', bytes: `${HEAD}${clOf('{}')}\r\n{}${HIDDEN}` },
  { name: 'an upgrade', bytes: `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n${clOf('{}')}\r\n{}${HIDDEN}` },
  { name: 'connect', bytes: `CONNECT ${MARK}:80 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n${HIDDEN}` },
  ...[
    `http://a/${MARK}`,
    `//${MARK}/v2`,
    `${INFER}/../../../../${MARK}`,
    `${INFER}/%2e%2e/${MARK}`,
    `${INFER}%2f..%2f${MARK}`,
    `${INFER}/..;/${MARK}`,
    `${INFER}\\..\\${MARK}`,
    `${INFER}?${MARK}`,
    `${INFER}#${MARK}`,
    `${INFER}%00${MARK}`,
    `${INFER}%0d%0aX:${MARK}`,
    `${INFER}%252e%252e/${MARK}`,
    `${INFER};${MARK}`,
    `/v2/models/digits/infer/${MARK}`,
    `/V2/models/digits/infer${MARK}`,
    `${INFER} HTTP/1.1\r\nX: ${MARK}`,
    `*${MARK}`,
  ].map((path) => ({
    name: `path ${JSON.stringify(path)}`,
    bytes: `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n${clOf('{}')}\r\n{}`,
  })),
  ...[
    'X-HTTP-Method-Override: DELETE',
    `X-Original-URL: /${MARK}`,
    `X-Rewrite-URL: /${MARK}`,
    'Connection: authorization, close',
    `Host: ${MARK}`,
  ].map((header) => ({ name: `header ${header}`, bytes: `${HEAD}${header}\r\n${clOf('{}')}\r\n{}` })),
];
