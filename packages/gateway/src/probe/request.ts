// The text of a request, right or wrong on purpose: nothing here is checked or escaped.

export interface ProbeRequest {
  readonly method: string;
  readonly path: string;
  /** Whole lines, in order, without their ends. */
  readonly headers: readonly string[];
  readonly body?: Uint8Array;
}

/** With a length where there is a body. */
export function requestBytes({ method, path, headers, body }: ProbeRequest): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, ...headers];
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}
