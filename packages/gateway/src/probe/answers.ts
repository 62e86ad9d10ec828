// Reads what a server sent back, as far as it can be told. Whoever answers is not trusted: a missing or broken part gives what
// was readable, and a count of answers that says more than was asked for is just what a probe looks for.

export interface HttpAnswer {
  readonly status: number;
  /** In lower case; of names that come twice the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether its end was seen. */
  readonly whole: boolean;
}

const MOST_ANSWERS = 32;
const STATUS = /^HTTP\/1\.[01] (\d{3})/;
const HEAD_END = Buffer.from('\r\n\r\n');

/** @param closed whether the connection ended, which ends a body without length; interim answers (1xx) are among the rest */
export function answersOf(bytes: Buffer, closed: boolean): readonly HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0 && answers.length < MOST_ANSWERS) {
    const end = rest.indexOf(HEAD_END);
    const head = rest.subarray(0, end < 0 ? rest.length : end).toString('latin1');
    const status = STATUS.exec(head)?.[1];
    if (status === undefined) break;
    const headers = headersOf(head);
    const body = end < 0 ? undefined : bodyAt(rest.subarray(end + 4), Number(status), headers, closed);
    const nothing = Buffer.alloc(0);
    answers.push({
      status: Number(status),
      headers,
      body: body?.bytes ?? nothing,
      whole: body?.length !== undefined,
    });
    if (end < 0 || body?.length === undefined) break;
    rest = rest.subarray(end + 4 + body.length);
  }
  return answers;
}

export function isInterim({ status }: HttpAnswer): boolean {
  return status < 200 && status !== 101;
}

function headersOf(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

interface Body {
  readonly bytes: Buffer;
  /** Bytes that it takes on the wire; undefined while its end is not there. */
  readonly length: number | undefined;
}

function bodyAt(rest: Buffer, status: number, headers: ReadonlyMap<string, string>, closed: boolean): Body {
  if (status < 200 || status === 204 || status === 304) return { bytes: Buffer.alloc(0), length: 0 };
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return chunkedBody(rest);
  const length = headers.get('content-length');
  if (length === undefined) return { bytes: rest, length: closed ? rest.length : undefined };
  const count = Number(length);
  return { bytes: rest.subarray(0, count), length: count <= rest.length ? count : undefined };
}

function chunkedBody(rest: Buffer): Body {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.subarray(at, line < 0 ? at : line).toString('latin1'), 16);
    if (!(size >= 0)) return { bytes: Buffer.concat(parts), length: undefined };
    const from = line + 2;
    if (size === 0) {
      const end = rest.indexOf('\r\n', from);
      return { bytes: Buffer.concat(parts), length: end < 0 ? undefined : end + 2 };
    }
    parts.push(rest.subarray(from, from + size));
    at = from + size + 2;
    if (at > rest.length) return { bytes: Buffer.concat(parts), length: undefined };
  }
}
